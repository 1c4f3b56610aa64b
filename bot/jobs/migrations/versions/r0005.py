"""Whose turn it is, and which files go with a row, are seen without its document."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Only add. A row of before gets its columns with its next change, and its files by and by."""
    op.add_column("jobs", sa.Column("kind", sa.String(16)))
    op.add_column("jobs", sa.Column("channel_id", sa.BigInteger))
    op.add_column("jobs", sa.Column("host", sa.String(255)))
    op.create_index("jobs_created", "jobs", ["created_at"])
    op.create_table(
        "files",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column(
            "job_id",
            sa.String(32),
            sa.ForeignKey("jobs.id", ondelete="CASCADE"),
            primary_key=True,
            index=True,
        ),
    )
    op.execute("INSERT INTO notes (key, value) VALUES ('files are named', '')")
