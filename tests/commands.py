"""The commands of README.md and docs/setup, taken out of their pages, and which of them are tried."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs" / "setup").glob("*.md")))
_BLOCK = re.compile(r"^ *```(?:sh|powershell)?\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_WITHIN = re.compile(r"`((?:make|pip|docker|systemctl|\.venv/bin/python) [^`=]+)`")

# In the order of README.md, in a fresh copy of the folder
TRIED = (
    "make demo",
    "install -m 600 .env.example .env",
    "make check",
    "make run",
    ".venv/bin/python -m bot submit cny-snakeyear --image photo.png --seed 20 --out pictures",
)
_NO_DOCKER = "there is no Docker where tests run; the image is built by hand before a release"
_BY_TESTS = "other tests run the same"
_TOO_LONG = "minutes to hours; a few cases of it are among the tests"
_INSTALLS = "installs anew what the tests run on; make does the same"
NOT_TRIED = {
    "make test": "the test of it is part of it",
    "make fuzz": _TOO_LONG,
    "make chaos": _TOO_LONG,
    ".venv/bin/python -m bot demo --script": _BY_TESTS,
    "docker compose up -d": _NO_DOCKER,
    "pip install --require-hashes -r requirements.lock": _INSTALLS,
    "pip install --no-deps --no-build-isolation .": _INSTALLS,
}


def commands_of(page: str) -> list[str]:
    """What a page tells to type: the lines of its code blocks, and commands within its sentences."""
    lines = [line for block in _BLOCK.findall(page) for line in block.splitlines()]
    typed = [re.sub(r"(^|\s)#.*", "", line).strip() for line in lines]
    within = [" ".join(text.split()) for text in _WITHIN.findall(_BLOCK.sub("", page))]
    return [command for command in typed + within if command]


def commands() -> dict[str, list[str]]:
    """The commands of each page."""
    return {page.name: commands_of(page.read_text(encoding="utf-8")) for page in PAGES}
