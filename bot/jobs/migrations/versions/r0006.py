"""Who asked for a job may cancel it, whoever holds its row."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Only add: processes of the version before write rows without it."""
    cancelled = sa.Column("cancelled", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("jobs", cancelled)
