"""File names that are safe anywhere: in a form, on a disk, in Discord. Pure."""

import re

MAX_NAME = 80

# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def safe_name(text: str, fallback: str = "image") -> str:
    """The text as ASCII letters, digits, `_`, `-` and single dots, without a dot in front.

    Where nothing of it but an ending is left, the fallback stands before that; and before a name
    that Windows takes for a device.
    """
    stem, ending = _split(text)
    name = _cleaned(stem)
    if _RESERVED.match(name):
        name = f"{fallback}-{name}"
    return (name[: MAX_NAME - len(ending)].rstrip("._-") or fallback) + ending


def picture_name(text: str, extension: str) -> str:
    """A picture's safe name, with the ending of what it really is in place of its own."""
    stem, _ending = _split(text)
    return safe_name(f"{stem}.{extension}")


def output_name(
    command: str, endpoint_id: str, seed: str | None, number: int, extension: str
) -> str:
    """A result's file name: endpoint, seed and number; an id says the endpoint in any script."""
    stem = safe_name(command if command.isascii() else endpoint_id, fallback="result")
    middle = f"-seed{safe_name(seed)}" if seed else ""
    return f"{stem}{middle}-{number}.{extension}"


def _split(text: str) -> tuple[str, str]:
    """The name, and its ending with the dot where it has one."""
    found = re.fullmatch(r"(.*)(\.[A-Za-z0-9]{1,5})", text, re.DOTALL)
    return (found[1], found[2]) if found else (text, "")


def _cleaned(text: str) -> str:
    name = re.sub(r"[^A-Za-z0-9_.-]+", "_", text)
    return re.sub(r"\.{2,}", ".", name).strip("._-")
