"""The pictures of README.md and docs/, which `make pictures` takes."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PICTURE = re.compile(r"""[("]([\w/-]+\.(?:png|gif|webp))[)"]""")
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
