"""Jobs are counted by status and endpoint without a look at every row."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Only add, so that a process of the version before works on beside this one."""
    op.create_index("jobs_status", "jobs", ["status", "endpoint_id"])
    # The first version looks at this note alone before it starts.
    op.execute("UPDATE notes SET value = '2' WHERE key = 'schema'")
