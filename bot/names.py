"""File names that are safe anywhere: in a form, on a disk, in Discord. Pure."""

import re

MAX_NAME = 80


def safe_name(text: str, fallback: str = "image") -> str:
    """The text as ASCII letters, digits, `_`, `-` and single dots, without a dot in front."""
    name = re.sub(r"[^A-Za-z0-9_.-]+", "_", text)
    name = re.sub(r"\.{2,}", ".", name).strip("._-")
    if len(name) > MAX_NAME:
        stem, dot, ending = name.rpartition(".")
        ending = dot + ending if dot and len(ending) <= 5 else ""
        name = (stem or name)[: MAX_NAME - len(ending)] + ending
    return name or fallback


def output_name(command: str, seed: str | None, number: int, extension: str) -> str:
    """A result's file name: endpoint, seed and number."""
    stem = safe_name(command, fallback="result")
    middle = f"-seed{safe_name(seed)}" if seed else ""
    return f"{stem}{middle}-{number}.{extension}"
