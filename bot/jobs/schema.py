"""The tables' version: made at the first start, and brought up to date from an older one."""

import logging
from pathlib import Path

import sqlalchemy as sa

from bot.errors import SetupError
from bot.jobs.tables import metadata, notes, version, write_note

log = logging.getLogger(__name__)

HEAD = "0007"  # the newest of bot/jobs/migrations/versions
_BEFORE_ALEMBIC = "0001"
_LOCK = 0x494E5354  # any number that no other program takes


def prepare(db: sa.Connection) -> None:
    """Make the tables what this code knows; SetupError where a newer one has written them."""
    if db.dialect.name == "postgresql":  # processes that start together wait for each other
        db.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    found = _version(db)
    if found is None:
        _create(db)
    elif found != HEAD:
        _upgrade(db, found)


def _version(db: sa.Connection) -> str | None:
    tables = sa.inspect(db).get_table_names()
    if version.name in tables:  # without a row where Alembic was told to go back to nothing
        found = db.execute(sa.select(version.c.version_num)).scalar_one_or_none()
        if found is not None:
            return str(found)
    if notes.name not in tables:
        return None
    version.create(db, checkfirst=True)
    db.execute(sa.insert(version).values(version_num=_BEFORE_ALEMBIC))
    return _BEFORE_ALEMBIC


def _create(db: sa.Connection) -> None:
    metadata.create_all(db)
    db.execute(sa.insert(version).values(version_num=HEAD))
    write_note(db, "schema", "2")  # the first version knows this note alone, and lets go


def _upgrade(db: sa.Connection, found: str) -> None:
    from alembic import command  # noqa: PLC0415 - it takes longer to load than the rest to run
    from alembic.config import Config  # noqa: PLC0415 - the same
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - the same

    config = Config(attributes={"connection": db})
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found not in known:
        raise SetupError(
            f"The database was written by a newer version of the bot (schema {found}, this one"
            f" knows {HEAD}): start that version again, or set another DATA_DIR or DATABASE_URL."
        )
    command.upgrade(config, HEAD)
    log.info("the tables are brought up to date: schema %s → %s", found, HEAD)
