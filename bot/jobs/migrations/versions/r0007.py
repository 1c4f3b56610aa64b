"""What all members have used in a day is summed without a look at the rows."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Only add."""
    op.create_index("jobs_totals", "jobs", ["created_at", "credits", "charged", "status"])
