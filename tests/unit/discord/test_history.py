from dataclasses import replace
from typing import Any

import pytest

from bot.discord.history import drawn, one_of_them
from bot.discord.reply import MAX_CHARACTERS
from bot.discord.telling import help_text, privacy_text
from bot.errors import Working
from bot.jobs.history import NEWEST, Page
from bot.jobs.job import Failure, JobStatus, Output, Posted
from bot.jobs.request import FieldKind, Stored, Value
from bot.reasons import Reason
from tests.jobs import NOON, make_job, make_request

STORED = Stored(key="a" * 64, size_bytes=10, media_type="image/png")
IMAGE, LOST = Output(url="u", stored=STORED), Output(url="u", is_lost=True)
KEPT_INPUT = make_request(inputs=())


@pytest.mark.parametrize(
    ("changes", "became", "buttons"),
    [
        ({"status": JobStatus.RUNNING}, "under way", []),
        ({"status": JobStatus.DELIVERED, "outputs": (IMAGE, LOST, IMAGE)}, "2 images", ["Show again here", "Run again", "Originals", "Delete"]),
        ({"status": JobStatus.DELIVERED, "outputs": (IMAGE,)}, "1 image", ["Show again here", "Run again", "Originals", "Delete"]),
        ({"status": JobStatus.DELIVERED, "outputs": (IMAGE,), "request": make_request()}, "1 image", ["Show again here", "Originals", "Delete"]),
        ({"status": JobStatus.CANCELLED}, "cancelled", ["Run again", "Delete"]),
        ({"status": JobStatus.CANCELLED, "outputs": (IMAGE,)}, "cancelled, 1 image kept", ["Show again here", "Run again", "Originals", "Delete"]),
        ({"status": JobStatus.UNDELIVERABLE, "outputs": (IMAGE, IMAGE)}, "could not be posted, 2 images kept", ["Show again here", "Run again", "Originals", "Delete"]),
        ({"status": JobStatus.FAILED, "failure": Failure(reason=Reason.REFUSED)}, "failed", ["Run again", "Delete"]),
    ],
)  # fmt: skip
def test_a_page_says_what_became_of_each_and_what_can_be_done_with_it(
    changes: dict[str, Any], became: str, buttons: list[str]
) -> None:
    job = make_job(**({"request": KEPT_INPUT} | changes))
    text = drawn(Page(jobs=(job,))).text
    assert text == f"**1.** CNY-SnakeYear\n-# seed `20` · {became} · <t:{int(NOON.timestamp())}:R>"
    assert [label for label, _ in one_of_them(job).drawing.buttons] == buttons


def test_the_largest_page_fits_into_a_message_and_nothing_in_it_works() -> None:
    words = Value(field_id="p", name="prompt", kind=FieldKind.STRING, text="[x](http://a.b)*" * 90)
    request = make_request(values=(words,), endpoint_name="*_~|" * 50)
    posted = Posted(message_ids=(2**63,))
    one = make_job(
        request=request, status=JobStatus.UNDELIVERABLE, posted=posted, outputs=(IMAGE,) * 40
    )
    page = Page(jobs=(one,) * 5, newer=NEWEST, older=NEWEST)
    shown = drawn(page)
    assert len(shown.text) <= MAX_CHARACTERS
    assert "http:/" not in shown.text
    select, *buttons = shown.view.to_components()
    assert len(select["components"][0]["options"]) == 5
    assert [each["label"] for each in buttons[0]["components"]] == ["Newer", "Older"]
    assert "SPOILER" not in drawn(Page(jobs=(replace(one, outputs=()),))).text


def test_help_names_as_many_commands_as_fit() -> None:
    own = [(Working("</help:1>"), "What you can do here")]
    many = [(f"/e{number}-{'x' * 20}", "*bold* " * 14) for number in range(90)]
    text = help_text(many, own)
    assert len(text) <= MAX_CHARACTERS
    first, second, *_, more, last = text.splitlines()
    assert first.startswith("Type / and choose")
    assert second.startswith("/e0-xx")
    assert "\\*bold\\*" in second
    shown = len(text.splitlines()) - 3
    assert (more, last) == (
        f"{90 - shown} more: type / to see them.",
        "</help:1> – What you can do here",
    )
    assert help_text(many[:1], own).count("\n") == 2


def test_privacy_is_one_message_and_says_for_how_long() -> None:
    assert privacy_text(30).startswith("For 30 days after")
    assert privacy_text(1.0).startswith("For 1 day after")
    assert len(privacy_text(36_500)) <= MAX_CHARACTERS
