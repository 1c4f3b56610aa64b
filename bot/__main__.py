"""`python -m bot`."""

from bot.shell.cli import main

main()
