"""The commands of README.md and docs/setup, taken out of their pages, and which of them are tried."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs" / "setup").glob("*.md")))
_BLOCK = re.compile(r"^ *```(?:sh|powershell)?\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_WITHIN = re.compile(r"`((?:make|pip|docker|sudo|chmod|\.venv/bin/python) [^`]+)`")

# In the order of README.md, in a fresh copy of the folder
TRIED = (
    "make demo",
    "install -m 600 .env.example .env",
    "make check",
    "make run",
    ".venv/bin/python -m bot submit cny-snakeyear --image photo.png --seed 20 --out pictures",
)
_NO_DOCKER = "there is no Docker engine where tests run"
_BY_OTHERS = "other tests run the same"
_TOO_LONG = "minutes to hours; a few cases of it are among the tests"
_INSTALLS = "installs anew what the tests run on; make does the same"
_NEEDS_ROOT = "it would change the machine that tests run on"
_WANTS_A_PERSON = "waits for a person"
_OTHER_SYSTEM = "there is no such system where tests run"
NOT_TRIED = {
    "make test": "these tests are part of it",
    "make fuzz": _TOO_LONG,
    "make chaos": _TOO_LONG,
    ".venv/bin/python -m bot demo --script": _BY_OTHERS,
    "pip install --require-hashes -r requirements.lock": _INSTALLS,
    "make PYTHON=python3.13 check": "another Python may not be there",
    "nano .env": _WANTS_A_PERSON,
    "docker compose run --rm bot check --online": _NO_DOCKER,
    "docker compose up -d": _NO_DOCKER,
    "docker compose up -d --build": _NO_DOCKER,
    "docker compose up -d --force-recreate": _NO_DOCKER,
    "docker compose logs -f bot": _NO_DOCKER,
    "chmod -R a+rX endpoints": _NO_DOCKER,
    "sudo apt-get install make python3-venv": _NEEDS_ROOT,
    "sudo useradd --system --home-dir /opt/instant-studio-bot --shell /usr/sbin/nologin studio-bot": _NEEDS_ROOT,
    "sudo cp -r . /opt/instant-studio-bot": _NEEDS_ROOT,
    "cd /opt/instant-studio-bot": _NEEDS_ROOT,
    "sudo install -m 600 .env.example .env": _NEEDS_ROOT,
    "sudo nano .env": _NEEDS_ROOT,
    "sudo chown -R studio-bot: .": _NEEDS_ROOT,
    "sudo -H -u studio-bot make check": _NEEDS_ROOT,
    "sudo cp docs/setup/studio-bot.service /etc/systemd/system/": _NEEDS_ROOT,
    "sudo systemctl daemon-reload": _NEEDS_ROOT,
    "sudo systemctl enable --now studio-bot": _NEEDS_ROOT,
    "sudo systemctl enable docker": _NEEDS_ROOT,
    "sudo systemctl restart studio-bot": _NEEDS_ROOT,
    "journalctl -u studio-bot -f": _NEEDS_ROOT,
    "xcode-select --install": _OTHER_SYSTEM,
    "brew install python@3.13": _OTHER_SYSTEM,
    "make PYTHON=python3.13 run": _OTHER_SYSTEM,
    "Copy-Item .env.example .env": _OTHER_SYSTEM,
    "notepad .env": _OTHER_SYSTEM,
    "wsl --install -d Ubuntu": _OTHER_SYSTEM,
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
