"""The pages of the manual: their pictures, which `make pictures` takes, their links, and the unit."""

import re
from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PICTURE = re.compile(r"""[("]([\w/-]+\.(?:png|gif|webp))[)"]""")
LINK = re.compile(r"\]\(([^)\s#]*)(?:#([^)\s]+))?\)")
MOST_BYTES = 2 * 2**20


def test_the_manual_shows_each_of_its_pictures_and_no_other() -> None:
    pages = [ROOT / "README.md", *DOCS.glob("*.md")]
    shown = {
        page.parent / name
        for page in pages
        for name in PICTURE.findall(page.read_text(encoding="utf-8"))
    }
    kept = {path for ending in ("png", "gif", "webp") for path in DOCS.rglob(f"*.{ending}")}
    assert shown == kept
    assert sum(path.stat().st_size for path in kept) < MOST_BYTES


def anchors(page: Path) -> set[str]:
    """What can be linked to in a page, as GitHub names its headings."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def test_each_link_within_the_manual_leads_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
    links = [(page, *link) for page in pages for link in LINK.findall(page.read_text("utf-8"))]
    own = [(page, path, anchor) for page, path, anchor in links if "://" not in path]
    assert [
        f"{p.name}: {path}" for p, path, _ in own if path and not (p.parent / path).exists()
    ] == []
    assert [
        f"{page.name}: {path}#{anchor}"
        for page, path, anchor in own
        if anchor and anchor not in anchors((page.parent / path) if path else page)
    ] == []


def test_the_unit_waits_as_compose_does_and_ends_for_good_where_the_set_up_is_wrong() -> None:
    unit = ConfigParser(interpolation=None)
    unit.read(DOCS / "setup" / "studio-bot.service")
    service = unit["Service"]
    folder = service["WorkingDirectory"]
    assert service["ExecStart"] == f"{folder}/.venv/bin/python -m bot"
    assert folder in (DOCS / "setup" / "service.md").read_text(encoding="utf-8")
    assert service["RestartPreventExitStatus"] == "2"
    compose = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    assert f"stop_grace_period: {service['TimeoutStopSec']}s" in compose


def test_each_line_of_what_an_owner_does_when_something_is_wrong_leads_further() -> None:
    _, _, table = (DOCS / "owner.md").read_text(encoding="utf-8").partition("## What to do when …")
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 10
    assert [row for row in rows if not LINK.search(row)] == []
