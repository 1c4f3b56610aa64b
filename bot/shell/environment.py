"""What is odd about the environment and `.env`: who can read that, and names that are no settings."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path

from bot.faults import nearest
from bot.settings import Settings

_NAMES = [name.upper() for name in Settings.model_fields]
_NAME = re.compile(r"[A-Za-z][A-Za-z_0-9]{0,60}")
_OF_OTHERS = re.compile(r"AWS_.*|.*_PROXY")  # of the environment, as other programs read it


def is_open(folder: Path) -> bool:
    """Whether others on this machine can read the folder's `.env`, or change it."""
    try:
        return bool((folder / ".env").stat().st_mode & 0o077)
    except OSError:
        return False  # there is none, or reading it says why not


def misspelt(environ: Mapping[str, str], written: Collection[str]) -> list[str]:
    """A sentence for each such variable, with the setting that it is nearest to.

    Of what is written in `.env` each is told that is no setting; of the rest what is nearly one.
    """
    odd = [name for name in sorted({*environ, *written}) if name.upper() not in _NAMES]
    return [sentence for name in odd if (sentence := _told(name, is_written=name in written))]


def _told(name: str, *, is_written: bool) -> str | None:
    meant = nearest(name, _NAMES, likeness=0.6 if is_written else 0.85)
    if not is_written and (_OF_OTHERS.fullmatch(name.upper()) or not meant):
        return None
    if not meant and not (_NAME.fullmatch(name) and name.isupper()):
        return None  # perhaps a secret that has lost its name
    where = ".env: " if is_written else ""
    return f"{where}{name} is no setting, and is left alone" + (
        f"; did you mean {meant}?" if meant else ""
    )
