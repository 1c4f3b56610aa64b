"""Pictures and other files: kept by their hash, looked at, made to fit, and fetched from outside.

Knows nothing of who asked for them, or what becomes of them.
"""
