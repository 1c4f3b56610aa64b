"""What is to be done, as rows: a job and its statuses, and the table that is also the queue.

Knows nothing of how a job is carried on, and of no setting but the database's address.
"""
