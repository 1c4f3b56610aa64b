"""A picture of curves, as SVG: two axes that go by powers of ten, lines, and single points."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from pathlib import Path

WIDTH, HEIGHT, MARGIN, BELOW = 460, 340, 52, 70
COLOURS = ("#3b6fb6", "#d1495b", "#2e8b57", "#8d6cab", "#c98a1b", "#4f9da6", "#777777", "#222222")


@dataclass(frozen=True)
class Line:
    """Points that belong together; one alone is a dot."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Panel:
    """Lines over the same two axes."""

    title: str
    across: str
    up: str
    lines: Sequence[Line]


def draw(path: Path, panels: Sequence[Panel]) -> None:
    """Write the panels beside each other."""
    parts = [
        f'<g transform="translate({number * WIDTH},0)">{"".join(_panel(panel))}</g>'
        for number, panel in enumerate(panels)
    ]
    width, height = WIDTH * len(panels), HEIGHT + BELOW
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" font-family="sans-serif" font-size="11" fill="#222222">'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>{"".join(parts)}</svg>\n'
    )
    path.write_text(svg, encoding="utf-8")


def _panel(panel: Panel) -> Iterator[str]:
    xs = _powers([x for line in panel.lines for x, _ in line.points])
    ys = _powers([y for line in panel.lines for _, y in line.points])
    yield f'<text x="{WIDTH / 2}" y="20" text-anchor="middle" font-size="13">{escape(panel.title)}</text>'
    for power in range(xs[0], xs[1] + 1):
        x = _across(10.0**power, xs)
        yield f'<path d="M{x:.1f} {MARGIN}V{HEIGHT - MARGIN}" stroke="#dddddd"/>'
        yield f'<text x="{x:.1f}" y="{HEIGHT - MARGIN + 15}" text-anchor="middle">{10.0**power:g}</text>'
    for power in range(ys[0], ys[1] + 1):
        y = _up(10.0**power, ys)
        yield f'<path d="M{MARGIN} {y:.1f}H{WIDTH - MARGIN / 2}" stroke="#dddddd"/>'
        yield f'<text x="{MARGIN - 6}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g}</text>'
    yield f'<text x="{WIDTH / 2}" y="{HEIGHT - 18}" text-anchor="middle">{escape(panel.across)}</text>'
    middle = HEIGHT / 2
    yield f'<text x="14" y="{middle}" text-anchor="middle" transform="rotate(-90 14 {middle})">{escape(panel.up)}</text>'
    for number, line in enumerate(panel.lines):
        yield from _line(line, number, [(_across(x, xs), _up(y, ys)) for x, y in line.points])


def _line(line: Line, number: int, points: Sequence[tuple[float, float]]) -> Iterator[str]:
    colour = COLOURS[number % len(COLOURS)]
    if len(points) > 1:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for x, y in points:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>'
    x, y = MARGIN + (number % 3) * 138, HEIGHT + 8 + (number // 3) * 18
    yield f'<circle cx="{x}" cy="{y - 4}" r="4" fill="{colour}"/>'
    yield f'<text x="{x + 9}" y="{y}">{escape(line.name)}</text>'


def _powers(values: Sequence[float]) -> tuple[int, int]:
    return floor(log10(min(values))), ceil(log10(max(values)))


def _across(x: float, powers: tuple[int, int]) -> float:
    part = (log10(x) - powers[0]) / (powers[1] - powers[0])
    return MARGIN + part * (WIDTH - 1.5 * MARGIN)


def _up(y: float, powers: tuple[int, int]) -> float:
    part = (log10(y) - powers[0]) / (powers[1] - powers[0])
    return HEIGHT - MARGIN - part * (HEIGHT - 2 * MARGIN)
