"""Field ids: each is understood or refused, and what follows from it is a name that Discord takes."""

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.endpoints.fields import (
    FieldId,
    infer_kind,
    option_name,
    option_names,
    parse_field_id,
    slug,
)
from bot.jobs.request import FieldKind
from bot.sandbox.discord.rules import check_command
from tests.fuzz.strategies import characters, texts

ids = st.builds("{}_{}".format, texts, st.integers(0)) | st.builds(
    "data[{}#{}][{}]".format, texts, texts | st.integers(0), texts
)


@given(text=ids | texts | st.from_regex(r"[\w-]{1,60}_\d+", alphabet=characters))
def test_any_field_id_is_understood_or_refused(text: str) -> None:
    try:
        parts = parse_field_id(text)
    except ValueError as error:
        assert len(f"{error}") < 1000
        return
    assert parts.input
    assert parts.kind in FieldKind
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", text), "it becomes a part of a header"


@given(found=st.lists(ids | texts, max_size=8, unique=True))
def test_any_ids_give_options_of_different_names(found: list[str]) -> None:
    parts = [FieldId(input=text or "x", title=text, node=text[:9]) for text in found]
    names = option_names(parts, [None] * len(parts))
    assert len(set(names)) == len(names)
    options = [{"type": 3, "name": name, "description": "x"} for name in names]
    check_command({"name": "any", "description": "x", "options": options})


@given(text=texts)
def test_any_input_gives_an_option_that_discord_takes(text: str) -> None:
    assert infer_kind(text) in FieldKind
    option = {"type": 3, "name": option_name(text), "description": "x"}
    check_command({"name": "any", "description": "x", "options": [option]})
    if name := slug(text):
        check_command({"name": name, "description": "x"})
        assert slug(name) == name
