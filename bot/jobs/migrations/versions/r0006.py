"""What all members have used together is counted, and whose turn at the service was last."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Only add. A row of before gets its columns with its next change."""
    op.add_column("jobs", sa.Column("charged", sa.Boolean))
    op.add_column("jobs", sa.Column("begun_at", sa.BigInteger))
    op.create_index("spent_lately", "spent", ["at"])
