"""The owner adds endpoints in Discord; what was asked lately, and who waits, is seen by indexes."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Only add."""
    lately = ["created_at", "credits", "charged", "status", "user_id", "begun_at"]
    op.create_index("jobs_lately", "jobs", lately)
    in_line, line = sa.text("kind = 'turn'"), ["created_at", "id", "user_id", "due_at", "kind"]
    op.create_index("jobs_line", "jobs", line, sqlite_where=in_line, postgresql_where=in_line)
    op.create_table(
        "added_endpoints",
        sa.Column("command", sa.String(100), primary_key=True),
        sa.Column("document", sa.Text),
    )
