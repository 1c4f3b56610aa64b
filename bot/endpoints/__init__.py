"""What can be asked for: documents, their fields, the options of a command, and what was given.

Knows nothing of jobs' lives, of the service, or of Discord's library: an option is data here.
"""
