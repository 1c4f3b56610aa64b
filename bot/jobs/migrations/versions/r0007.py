"""The owner adds endpoints in Discord, and hides those of files."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Only add."""
    op.create_table(
        "added_endpoints",
        sa.Column("command", sa.String(100), primary_key=True),
        sa.Column("document", sa.Text),
    )
