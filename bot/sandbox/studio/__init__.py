"""The local Instant Studio: its jobs, its troubles, and its routes.

Knows nothing of the bot: it writes the service's contract down a second time.
"""
