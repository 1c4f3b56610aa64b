"""docs/performance.md: the goals and what was measured, written by whoever measures.

Each part keeps its raw results as JSON in docs/performance/, so that one can be measured alone.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
PARTS = DOCS / "performance"
PAGE = DOCS / "performance.md"
COLUMNS = (
    "asked",
    "mean delay, s",
    "95th of 100, s",
    "requests a job",
    "beside the optimum’s delay",
)


@dataclass(frozen=True)
class Goal:
    """What was aimed at, as the most that it may be, and what was found: its mean, and its spread."""

    what: str
    found: float
    most: float
    spread: tuple[float, float] | None = None

    @property
    def is_met(self) -> bool:
        return self.found <= self.most

    @property
    def row(self) -> list[str]:
        spread = f" ({self.spread[0]:.2f}–{self.spread[1]:.2f})" if self.spread else ""
        verdict = "met" if self.is_met else "**not met**"
        return [self.what, f"≤ {self.most:g}", f"{self.found:.2f}{spread}", verdict]


@dataclass(frozen=True)
class Part:
    """What one script has measured; `remarks` say what stands in the way of a goal."""

    name: str
    title: str
    goals: Sequence[Goal]
    tables: Mapping[str, Sequence[Sequence[str]]] = field(default_factory=dict)
    picture: str | None = None
    remarks: Sequence[str] = ()


def note(part: Part) -> None:
    """Print every goal, keep the results, and write the page anew."""
    for goal in part.goals:
        print("  ".join(each.replace("*", "") for each in goal.row), flush=True)
    PARTS.mkdir(exist_ok=True)
    text = json.dumps(asdict(part), ensure_ascii=False, indent=1)
    (PARTS / f"{part.name}.json").write_text(text + "\n", encoding="utf-8")
    PAGE.write_text("\n".join(_page()), encoding="utf-8")


def _page() -> Iterator[str]:
    yield "# Performance\n"
    yield "Written by `make bench`, number by number; where there are several rounds, their mean and in"
    yield "brackets the lowest and the highest. Raw results: [performance/](performance/).\n"
    for path in sorted(PARTS.glob("*.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        goals = [Goal(**each) for each in found.pop("goals")]
        yield from _part(Part(goals=goals, **found))


def _part(part: Part) -> Iterator[str]:
    yield f"## {part.title}\n"
    yield from _table(("goal", "at most", "measured", ""), [each.row for each in part.goals])
    for remark in part.remarks:
        yield f"{remark}\n"
    if part.picture:
        yield f"![{part.title}]({part.picture})\n"
    for name, rows in part.tables.items():
        yield f"### {name[:1].upper()}{name[1:]}\n"
        yield from _table(COLUMNS, rows)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |"
    yield ""
