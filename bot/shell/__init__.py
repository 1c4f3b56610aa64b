"""`python -m bot …`: the command line, what `check` finds, and one job without Discord.

Knows everything, and nothing knows it.
"""
