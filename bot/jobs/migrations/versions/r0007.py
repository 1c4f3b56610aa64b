"""Use is counted by server, limits are kept, and the owner adds endpoints in Discord and hides some."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Only add. A row of before gets its server with its next change."""
    op.add_column("jobs", sa.Column("guild_id", sa.BigInteger))
    op.create_index("jobs_server", "jobs", ["guild_id", "created_at"])
    op.add_column("spent", sa.Column("guild_id", sa.BigInteger))
    op.create_table(
        "bylaws",
        sa.Column("kind", sa.String(32), primary_key=True),
        sa.Column("server", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("subject", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "added_endpoints",
        sa.Column("command", sa.String(100), primary_key=True),
        sa.Column("document", sa.Text),
    )
