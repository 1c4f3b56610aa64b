"""The arrows between modules, as docs/architecture.md draws them."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(p.relative_to(ROOT) for part in ("bot", "cogs") for p in (ROOT / part).rglob("*.py"))
MAY_USE_DISCORD = {
    "bot.app",
    "bot.asking",
    "bot.checking",
    "bot.client",
    "bot.gateway",
    "bot.messenger",
    "bot.render",
    "bot.slash",
}

# Each ring may import its own modules and those of the rings before it.
RINGS = (
    {
        "bot.answers",
        "bot.documents",
        "bot.errors",
        "bot.events",
        "bot.faults",
        "bot.folders",
        "bot.gateway",
        "bot.heartbeat",
        "bot.migrations",
        "bot.names",
        "bot.outside",
        "bot.polling",
        "bot.postgresql",
        "bot.recent",
        "bot.sandbox",
    },
    {"bot.jobs", "bot.observer"},
    {
        "bot.archive",
        "bot.engines",
        "bot.fields",
        "bot.images",
        "bot.settings",
        "bot.studio",
        "bot.tables",
    },
    {
        "bot.options",
        "bot.bucket",
        "bot.database",
        "bot.schema",
        "bot.logs",
        "bot.render",
        "bot.usage",
    },
    {"bot.archives", "bot.endpoints", "bot.store", "bot.messenger", "bot.intake"},
    {"bot.choice", "bot.values"},
    {"bot.held", "bot.service", "bot.slash", "bot.asking", "bot.pruning"},
    {"bot.client", "bot.delivery", "bot.downloads", "bot.presence"},
    {"bot.steps"},
    {"bot.worker"},
    {"bot.vitals"},
    {"bot.metrics", "bot.monitor"},
    {"bot.app", "bot.health"},
    {"bot.checking", "bot.submitting"},
    {"bot.cli"},
    {"bot.__main__", "bot", "cogs"},
)


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: imports are absolute"
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def ring(module: str) -> int | None:
    """The ring of a module of ours, or None for what is none."""
    for number, names in enumerate(RINGS):
        if module in names:
            return number
    if module.startswith(("bot.sandbox", "bot.migrations")):
        return 0
    return len(RINGS) - 1 if module.startswith("cogs") else None


def module_of(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", FILES, ids=str)
def test_arrows_point_inward(path: Path) -> None:
    module = module_of(path)
    own = ring(module)
    assert own is not None, f"{module} stands in no ring"
    if module in {"bot.cli", "bot.sandbox.run"}:
        return
    rings = {name: ring(name) for name in imports(path) if name != "bot"}
    assert [name for name, other in rings.items() if other is not None and other > own] == []


@pytest.mark.parametrize("path", FILES, ids=str)
def test_the_core_knows_nothing_of_discord(path: Path) -> None:
    module = module_of(path)
    uses = any(name.partition(".")[0] == "discord" for name in imports(path))
    assert not uses or module in MAY_USE_DISCORD or module.startswith("cogs")


@pytest.mark.parametrize(
    "path", [p for p in FILES if "sandbox" in p.parts and p.name != "run.py"], ids=str
)
def test_the_sandbox_writes_the_protocols_down_a_second_time(path: Path) -> None:
    ours = {name for name in imports(path) if name.startswith(("bot.", "cogs"))}
    assert {name for name in ours if not name.startswith("bot.sandbox")} == set()


def test_the_bot_itself_needs_no_sandbox() -> None:
    users = {
        module_of(path)
        for path in FILES
        if "sandbox" not in path.parts and any(n.startswith("bot.sandbox") for n in imports(path))
    }
    assert users == {"bot.cli"}  # which imports it where the demo begins


def test_the_bot_never_imports_its_cogs() -> None:
    assert not [
        path
        for path in FILES
        if path.parts[0] == "bot" and any(name.startswith("cogs") for name in imports(path))
    ]
