"""What members write: in chat, in options, in file names. It is understood, or refused in a sentence."""

import asyncio
import re
from typing import Any, cast

from hypothesis import example, given
from hypothesis import strategies as st

from bot.discord.customs import meaning_of
from bot.discord.origins import same_emoji, unaddressed
from bot.discord.presses import Press
from bot.discord.render import error as sentence_of
from bot.discord.render import plain
from bot.endpoints.values import parse_text, values_of
from bot.errors import Refused
from bot.files.names import MAX_NAME, output_name, picture_name, safe_name
from bot.jobs.request import FieldKind
from bot.sandbox.discord.rules import check_message
from cogs.buttons import JobButton
from tests.endpoints import make_endpoint, make_field
from tests.fuzz.strategies import characters, odd_texts, scalars, texts

CHOICES = tuple(f"{n}" * 99 for n in range(10))
PAINT = make_endpoint(
    "Paint",
    make_field("image", FieldKind.IMAGE),
    make_field("seed", FieldKind.SEED, min=0, max=2**53 - 1),
    make_field("steps", FieldKind.INTEGER),
    make_field("size", FieldKind.INTEGER, min=1.0, max=50.0),
    make_field("cfg", FieldKind.NUMBER),
    make_field("depth", FieldKind.NUMBER, max=9.0),
    make_field("hd", FieldKind.BOOLEAN),
    make_field("style", FieldKind.STRING, choices=CHOICES * 3),
    make_field("text", FieldKind.STRING),
)
SNAKE = make_endpoint("CNY-SnakeYear 新年", make_field("seed", FieldKind.SEED), command="cny")
OPTIONS = st.sampled_from([field.name for field in PAINT.fields])

words = st.sampled_from(
    [
        "paint",
        "cny",
        "snake",
        "新年",
        "1",
        "0",
        "nan",
        "-inf",
        "1e400",
        "9" * 1900,
        "1_0",
        "٣",
        "yes",
    ]
)
options = st.builds("{}{}{}".format, OPTIONS, st.sampled_from([" ", "=", ": "]), words | texts)
messages = st.lists(options | words | odd_texts, max_size=5).map(" ".join)


def check_told(error: Refused) -> None:
    sentence = sentence_of(error, "5")
    assert sentence.strip()
    check_message({"content": f"<@{10**19}> {sentence}"}, [], limit_bytes=1)


@given(text=messages, alone=st.booleans())
@example(text="paint steps " + "9" * 400, alone=False)
@example(text="paint cfg nan", alone=False)
@example(text="paint style oil", alone=False)
def test_any_message_is_understood_or_refused_in_a_sentence(text: str, alone: bool) -> None:  # noqa: FBT001 - drawn
    try:
        parsed = parse_text([PAINT] if alone else [PAINT, SNAKE], unaddressed(text, 77))
        values = values_of(parsed.endpoint, parsed.given, lambda low, _high: low)
    except Refused as error:
        check_told(error)
    else:
        assert all(value.text for value in values)


@given(given_values=st.dictionaries(OPTIONS | texts, scalars, max_size=4))
def test_any_values_of_options_are_taken_or_refused(given_values: dict[str, object]) -> None:
    try:
        values = values_of(PAINT, given_values, lambda low, _high: low)
    except Refused as error:
        check_told(error)
    else:
        assert all(isinstance(value.text, str) for value in values)


@given(
    text=texts | st.from_regex(r"[\w .]*\.\w{1,6}", alphabet=characters),
    ending=st.sampled_from(["png", "jpg"]),
)
def test_any_name_of_a_file_is_made_safe(text: str, ending: str) -> None:
    for name in (
        safe_name(text),
        picture_name(text, ending),
        output_name(text, text, text, 1, ending),
    ):
        assert name.isascii()
        assert name.isprintable()
        assert not set(name) & set('/\\:*?"<>| ')
        assert not name.startswith(".")
    assert len(safe_name(text)) <= MAX_NAME


@given(text=odd_texts, limit=st.integers(1, 300))
def test_any_text_of_others_is_one_short_line_that_pings_nobody(text: str, limit: int) -> None:
    shown = plain(text, limit)
    assert len(shown) <= limit
    assert len(shown.splitlines()) <= 1
    assert not re.search(r"@everyone|@here|<@[!&]?\d{17,20}>", shown)


@given(one=odd_texts, other=odd_texts)
def test_any_emoji_is_the_same_as_itself(one: str, other: str) -> None:
    assert same_emoji(one, one)
    assert same_emoji(one, other) == same_emoji(other, one)


CUSTOM_IDS = "(run-again|cancel|more|originals|delete|delete-for-good):[0-9a-f]{31,33}(:done)?\n?"


@given(
    text=texts
    | st.from_regex(CUSTOM_IDS, alphabet=characters, fullmatch=True)
    | st.text("run-again:0f")
)
def test_any_custom_id_is_a_jobs_button_or_nobodys(text: str) -> None:
    found, press = JobButton.__discord_ui_compiled_template__.fullmatch(text), meaning_of(text)
    assert bool(found) is isinstance(press, Press)
    if found and isinstance(press, Press):
        assert press.custom_id == text
        assert press.job_id in text
        pressed = asyncio.run(JobButton.from_custom_id(cast("Any", None), cast("Any", None), found))
        assert pressed.item.custom_id == text
