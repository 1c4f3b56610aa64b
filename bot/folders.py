"""Folders that the bot writes to, and files in them that are their owner's alone."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def fault_of(folder: Path) -> str | None:
    """Why nothing can be written into the folder, or None; it is made where it is missing."""
    try:
        missing = [each for each in folder.parents if not each.exists()]
        for each in (*reversed(missing), folder):  # mkdir gives its mode to the last one alone
            each.mkdir(mode=0o700, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        return error.strerror or type(error).__name__


@contextmanager
def new_file(folder: Path) -> Iterator[Path]:
    """An empty file of mode 0600 in the folder; removed where it was not moved away. OSError."""
    number, name = tempfile.mkstemp(prefix=".part-", dir=folder)
    os.close(number)
    path = Path(name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
