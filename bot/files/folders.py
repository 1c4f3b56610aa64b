"""Folders that the bot writes to, and files in them that are their owner's alone."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO


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


def new_path(folder: Path) -> Path:
    """An empty file, its owner's alone, in the folder; that is made where it is missing."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=folder, prefix="part-")  # made as 0600
    os.close(number)
    return Path(name)


def new_file(folder: Path) -> BinaryIO:
    """Such a file to write into."""
    return new_path(folder).open("wb")


def discard(file: BinaryIO) -> None:
    """Close the file, and remove it."""
    with suppress(OSError):  # a full disk may refuse what was not written yet
        file.close()
    Path(file.name).unlink(missing_ok=True)
