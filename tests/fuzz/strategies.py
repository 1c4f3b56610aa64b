"""What comes from outside, made up: any JSON, texts, and near misses of what is right."""

import json
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

Json = Any

# What a JSON encoder would not write, put in place of a string of its name.
_WRITTEN = {
    '"<digits>"': "9" * 5000,
    '"<nested>"': "[" * 100_000 + "]" * 100_000,
    '"<deep>"': '{"a":' * 900 + "1" + "}" * 900,
    '"<large>"': "1e999",
    '"<half>"': '"\\ud83d"',
    '"<nul>"': '"\\u0000"',
    '"<twice>"': '{"name": "a", "name": 2}',
}

# Every character, lone surrogates included: which of them UTF-8 leaves out takes seconds to see.
characters = st.characters(exclude_categories=())
texts = st.text(characters, max_size=40)
_ODD_TEXTS = (
    "",
    " ",
    "\x00",
    "\ud83d",
    "a\r\nb",
    "x" * 3000,
    "🐍",
    f"<@{10**17}> @everyone [a](b)",
    "../..",
)
odd_texts = st.sampled_from(_ODD_TEXTS) | texts
_NUMBERS = (0, -1, 1.5, 2**31, 2**53, 2**64, 10**400, float("nan"), float("inf"), -1e308)
numbers = st.sampled_from(_NUMBERS) | st.integers() | st.floats()
scalars = st.none() | st.booleans() | numbers | odd_texts
json_values: st.SearchStrategy[Json] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(odd_texts, inner, max_size=3),
    max_leaves=6,
)
_written = st.sampled_from([name.strip('"') for name in _WRITTEN])


@st.composite
def near(draw: st.DrawFn, right: Json, *also: Json) -> Json:
    """The right value with one to three of its parts changed, left out, or put elsewhere.

    `also` are parts that are worth a try anywhere.
    """
    known = st.sampled_from([*also, *_parts(right)]).map(deepcopy)
    parts = known | json_values | _written
    value = deepcopy(right)
    for _change in range(draw(st.integers(1, 3))):
        value = _changed(draw, value, parts)
    return value


def _changed(draw: st.DrawFn, value: Json, parts: st.SearchStrategy[Json]) -> Json:
    if not isinstance(value, dict | list) or not value or draw(st.integers(0, 9)) == 0:
        return draw(parts)
    key = draw(st.sampled_from(list(value) if isinstance(value, dict) else range(len(value))))
    if draw(st.integers(0, 5)) == 0:
        del value[key]
    else:
        value[key] = _changed(draw, value[key], parts)
    return value


def _parts(value: Json) -> list[Json]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *(part for each in inner for part in _parts(each))]


def written(value: Json) -> bytes:
    """The value as a file or a body has it; half a character is written as an escape."""
    text = json.dumps(value)
    for name, raw in _WRITTEN.items():
        text = text.replace(name, raw)
    return text.encode()


@st.composite
def cut(draw: st.DrawFn, whole: Sequence[bytes]) -> bytes:
    """One of these with a slice of it left out, doubled, or replaced."""
    data = draw(st.sampled_from(whole))
    start = draw(st.integers(0, len(data)))
    end = draw(st.integers(start, min(len(data), start + 64)))
    middle = draw(st.sampled_from([b"", data[start:end] * 2]) | st.binary(max_size=16))
    return data[:start] + middle + data[end:]


def bodies(*right: Json, parts: Sequence[Json] = ()) -> st.SearchStrategy[bytes]:
    """Bytes where JSON is expected: near misses, any JSON, broken JSON, anything."""
    near_misses = st.one_of([near(each, *right, *parts) for each in right])
    return (
        near_misses.map(written)
        | json_values.map(written)
        | cut([written(each) for each in right])
        | st.binary(max_size=100)
    )
