"""How long the jobs of each endpoint took is remembered."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Only add."""
    op.create_table(
        "durations",
        sa.Column("endpoint_id", sa.Text, primary_key=True),
        sa.Column("known", sa.Text, nullable=False),
    )
