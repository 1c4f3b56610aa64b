from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given as given_by
from hypothesis import strategies as st

from bot.endpoints.catalogue import Endpoint
from bot.endpoints.values import example_of, parse_text, values_of
from bot.errors import Refused
from bot.jobs.request import MAX_SEED, FieldKind
from tests.endpoints import make_endpoint, make_field
from tests.fuzz.strategies import characters

IMAGE = make_field("image", FieldKind.IMAGE, required=True)
SEED = make_field("seed", FieldKind.SEED, min=0, max=MAX_SEED)
TEXT = make_field("text", FieldKind.STRING)
STEPS = make_field("steps", FieldKind.INTEGER, min=1, max=50, default=20)
CFG = make_field("cfg", FieldKind.NUMBER, min=1)
DEPTH = make_field("depth", FieldKind.INTEGER, max=9)
HD = make_field("hd", FieldKind.BOOLEAN)
STYLE = make_field("style", FieldKind.STRING, choices=("anime", "photo"), default="photo")


PAINT = make_endpoint("Paint", IMAGE, SEED, TEXT, STEPS, CFG, DEPTH, HD, STYLE)
SNAKE = make_endpoint("CNY-SnakeYear", IMAGE, SEED)
HORSE = make_endpoint("CNY-HorseYear", IMAGE, SEED)
DUO = make_endpoint("Portrait Duo", IMAGE, SEED, TEXT, command="portrait-duo", group="photo")


def texts(found: Endpoint, given: dict[str, object]) -> dict[str, str]:
    return {value.field_id: value.text for value in values_of(found, given, lambda _low, _high: 77)}


def test_what_is_left_out_is_drawn_defaulted_or_not_posted() -> None:
    assert texts(PAINT, {}) == {"seed_1": "77", "steps_1": "20", "style_1": "photo"}


def test_a_whole_number_is_posted_without_a_point() -> None:
    blur = make_field("blur", FieldKind.NUMBER, default=1.0, choices=(0.5, 1.0, 6.0))
    grow = make_endpoint("Grow", blur, make_field("by", FieldKind.NUMBER))
    assert texts(grow, {"by": "6.0"}) == {"blur_1": "1.0", "by_1": "6"}
    assert texts(grow, {"blur": 6.0, "by": 0.25}) == {"blur_1": "6.0", "by_1": "0.25"}


@pytest.mark.parametrize("given", [{}, {"ink": "dark "}, {"ink": "dark"}])
def test_a_choice_is_posted_with_the_spaces_at_its_ends(given: dict[str, object]) -> None:
    ink = make_field("ink", FieldKind.STRING, choices=("light", "dark "), default="dark ")
    assert texts(make_endpoint("Paint", ink), given) == {"ink_1": "dark "}
    both = make_field("ink", FieldKind.STRING, choices=("dark ", "dark"), default="dark")
    assert texts(make_endpoint("Paint", both), {"ink": "dark"}) == {"ink_1": "dark"}


def test_what_is_given_is_posted_as_text() -> None:
    given: dict[str, object] = {
        "seed": 20, "text": " a snake ", "steps": 5, "cfg": 7.5, "depth": 9, "hd": True, "style": "anime",
    }  # fmt: skip
    assert texts(PAINT, given) == {
        "seed_1": "20",
        "text_1": "a snake",
        "steps_1": "5",
        "cfg_1": "7.5",
        "depth_1": "9",
        "hd_1": "true",
        "style_1": "anime",
    }


def test_a_seed_may_have_a_default_of_its_own() -> None:
    fixed = make_endpoint("Fixed", make_field("seed", FieldKind.SEED, default=5))
    assert texts(fixed, {}) == {"seed_1": "5"}


@pytest.mark.parametrize(
    ("changes", "lowest", "highest"),
    [
        ({}, "0", "4294967295"),
        ({"min": 0.0, "max": float(MAX_SEED)}, "0", "4294967295"),
        ({"max": float(MAX_SEED), "draw_max": float(MAX_SEED)}, "0", str(MAX_SEED)),
        ({"min": 2.0**40, "max": 2.0**41}, str(2**40), str(2**41)),
        ({"min": 0.0, "max": 4294967295.0}, "0", "4294967295"),
        ({"min": -5.0, "max": -1.0}, "-5", "-1"),
        ({"min": 0.0, "max": 9.0, "choices": (7, 3)}, "7", "3"),
    ],
)
def test_a_seed_is_drawn_from_its_own_bounds_or_choices(
    changes: dict[str, Any], lowest: str, highest: str
) -> None:
    drawing = make_endpoint("Drawing", make_field("seed", FieldKind.SEED, **changes))
    (low,) = values_of(drawing, {}, lambda low, _high: low)
    (high,) = values_of(drawing, {}, lambda _low, high: high)
    assert (low.text, high.text) == (lowest, highest)


@pytest.mark.parametrize("word", ["random", " Random ", "-1"])
def test_a_seed_in_words_may_be_any(word: str) -> None:
    assert texts(SNAKE, {"seed": word}) == {"seed_1": "77"}


def test_a_seed_is_taken_up_to_what_discord_takes() -> None:
    for seed in ("4294967296", str(MAX_SEED)):
        assert texts(SNAKE, {"seed": seed}) == {"seed_1": seed}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"size": 1}, "Paint has no option size. It has: cfg, depth, hd, image, seed, steps, style, text."),
        ({"seed": "x"}, "seed has to be a whole number, not “x”."),
        ({"seed": -1}, f"seed has to be 0 to {MAX_SEED}, not -1."),
        ({"seed": 2**53}, f"seed has to be 0 to {MAX_SEED}, not {2**53}."),
        ({"steps": "51"}, "steps has to be 1 to 50, not 51."),
        ({"cfg": "much"}, "cfg has to be a number, not “much”."),
        ({"cfg": "inf"}, "cfg has to be at least 1, not inf."),
        ({"cfg": "nan"}, "cfg has to be at least 1, not nan."),
        ({"depth": 10}, "depth has to be at most 9, not 10."),
        ({"hd": "maybe"}, "hd has to be yes or no, not “maybe”."),
        ({"style": "oil"}, "style has to be one of: anime, photo."),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_what_is_expected(
    given: dict[str, object], sentence: str
) -> None:
    with pytest.raises(Refused) as caught:
        values_of(PAINT, given, lambda _low, _high: 1)
    assert caught.value.user_message == sentence


def test_a_required_value_that_is_missing_is_named() -> None:
    needy = make_endpoint("Paint", make_field("text", FieldKind.STRING, required=True))
    with pytest.raises(Refused, match="Paint needs text"):
        values_of(needy, {"text": ""}, lambda _low, _high: 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("snake seed 20", (SNAKE, {"seed": "20"})),
        ("Snake seed=20", (SNAKE, {"seed": "20"})),
        ("/cny-snakeyear seed: 20", (SNAKE, {"seed": "20"})),
        ("CNY-SnakeYear", (SNAKE, {})),
        ("paint a red snake", (PAINT, {"text": "a red snake"})),
        ("paint text: a red snake steps 5", (PAINT, {"text": "a red snake", "steps": "5"})),
        ("paint steps 5 in oil", (PAINT, {"text": "steps 5 in oil"})),
        ("cny snake seed 20", (SNAKE, {"seed": "20"})),
        ("Portrait Duo seed 3", (DUO, {"seed": "3"})),
        ("portrait duo: a cat", (DUO, {"text": "a cat"})),
        ("photo portrait-duo seed 3", (DUO, {"seed": "3"})),
        ("portrait seed 3", (DUO, {"seed": "3"})),
        ("duo seed 3", (DUO, {"seed": "3"})),
        ("portrait a red cat", (DUO, {"text": "portrait a red cat"})),
        ("portrait – a red cat", (DUO, {"text": "portrait – a red cat"})),
        ("portrait: a red cat", (DUO, {"text": "a red cat"})),
    ],
)
def test_a_message_is_read_as_an_endpoint_and_its_options(
    text: str, expected: tuple[Endpoint, dict[str, str]]
) -> None:
    parsed = parse_text([PAINT, SNAKE, HORSE, DUO], text)
    assert (parsed.endpoint, parsed.given) == expected


@pytest.mark.parametrize(
    ("name", "text", "given"),
    [
        ("CNY-SnakeYear", "seed 20", {"seed": "20"}),
        ("CNY-SnakeYear", "a cat", {"text": "a cat"}),
        ("CNY-SnakeYear", "as an ink drawing", {"text": "as an ink drawing"}),
        ("CNY-SnakeYear", "snake in oil", {"text": "snake in oil"}),
        ("CNY-SnakeYear", "cny snake year, in oil", {"text": "in oil"}),
        ("CNY-SnakeYear", "horse", {"text": "horse"}),
        ("CNY-SnakeYear", "🐍 cny-snakeyear seed 3", {"seed": "3"}),
        ("CNY-SnakeYear", "snake, in oil", {"text": "in oil"}),
        ("CNY-SnakeYear", "snake\nin oil", {"text": "in oil"}),
        ("CNY-SnakeYear", "snake seed=3 in oil", {"text": "snake in oil", "seed": "3"}),
        ("CNY-SnakeYear", "snake text: in oil", {"text": "in oil"}),
        ("Portrait", "port city at dusk", {"text": "port city at dusk"}),
        ("हिन्दी शैली", "हिन्दी चित्र", {"text": "हिन्दी चित्र"}),
        ("Cat Art", "cat: a red one", {"text": "a red one"}),
        ("A Cat", "a dog", {"text": "a dog"}),
        ("SeedVR2", "seed 20", {"seed": "20"}),
        ("SeedVR2", "seedvr2 seed 20", {"seed": "20"}),
        ("Seed", "seed 20", {"seed": "20"}),
        ("Text to Image", "text a cat", {"text": "text a cat"}),
        ("Text to Image", "text to image a cat", {"text": "a cat"}),
        ("新年快乐", "新年 一只猫", {"text": "新年 一只猫"}),
        ("新年快乐", "年 一只猫", {"text": "年 一只猫"}),
    ],
)
def test_with_one_endpoint_only_what_surely_names_it_is_taken_off(
    name: str, text: str, given: dict[str, str]
) -> None:
    only = make_endpoint(name, IMAGE, SEED, TEXT)
    parsed = parse_text([only], text)
    assert (parsed.endpoint, parsed.given) == (only, given)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Say which one to run: `paint`, `cny-snakeyear`, `cny-horseyear`."),
        ("…,", "Say which one to run: `paint`, `cny-snakeyear`, `cny-horseyear`."),
        (",", "Say which one to run: `paint`, `cny-snakeyear`, `cny-horseyear`."),
        ("dragon", "Say which one to run: `paint`, `cny-snakeyear`, `cny-horseyear`."),
        ("a cat", "Say which one to run: `paint`, `cny-snakeyear`, `cny-horseyear`."),
        ("seed 20", "Say which one to run: `paint`, `cny-snakeyear`, `cny-horseyear`."),
        ("cny", "Which one is meant: `cny-snakeyear`, `cny-horseyear`?"),
        (
            "snake in oil",
            (
                "CNY-SnakeYear has no option for “in oil”. It has: `seed`."
                " Write it as `cny-snakeyear seed: 20`."
            ),
        ),
        (
            "snake seed",
            "seed is there without a value. Write it as `cny-snakeyear seed: 20`.",
        ),
    ],
)
def test_where_it_is_not_clear_what_is_meant_one_sentence_lists_it(
    text: str, sentence: str
) -> None:
    with pytest.raises(Refused) as caught:
        parse_text([PAINT, SNAKE, HORSE], text)
    assert caught.value.user_message == sentence


def test_the_word_of_an_option_is_no_part_of_a_name() -> None:
    upscaler = make_endpoint("SeedVR2", IMAGE, SEED)
    with pytest.raises(Refused) as caught:
        parse_text([upscaler, SNAKE], "seed 20")
    assert caught.value.user_message == "Say which one to run: `seedvr2`, `cny-snakeyear`."


def test_an_endpoint_without_options_says_how_it_is_written() -> None:
    with pytest.raises(Refused) as caught:
        parse_text([make_endpoint("Paint", IMAGE)], "hello")
    assert caught.value.user_message == "Paint has no option for “hello”. Write it as `paint`."


@pytest.mark.parametrize("name", [None, "seed", "text", "hd", "cfg", "style"])
@pytest.mark.parametrize("needed", [(), ("steps",), ("text", "hd", "style")])
def test_an_example_runs_as_it_is_copied_and_has_the_option_that_it_is_about(
    name: str | None, needed: tuple[str, ...]
) -> None:
    fields = (replace(each, required=each.name in needed) for each in PAINT.fields)
    endpoint = make_endpoint("Paint", *fields, group="art")
    parsed = parse_text([endpoint, SNAKE], example_of(endpoint, name))
    assert parsed.endpoint is endpoint
    assert {*needed, name} - {None} <= parsed.given.keys()
    assert texts(endpoint, parsed.given)


@given_by(st.text(characters))
def test_any_message_is_understood_or_refused(text: str) -> None:
    with suppress(Refused):
        parsed = parse_text([PAINT, SNAKE], text)
        values_of(parsed.endpoint, parsed.given, lambda _low, _high: 1)
