"""`python -m bot`."""

from bot.shell.cli import command

command()
