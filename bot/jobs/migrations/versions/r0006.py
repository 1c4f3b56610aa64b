"""Jobs can be cancelled; all use, whose turn it was, drafts, and how long jobs took are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Only add. A row of before gets its columns with its next change, or needs them not."""
    cancelled = sa.Column("cancelled", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("jobs", cancelled)
    op.add_column("jobs", sa.Column("charged", sa.Boolean))
    op.add_column("jobs", sa.Column("begun_at", sa.BigInteger))
    op.create_index("spent_lately", "spent", ["at"])
    op.create_table(
        "drafts",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("user_id", sa.BigInteger, index=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_index("drafts_created", "drafts", ["created_at"])
    op.create_table(
        "durations",
        sa.Column("endpoint_id", sa.Text, primary_key=True),
        sa.Column("known", sa.Text, nullable=False),
    )
    op.create_table(
        "house_rules",
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("subject", sa.BigInteger, primary_key=True, autoincrement=False),
    )
    op.create_table(
        "ledger",
        sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("endpoint_id", sa.Text, primary_key=True),
        sa.Column("jobs", sa.Integer, nullable=False),
        sa.Column("credits", sa.Float, nullable=False),
    )
