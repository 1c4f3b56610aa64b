from dataclasses import replace

import pytest

from bot.endpoints.again import request_for
from bot.endpoints.changes import Filled, before_of, changed, using
from bot.endpoints.remakes import (
    Again,
    Change,
    Use,
    left_alone,
    named,
    picture_of,
    sign,
    taking,
    usable,
)
from bot.endpoints.values import values_of
from bot.errors import Refused
from bot.jobs.job import Job, Output
from bot.jobs.request import MAX_TYPED, FieldKind, Input, Request, Stored
from tests.endpoints import make_endpoint, make_field
from tests.jobs import make_job

PICTURE = make_field("image", FieldKind.IMAGE, required=True)
MASK = make_field("mask", FieldKind.IMAGE)
TEXT = make_field("text", FieldKind.STRING, required=True)
STYLE = make_field("style", FieldKind.STRING, choices=("ink", "oil"), default="ink")
STEPS = make_field("steps", FieldKind.INTEGER, min=1.0, max=50.0)
SEED = make_field("seed", FieldKind.SEED, min=0.0, max=9.0)
PAINT = make_endpoint("Paint", PICTURE, MASK, TEXT, STYLE, STEPS, SEED)
KEPT = Stored(key="a" * 64, size_bytes=3, media_type="image/png")
PHOTO = Input(field_id="image_1", name="image", filename="me.png", url="", stored=KEPT)
OTHER = replace(PHOTO, filename="you.png", url="https://cdn.example/you.png", stored=None)
GIVEN = {"text": "a fox", "steps": 20, "seed": 3, "image": PHOTO}


def highest(_low: int, high: int) -> int:
    return high


ASKED = request_for(PAINT, values_of(PAINT, GIVEN, highest), (PHOTO,))


def made(filled: Filled, asked: Request = ASKED) -> Request:
    return changed(PAINT, before_of(PAINT, asked), filled, highest)


def texts(request: Request) -> dict[str, str]:
    return {value.name: value.text for value in request.values}


@pytest.mark.parametrize(
    ("filled", "differs"),
    [
        ({}, {}),
        ({"text": "a fox", "steps": "20", "seed": "3", "style": "ink"}, {}),
        ({"text": "a crow"}, {"text": "a crow"}),
        ({"style": "oil", "steps": "1"}, {"style": "oil", "steps": "1"}),
        ({"steps": ""}, {"steps": None}),
        ({"seed": ""}, {"seed": "9"}),
        ({"seed": "random"}, {"seed": "9"}),
        ({"text": None}, {}),
        ({"unknown": "x"}, {}),
    ],
)
def test_what_was_filled_in_is_changed_and_named_and_all_else_stays(
    filled: Filled, differs: dict[str, str | None]
) -> None:
    request = made(filled)
    wanted = {"text": "a fox", "style": "ink", "steps": "20", "seed": "3"} | differs
    assert texts(request) == {name: text for name, text in wanted.items() if text is not None}
    assert request.changed == tuple(name for name in wanted if name in differs)
    assert request.inputs == (PHOTO,)


def test_a_picture_stays_where_no_other_is_given() -> None:
    assert made({"image": None}).inputs == (PHOTO,)
    assert made({"image": OTHER}).inputs == (OTHER,)
    assert made({"image": OTHER}).changed == ("image",)
    assert made({"mask": OTHER}).inputs == (PHOTO, replace(OTHER, field_id="mask_1", name="mask"))


def test_a_text_that_no_form_shows_stays_where_the_form_has_none() -> None:
    long = request_for(
        PAINT, values_of(PAINT, GIVEN | {"text": "a" * (MAX_TYPED + 1)}, highest), (PHOTO,)
    )
    assert len(texts(made({"text": ""}, long))["text"]) == MAX_TYPED + 1
    assert texts(made({"text": "short"}, long))["text"] == "short"


@pytest.mark.parametrize(
    ("filled", "sentence"),
    [
        ({"text": ""}, "Paint needs text."),
        ({"steps": "many"}, "steps has to be a whole number, not “many”."),
        ({"steps": "51"}, "steps has to be 1 to 50, not 51."),
        ({"style": "wax"}, "style has to be one of: ink, oil."),
    ],
)
def test_what_is_wrong_is_refused_by_its_name(filled: Filled, sentence: str) -> None:
    with pytest.raises(Refused) as error:
        made(filled)
    assert error.value.user_message == sentence


def test_a_picture_that_was_never_kept_has_to_be_given_anew() -> None:
    lost = replace(ASKED, inputs=(OTHER,))
    with pytest.raises(Refused, match="Paint needs image"):
        made({}, lost)
    assert made({"image": OTHER}, lost).inputs == (OTHER,)


def done(*kinds: str | None) -> Job:
    """A job with an image of each of these types; None: not kept."""
    outputs = [
        Output(url="", stored=replace(KEPT, key=f"{n:064}", media_type=kind) if kind else None)
        for n, kind in enumerate(kinds)
    ]
    return make_job(request=ASKED, outputs=tuple(outputs))


def test_of_a_result_those_images_are_used_that_the_service_takes() -> None:
    job = done("image/png", None, "video/mp4", "image/webp")
    assert usable(job) == [1, 4]
    picture = picture_of(job, 4)
    wanted = (f"{ASKED.command}-4.webp", job.outputs[3].stored)
    assert (picture.filename, picture.stored) == wanted
    for number in (0, 2, 3, 5):
        with pytest.raises(Refused, match="no longer kept"):
            picture_of(job, number)


def test_an_image_goes_to_the_first_picture_that_is_needed() -> None:
    late = make_endpoint("Late", MASK, PICTURE, TEXT)
    use = Use(highest, 7, 1, sign(late), lambda _: {"text": "hi"})
    job = done("image/png")
    request = use.request(use.endpoint([PAINT, late], job), job)
    assert [(each.name, each.stored) for each in request.inputs] == [
        ("image", job.outputs[0].stored)
    ]
    assert (request.of_image, request.changed) == (1, ())
    assert using(make_endpoint("A", MASK), PHOTO).inputs == {"mask": PHOTO}


def test_what_was_hidden_stays_hidden() -> None:
    for hidden in (
        replace(ASKED, is_spoiler=True),
        replace(ASKED, inputs=(replace(PHOTO, is_spoiler=True),)),
    ):
        job = replace(done("image/png"), request=hidden)
        assert picture_of(job, 1).is_spoiler
        assert Use(highest, 7, 1, "", lambda _: {"text": "hi"}).request(PAINT, job).is_spoiler


def test_the_same_once_more_is_refused_where_it_would_look_the_same() -> None:
    job = make_job(request=ASKED)
    with pytest.raises(Refused, match="Nothing was changed"):
        Change(highest, left_alone).request(PAINT, job)
    assert Change(highest, lambda _: {"steps": "3"}).request(PAINT, job).changed == ("steps",)
    assert Again(highest).request(PAINT, job).changed == ()


def test_an_endpoint_is_named_shortly_and_is_refused_once_it_is_gone() -> None:
    text = make_endpoint("Text", TEXT)
    assert list(taking([PAINT, text])) == [PAINT]
    assert named([text, PAINT], sign(PAINT)) is PAINT
    with pytest.raises(Refused, match="no longer offered"):
        named([text], sign(PAINT))
