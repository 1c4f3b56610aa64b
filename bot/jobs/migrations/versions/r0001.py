"""The tables of the first version, which made them without Alembic."""

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Nothing: they are there."""
