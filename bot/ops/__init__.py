"""The bot as it is seen from outside: how it is, what is measured, and who may ask.

Nothing of the bot depends on it.
"""
