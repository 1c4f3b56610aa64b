from typing import Any

import pytest

from bot.endpoints.again import again, current, request_for
from bot.endpoints.catalogue import Endpoint
from bot.endpoints.values import values_of
from bot.errors import Refused
from bot.jobs.request import FieldKind, Input, Request, Stored
from tests.endpoints import make_endpoint, make_field

PICTURE = make_field("image", FieldKind.IMAGE, required=True)
SEED = make_field("seed", FieldKind.SEED, min=0.0, max=9.0)
TEXT = make_field("text", FieldKind.STRING)
STEPS = make_field("steps", FieldKind.INTEGER)
PAINT = make_endpoint("Paint", PICTURE, SEED, TEXT, STEPS, credits=1.0)
PHOTO = Input(
    field_id="image_1",
    name="image",
    filename="me.png",
    url="https://cdn.example/me.png",
    stored=Stored(key="a" * 64, size_bytes=3, media_type="image/png"),
)


def asked(endpoint: Endpoint = PAINT, **given: Any) -> Request:
    return request_for(endpoint, values_of(endpoint, given, lowest), (PHOTO,))


def lowest(low: int, _high: int) -> int:
    return low


def highest(_low: int, high: int) -> int:
    return high


def posted(request: Request) -> dict[str, str]:
    return {value.name: value.text for value in request.values}


def test_everything_is_kept_but_the_seed_which_is_drawn_anew() -> None:
    request = again(PAINT, asked(text="a red fox", steps=20, image=PHOTO, seed=3), highest)
    assert posted(request) == {"seed": "9", "text": "a red fox", "steps": "20"}
    assert request.inputs == (PHOTO,)


def test_seeds_are_drawn_from_the_bounds_of_now() -> None:
    tight = make_endpoint("Paint", PICTURE, make_field("seed", FieldKind.SEED, min=5.0, max=6.0))
    request = asked(image=PHOTO)
    assert again(tight, request, lowest).seed == "5"
    assert again(tight, request, highest).seed == "6"


def test_it_costs_what_it_costs_now_and_bears_the_name_of_now() -> None:
    dearer = make_endpoint("Paint", *PAINT.fields, credits=10.0, group="art", nsfw=True)
    request = again(dearer, asked(image=PHOTO), lowest)
    assert (request.credits, request.group) == (10.0, "art")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ((PICTURE, SEED), "Paint takes other things now: use /paint."),
        ((SEED, TEXT, STEPS), "Paint takes other things now: use /paint."),
        (
            (PICTURE, SEED, make_field("text", FieldKind.IMAGE), STEPS),
            "Paint takes other things now: use /paint.",
        ),
        (
            (make_field("image", FieldKind.STRING), SEED, TEXT, STEPS),
            "Paint takes other things now: use /paint.",
        ),
        (
            (*PAINT.fields, make_field("mask", FieldKind.IMAGE, required=True)),
            "Paint needs mask now: use /paint.",
        ),
        (
            (PICTURE, SEED, TEXT, make_field("steps", FieldKind.INTEGER, max=10.0)),
            "steps has to be at most 10, not 20.",
        ),
        (
            (PICTURE, SEED, make_field("text", FieldKind.STRING, choices=("a cat",)), STEPS),
            "text has to be one of: a cat.",
        ),
    ],
    ids=[
        "a text gone",
        "the picture gone",
        "a text is a picture now",
        "a picture is a text now",
        "one more picture",
        "a bound",
        "choices",
    ],
)
def test_what_no_longer_fits_is_refused(fields: tuple[Any, ...], sentence: str) -> None:
    request = asked(text="a red fox", steps=20, image=PHOTO)
    with pytest.raises(Refused) as refusal:
        again(make_endpoint("Paint", *fields), request, lowest)
    assert refusal.value.user_message == sentence


def test_the_endpoint_is_found_by_its_id_and_of_several_by_the_command() -> None:
    other = make_endpoint("Other", PICTURE)
    renamed = make_endpoint("Draw", *PAINT.fields, id="Paint")
    twin = make_endpoint("Sketch", *PAINT.fields, id="Paint")
    request = asked(image=PHOTO)
    assert current([other, PAINT], request) is PAINT
    assert current([other, renamed], request) is renamed
    assert current([twin, PAINT], request) is PAINT


@pytest.mark.parametrize(
    "offered",
    [
        [],
        [make_endpoint("Other", PICTURE)],
        [
            make_endpoint("Draw", *PAINT.fields, id="Paint"),
            make_endpoint("Sketch", *PAINT.fields, id="Paint"),
        ],
    ],
    ids=["nothing", "another", "nobody knows which"],
)
def test_what_is_no_longer_offered_is_refused(offered: list[Endpoint]) -> None:
    with pytest.raises(Refused, match="Paint is no longer offered here"):
        current(offered, asked(image=PHOTO))
