"""Discord and Instant Studio on loopback, so that the bot runs without any account.

Nothing here imports the bot (but `run.py`, which starts both): the two protocols are written down
a second time, as JSON, so that a mistake of the bot is not mirrored.
"""
