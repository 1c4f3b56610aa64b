"""Refusals: a sentence of ours with others' values in it, and never one that was put together before."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from bot.errors import BadImage, BotError, Refused

ROOT = Path(__file__).parents[2]
QUOTING = {"Refused", "BadImage", "Unfinished"}


def refusals() -> Iterator[tuple[str, ast.Call]]:
    for part in ("bot", "cogs"):
        for path in sorted((ROOT / part).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            if not any(f"{name}(" in text for name in QUOTING | {"and_so"}):
                continue
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Call) and called(node) in QUOTING | {"and_so"}:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def called(node: ast.Call) -> str:
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


CALLS = dict(refusals())


def words(node: ast.expr) -> list[str]:
    """The parts of a text that is written there, or of constants; no other is one of ours."""
    if isinstance(node, ast.BinOp):
        return words(node.left) + words(node.right)
    if isinstance(node, ast.IfExp):
        return words(node.body) + words(node.orelse)
    if isinstance(node, ast.Name):
        assert node.id.isupper()
        return []
    if isinstance(node, ast.Subscript):  # of a table of ours
        return words(node.value)
    assert isinstance(node, ast.Constant)
    return [str(node.value)]


@pytest.mark.parametrize("place", CALLS)
def test_the_words_of_a_refusal_are_ours_and_each_value_has_its_place(place: str) -> None:
    call = CALLS[place]
    (template,) = call.args
    parsed = (part for text in words(template) for part in Formatter().parse(text))
    named = {name for _, name, _, _ in parsed if name}
    given = {keyword.arg for keyword in call.keywords}
    assert None in given or named == given


def test_such_words_are_found() -> None:
    assert len(CALLS) > 30
    assert {called(call) for call in CALLS.values()} == {*QUOTING, "and_so"}


def test_a_shell_reads_every_value_as_it_is() -> None:
    error = BadImage("{name} has {size:,} of {names} or `{names}`{more: and }.", name="**{a}**", size=2000, names=["_b", "[c]"], more=("d", "e"))  # fmt: skip
    assert error.user_message == "**{a}** has 2,000 of _b, [c] or `_b`, `[c]`d and e."
    assert str(error) == error.user_message
    assert isinstance(error, BotError)


def test_a_sentence_without_values_is_taken_as_it_is() -> None:
    assert Refused("Use {this} in a channel.").user_message == "Use {this} in a channel."


def test_each_value_is_shown_by_whoever_tells_it_and_hears_whether_it_is_code() -> None:
    error = Refused("`a` {x} `{x} {y}` {y}", x="1", y=["2", "3"])
    assert error.told(lambda text, in_code: f"<{text}>" if in_code else text) == (
        "`a` 1 `<1> <2>`, `<3>` 2, 3"
    )
