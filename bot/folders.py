"""Folders that the bot writes to."""

import tempfile
from pathlib import Path


def fault_of(folder: Path) -> str | None:
    """Why nothing can be written into the folder, or None; it is made where it is missing."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        return error.strerror or type(error).__name__
