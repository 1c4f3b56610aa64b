"""All that knows discord.py, but for the cogs: the client, its events as ours, and every message.

Knows rows and endpoints as they are; when a message changes is decided elsewhere.
"""
