"""What is written in chat: each part of it reaches the service as it was written, or nothing does."""

import re
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.endpoints.catalogue import Endpoint
from bot.endpoints.values import parse_text, values_of
from bot.endpoints.words import is_polite
from bot.errors import Refused
from bot.jobs.request import FieldKind
from tests.endpoints import make_endpoint, make_field

IMAGE = make_field("image", FieldKind.IMAGE, required=True)
SEED = make_field("seed", FieldKind.SEED, min=0, max=2**53 - 1)
WIDTH = make_field("width", FieldKind.INTEGER, min=1, max=4096)
CFG = make_field("cfg", FieldKind.NUMBER)
HD = make_field("hd", FieldKind.BOOLEAN)
STYLE = make_field("style", FieldKind.STRING, choices=("anime", "oil painting"))
NEGATIVE = make_field("negative-prompt", FieldKind.STRING)
TEXT = make_field("text", FieldKind.STRING, required=True)

PORTRAIT = make_endpoint("Portrait", IMAGE, STYLE, NEGATIVE, TEXT, WIDTH, CFG, HD, SEED)
SNAKE = make_endpoint("Snake", IMAGE, SEED, HD)
TINT = make_endpoint("Tint", IMAGE, STYLE)
BOTH = (PORTRAIT, SNAKE)
AT_ONCE_S = 2.0  # of this thread's own time, for what takes a few milliseconds


@pytest.mark.parametrize(
    "prompt",
    [
        "On a lawn children play.\nOn the other lawn adults play golf.",
        "score_9\nBREAK\n\n1girl,   hat",
        'A blackboard that says "Hello World."',
        "(masterpiece:1.2), [hat:cap:0.5], <lora:add_detail:0.8>, (text:1.2)",
        "a wooden sign with text hello on a wall",
        "a wooden sign with text hello",
        "text on a wall",
        "a bag of bird seed on a table",
        "a bag of bird seed",
        "a bag of bird seed, cut open",
        "a road of great width at dusk",
        "a road of great width",
        "a road of width and style",
        "a photo of hd quality",
        "seed 5 in a hand",
        "image: a cat",
        "a cat, please",
        "<@77> and <:fox:123456789012345678> by the sea",
        "新年快乐，一只猫\n在雪地里",
    ],
)
def test_a_prompt_arrives_as_it_was_written(prompt: str) -> None:
    for name in ("portrait ", "Portrait\n", "portrait, "):
        assert parse_text(BOTH, name + prompt).given == {"text": prompt}
    assert parse_text([PORTRAIT], prompt).given == {"text": prompt}


@pytest.mark.parametrize(
    ("written", "given"),
    [
        ("text: a sign, with text hello seed 5", {"text": "a sign, with text hello", "seed": "5"}),
        ("a fox seed 5", {"text": "a fox", "seed": "5"}),
        ("a fox\nseed 5 width 512 hd yes", {"text": "a fox", "seed": "5", "width": "512", "hd": "yes"}),
        ("a fox seed random", {"text": "a fox", "seed": "random"}),
        ("a fox seed -1", {"text": "a fox", "seed": "-1"}),
        ("a fox cfg 7.5", {"text": "a fox", "cfg": "7.5"}),
        ("a fox style anime", {"text": "a fox", "style": "anime"}),
        ("a fox style oil painting.", {"text": "a fox", "style": "oil painting"}),
        ("a fox\nstyle oil painting seed 5", {"text": "a fox", "style": "oil painting", "seed": "5"}),
        ("style=anime, a fox", {"style": "anime", "text": "a fox"}),
        ("seed=5 a fox", {"seed": "5", "text": "a fox"}),
        ("Seed: 5, width = 512, a fox", {"seed": "5", "width": "512", "text": "a fox"}),
        ("a fox\nseed=5\nin the snow", {"text": "a fox\nin the snow", "seed": "5"}),
        ("a fox seed=5\nwidth=512 in the snow", {"text": "a fox\nin the snow", "seed": "5", "width": "512"}),
        ("a fox, show: only me, in the snow", {"text": "a fox, in the snow", "show": "only me"}),
        ("一只猫，show：everyone，在雪地", {"text": "一只猫， 在雪地", "show": "everyone"}),
        ("a fox\nshow: only me\nin the snow", {"text": "a fox\nin the snow", "show": "only me"}),
        ("a fox seed=5 in the snow", {"text": "a fox in the snow", "seed": "5"}),
        ("一只猫 seed：5", {"text": "一只猫", "seed": "5"}),
        ("seed：5，width：512，一只猫，在雪地", {"seed": "5", "width": "512", "text": "一只猫，在雪地"}),
        ("一只猫，style：anime。", {"text": "一只猫，", "style": "anime"}),
        ("一只猫 seed 5。", {"text": "一只猫", "seed": "5"}),
        ("text: a fox negative prompt: snow,\nrain style: oil painting", {"text": "a fox", "negative-prompt": "snow,\nrain", "style": "oil painting"}),
        ("style=oil painting a fox", {"style": "oil painting", "text": "a fox"}),
        ("a fox negative-prompt=snow", {"text": "a fox", "negative-prompt": "snow"}),
        ("text hello", {"text": "hello"}),
        ("seed 20", {"seed": "20"}),
    ],
)  # fmt: skip
def test_an_option_is_named_with_a_sign_or_at_the_very_end(
    written: str, given: dict[str, str]
) -> None:
    assert parse_text(BOTH, f"portrait {written}").given == given


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("portrait a sign with text: hello", "Portrait takes one text, and here are two: “a sign with” and “hello”. Write it in one, as `portrait text: a red fox style: anime`."),
        ("portrait text: a fox seed=5 in the snow", "Portrait takes one text, and here are two: “in the snow” and “a fox”. Write it in one, as `portrait text: a red fox style: anime`."),
        ("portrait seed=5 a fox seed: 6", "seed is there twice. Write it once, as `portrait text: a red fox style: anime`."),
        ("portrait a fox seed:", "seed is there without a value. Write it as `portrait text: a red fox seed: 20`."),
        ("snake in oil", "Snake has no option for “in oil”. It has: `seed`, `hd`. Write it as `snake seed: 20`."),
        ("snake seed 5 in oil", "Snake has no option for “seed 5 in oil”. It has: `seed`, `hd`. Write it as `snake seed: 20`."),
        ("snake seed=5 in oil", "Snake has no option for “in oil”. It has: `seed`, `hd`. Write it as `snake seed: 20`."),
        ("snake seed", "seed is there without a value. Write it as `snake seed: 20`."),
    ],
)  # fmt: skip
def test_what_has_no_place_refuses_the_whole_with_an_example(written: str, sentence: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_text(BOTH, written)
    assert caught.value.user_message == sentence
    if example := re.search(r"as `(.*)`\.$", sentence):
        assert parse_text(BOTH, example[1]).given


@pytest.mark.parametrize(
    "written",
    [
        "snake please",
        "please snake",
        "Please, snake 🙏",
        "snake, thank you!",
        "snake <@77> please",
        "snake 谢谢",
        "snake, s'il vous plaît",
        "пожалуйста, snake",
        "snake 부탁합니다",
        "snake من فضلك",
        "snake कृपया",
    ],
)
def test_politeness_is_no_option_where_nothing_else_could_be_meant(written: str) -> None:
    for text, wanted in ((written, {}), (f"{written} seed=5", {"seed": "5"})):
        parsed = parse_text(BOTH, text)
        assert (parsed.endpoint, parsed.given) == (SNAKE, wanted)
    assert parse_text([SNAKE], written).given == {}
    tinted = parse_text([TINT], written.lower().replace("snake", "tint"))
    assert (tinted.endpoint, tinted.given) == (TINT, {})


def test_a_choice_of_several_words_is_named_at_the_very_end_too() -> None:
    for written in ("tint style oil painting", "tint oil painting", "tint style: oil painting"):
        assert parse_text([TINT], written).given == {"style": "oil painting"}


def test_politeness_is_left_out_beside_a_named_prompt_alone() -> None:
    named = parse_text(BOTH, "portrait text: a fox seed=5 please")
    assert named.given == {"text": "a fox", "seed": "5"}
    assert parse_text(BOTH, "portrait seed=5 thank you").given == {"seed": "5", "text": "thank you"}


def test_the_prompt_is_no_text_that_says_what_is_not_wanted() -> None:
    unwanted = make_field("text", FieldKind.STRING, id="data[Negative#7][text]", required=True)
    fox = make_endpoint("Fox", NEGATIVE, unwanted, make_field("text_g", FieldKind.STRING))
    assert parse_text([fox], "fox a fox text: snow").given == {"text_g": "a fox", "text": "snow"}


NAMES = [field.name for field in PORTRAIT.fields if field is not IMAGE]
WORDS = st.sampled_from(
    [*NAMES, "a", "fox", "5", "yes", "anime", "(text:1.2)", "please", "snake", "\n"]
)
SIGNED = st.builds(
    "{}{}{}".format, st.sampled_from(NAMES), st.sampled_from(["=", ": ", "："]), WORDS
)
MESSAGES = st.lists(WORDS | SIGNED | st.text(max_size=9), max_size=9).map(" ".join)
NAMED = re.compile(
    rf"(?i)(?<![^\s，。；！？、])({'|'.join(NAMES)})[^\S\n]*[=:：]".replace("-", "[-_ ]", 1)
)


def words_of(text: str) -> tuple[str, ...]:
    return tuple(w.rstrip(",;.!?") or w for w in re.split(r"[\s，。；！？、]+", text) if w)


@cache
def is_made_of(words: tuple[str, ...], *parts: tuple[str, ...]) -> bool:
    """Whether the words are those of all parts, each in its order, and courtesies."""
    if not words:
        return not any(parts)
    return any(
        is_made_of(words[1:], *parts[:at], part[1:], *parts[at + 1 :])
        for at, part in enumerate(parts)
        if part[:1] == words[:1]
    ) or (is_polite(words[0]) and is_made_of(words[1:], *parts))


@given(message=MESSAGES)
@example(message="text: a fox please")
@example(message="a fox seed=5 in the snow width 512 hd yes")
def test_whatever_is_written_reaches_the_service_in_order_or_nothing_is_sent(message: str) -> None:
    try:
        parsed = parse_text([PORTRAIT], f"portrait {message}")
        values = values_of(parsed.endpoint, {"text": "-", **parsed.given}, lambda low, _high: low)
    except Refused:
        return
    for value in values:
        if value.kind is FieldKind.STRING and value.name in parsed.given:
            assert value.text == parsed.given[value.name]
    sent = {name: words_of(f"{value}") for name, value in parsed.given.items()}
    written = words_of(NAMED.sub(lambda found: f" {found[1].lower()} ", message))
    options = [(name, *words) for name, words in sent.items() if name != "text"]
    prompt = sent.get("text", ())
    assert any(is_made_of(written, text, *options) for text in (prompt, ("text", *prompt)))
    if not NAMED.search(message):
        assert str(parsed.given.get("text", "")) in message, "with its line breaks"


@pytest.mark.parametrize("part", [". ", "> ", "please ", "``` ", "seed ", "seed: 1 ", "_"])
@pytest.mark.parametrize("endpoints", [(TINT,), BOTH], ids=["one", "several"])
def test_whatever_is_written_is_understood_or_refused_at_once(
    endpoints: Sequence[Endpoint], part: str
) -> None:
    text = (part * 4000)[:4000]
    began = time.thread_time()
    with suppress(Refused):
        parse_text(endpoints, text)
    assert time.thread_time() - began < AT_ONCE_S
