"""What a member has begun to ask for is kept for a day; who asked may cancel, whoever holds the row."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Only add: processes of the version before write rows without it."""
    cancelled = sa.Column("cancelled", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("jobs", cancelled)
    op.create_table(
        "drafts",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_index("drafts_created", "drafts", ["created_at"])
