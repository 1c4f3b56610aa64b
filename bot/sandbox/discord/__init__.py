"""The local Discord: what is there, what a member does, and the protocol that a bot speaks.

Knows nothing of the bot: it writes the protocol down a second time, as JSON literals.
"""
