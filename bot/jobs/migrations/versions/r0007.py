"""Use is counted by server, limits are kept, endpoints are added in Discord, and indexes see more."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Only add. A row of before gets its server with its next change."""
    op.add_column("jobs", sa.Column("guild_id", sa.BigInteger))
    there = ["guild_id", "created_at", "credits", "charged", "status", "user_id"]
    op.create_index("jobs_server", "jobs", there)
    op.add_column("spent", sa.Column("guild_id", sa.BigInteger))
    op.create_table(
        "bylaws",
        sa.Column("kind", sa.String(32), primary_key=True),
        sa.Column("server", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("subject", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("value", sa.Text, nullable=False),
    )
    lately = ["created_at", "credits", "charged", "status", "user_id", "begun_at"]
    op.create_index("jobs_lately", "jobs", lately)
    in_line, line = sa.text("kind = 'turn'"), ["created_at", "id", "user_id", "due_at", "kind"]
    op.create_index("jobs_line", "jobs", line, sqlite_where=in_line, postgresql_where=in_line)
    op.create_table(
        "added_endpoints",
        sa.Column("command", sa.String(100), primary_key=True),
        sa.Column("document", sa.Text),
    )
