"""A job is found by the id that the service gave it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Only add. A row of before gets its id with its next change."""
    op.add_column("jobs", sa.Column("studio_id", sa.String(100)))
    op.create_index("jobs_studio", "jobs", ["studio_id"])
