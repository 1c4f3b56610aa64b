"""The one way to the service: submit, status, download, and what each answer means.

Knows nothing of rows, members or Discord.
"""
