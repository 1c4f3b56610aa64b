"""What a member has spent is remembered for a day, though its job is forgotten sooner."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Only add. Microseconds since 1970, as all times of these tables."""
    op.create_table(
        "spent",
        sa.Column("job_id", sa.String(32), primary_key=True),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("credits", sa.Float, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Index("spent_member", "user_id", "at"),
    )
