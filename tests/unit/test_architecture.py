"""The arrows between rooms, as docs/architecture.md lists them."""

import ast
import re
import tomllib
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(p.relative_to(ROOT) for part in ("bot", "cogs") for p in (ROOT / part).rglob("*.py"))

# From the top down: each may import those below it, none above, none beside.
ROOMS = (
    {"shell"},
    {"app"},
    {"cogs"},
    {"ops"},
    {"work"},
    {"discord"},
    {"service"},
    {"gate"},
    {"studio"},
    {"files"},
    {"endpoints"},
    {"settings"},
    {"jobs"},
    {"errors", "logs", "faults"},
    {"reasons"},
)
STARTS_THE_REST = "bot.__main__"
KNOW_DISCORD = {"shell", "app", "cogs", "discord"}


def module_of(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path): path for path in FILES}


@cache
def imports(module: str) -> frozenset[str]:
    """What a module imports: ours by their own names, of others whatever is written there."""
    found: set[str] = set()
    path = MODULES[module]
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: imports are absolute"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            ours = names & MODULES.keys()
            found |= ours or {node.module or ""}
    return frozenset(found)


def room_of(module: str) -> str:
    first, _, rest = module.partition(".")
    return rest.partition(".")[0] if first == "bot" else first


def level(module: str) -> int | None:
    """How far down a module's room is, or None for what is none of them."""
    names = enumerate(ROOMS)
    return next((number for number, rooms in names if room_of(module) in rooms), None)


def outside_the_sandbox() -> list[str]:
    return [m for m in MODULES if room_of(m) not in {"", "sandbox"} and m != STARTS_THE_REST]


def test_a_room_imports_those_below_it_alone() -> None:
    for module in outside_the_sandbox():
        own = level(module)
        assert own is not None, f"{module} stands in no room"
        others = {
            name: level(name)
            for name in imports(module) & MODULES.keys()
            if room_of(name) not in {room_of(module), "sandbox"}
        }
        assert [name for name, at in others.items() if at is None or at <= own] == [], module


def test_no_two_modules_import_each_other_by_any_way_round() -> None:
    graph = {module: imports(module) & MODULES.keys() for module in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_few_rooms_know_discord() -> None:
    uses = {
        room_of(module)
        for module in outside_the_sandbox()
        if any(name.partition(".")[0] == "discord" for name in imports(module))
    }
    assert uses <= KNOW_DISCORD


def test_the_sandbox_writes_the_protocols_down_a_second_time() -> None:
    ours = {
        module: {n for n in imports(module) & MODULES.keys() if not n.startswith("bot.sandbox")}
        for module in MODULES
        if module.startswith("bot.sandbox") and module != "bot.sandbox.run"
    }
    assert {module for module, names in ours.items() if names} == set()


def test_the_bot_itself_needs_no_sandbox() -> None:
    users = {
        module
        for module in MODULES
        if not module.startswith("bot.sandbox")
        and any(name.startswith("bot.sandbox") for name in imports(module))
    }
    assert users == {"bot.shell.cli"}  # which imports it where the demo begins


def test_the_bot_never_imports_its_cogs() -> None:
    assert not [
        module
        for module in MODULES
        if module.startswith("bot") and any(n.startswith("cogs") for n in imports(module))
    ]


def tree_of(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def test_a_rooms_own_file_says_what_it_owns_and_holds_nothing_else() -> None:
    rooms = {path: tree_of(path) for path in FILES if path.name == "__init__.py"}
    assert [path for path, tree in rooms.items() if not ast.get_docstring(tree)] == []
    assert [path for path, tree in rooms.items() if len(tree.body) != 1] == []


def test_no_file_needs_a_map_and_no_function_a_screen() -> None:
    for path in FILES:
        tree = tree_of(path)
        assert (ROOT / path).read_text(encoding="utf-8").count("\n") <= 300, path
        assert [
            node.name
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and (node.end_lineno or 0) - node.lineno + 1 > 40
        ] == [], path


def rows_of_the_manual() -> dict[str, str]:
    manual = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = manual.partition("## Rooms")[2].partition("##")[0]
    return dict(re.findall(r"^\| `(.*?)` \|(.*)\|$", rooms, re.MULTILINE))


def test_the_manual_lists_the_rooms_in_the_same_order() -> None:
    assert [set(row.split("`, `")) for row in rows_of_the_manual()] == [set(r) for r in ROOMS]


def test_the_manual_names_each_file_in_its_room() -> None:
    named = {room: set(re.findall(r"`(\w+)", row)) for room, row in rows_of_the_manual().items()}
    there: dict[str, set[str]] = {}
    for path in FILES:
        if len(path.parts) == 3 and path.stem != "__init__":
            there.setdefault(path.parts[1], set()).add(path.stem)
    del there["sandbox"]
    assert {room: files - named[room] for room, files in there.items() if files - named[room]} == {}


def test_no_folder_of_tests_is_a_package() -> None:
    # One named `discord` would be imported in the library's place.
    assert not list((ROOT / "tests").rglob("__init__.py"))
    options = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "--import-mode=importlib" in options["tool"]["pytest"]["ini_options"]["addopts"]
