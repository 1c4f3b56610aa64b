from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest

from bot.discord.reply import draw
from bot.discord.signs import Sign, has_begun, is_asked_by, sign_of
from bot.jobs.job import Failure, Job, JobStatus, OriginKind
from bot.jobs.progress import Progress
from bot.reasons import Reason
from tests.jobs import NOON, make_job, make_origin

ID = "0123456789abcdef" * 2


def job(status: JobStatus, state: str = "", reason: Reason | None = None) -> Job:
    progress = Progress(job_id="j", state=state, submitted_at=NOON, ask_at=NOON) if state else None
    failure = Failure(reason=reason) if reason else None
    return make_job(id=ID, status=status, progress=progress, failure=failure)


@pytest.mark.parametrize(
    ("drawn", "sign"),
    [
        (job(JobStatus.ACCEPTED), Sign.ACCEPTED),
        (job(JobStatus.SUBMITTING), Sign.ACCEPTED),
        (job(JobStatus.RUNNING, "pending"), Sign.FURTHER),
        (job(JobStatus.RUNNING, "Done"), Sign.FURTHER),
        (job(JobStatus.RUNNING, "Accepted"), Sign.FURTHER),
        (job(JobStatus.DOWNLOADING), Sign.FURTHER),
        (job(JobStatus.DELIVERING), Sign.FURTHER),
        (job(JobStatus.DELIVERED), Sign.DONE),
        (job(JobStatus.UNDELIVERABLE), Sign.FURTHER),
        (job(JobStatus.CANCELLED), Sign.FURTHER),
        (job(JobStatus.FAILED, reason=Reason.MAYBE_CHARGED), Sign.FURTHER),
    ],
    ids=lambda value: value.status if isinstance(value, Job) else value.name,
)
def test_a_reply_says_how_far_its_job_has_come(drawn: Job, sign: Sign) -> None:
    assert sign_of(reply(drawn), job(JobStatus.ACCEPTED)) is sign


@pytest.mark.parametrize("status", list(JobStatus)[:-1])
def test_a_reply_says_whether_its_job_has_begun(status: JobStatus) -> None:
    said = reply(job(status))
    assert has_begun(said, ID) is (status not in {JobStatus.ACCEPTED, JobStatus.SUBMITTING})
    assert not has_begun(said, "f" * 32)


def test_a_reply_names_its_job_and_no_other() -> None:
    another = reply(make_job(id="f" * 32))
    assert sign_of(another, job(JobStatus.ACCEPTED)) is Sign.ANOTHERS


@pytest.mark.parametrize(
    "custom_ids", [(), (f"run-again:{ID}",), (f"more:{ID}",), (f"more:{ID}:done:x",)], ids=str
)
def test_what_names_no_job_is_no_reply(custom_ids: tuple[str, ...]) -> None:
    said = message(custom_ids, content="**Waiting for a turn**")
    assert sign_of(said, job(JobStatus.ACCEPTED)) is Sign.NO_REPLY


@pytest.mark.parametrize(
    ("text", "ended", "sign"),
    [
        ("**Accepted**", False, Sign.ACCEPTED),
        ("**Pending**", False, Sign.FURTHER),
        ("**Running: Accepted**", False, Sign.FURTHER),
        ("**Done**\nImage 2 was made smaller to fit.", True, Sign.DONE),
        ("**Done**, but Discord did not take the images here.", True, Sign.FURTHER),
        (
            "**Failed.** The service could not finish this job. It may have been charged; the bot's owner can look it up.",
            True,
            Sign.FURTHER,
        ),
    ],
)
def test_a_reply_of_an_earlier_version_is_an_embed(text: str, *, ended: bool, sign: Sign) -> None:
    embed = discord.Embed(description=text).set_footer(text=f"job {ID[:12]}")
    embed.add_field(name="Asked by", value="<@7>")
    embed.add_field(name="Took" if ended else "Since", value="5 s")
    said = message(embeds=[embed])
    assert sign_of(said, job(JobStatus.ACCEPTED)) is sign
    assert sign_of(said, make_job(id="f" * 32)) is Sign.ANOTHERS
    assert is_asked_by(said, 7)
    assert not is_asked_by(said, 8)


@pytest.mark.parametrize("kind", [OriginKind.REACTION, OriginKind.BUTTON])
def test_a_reply_says_whose_it_is(kind: OriginKind) -> None:
    said = reply(make_job(origin=make_origin(kind=kind)))
    assert is_asked_by(said, 7)
    assert not is_asked_by(said, 8)


def reply(drawn: Job) -> discord.Message:
    drawing = draw(drawn)
    return message([each for _, each in drawing.buttons], content=drawing.text)


def message(
    custom_ids: Sequence[str] = (), *, content: str = "", embeds: Sequence[discord.Embed] = ()
) -> discord.Message:
    """As much of a message as is looked at."""
    buttons = [{"type": 2, "style": 2, "label": "x", "custom_id": each} for each in custom_ids]
    row = discord.ActionRow(cast("Any", {"type": 1, "components": buttons}))
    found = SimpleNamespace(components=[row] if buttons else [], content=content, embeds=embeds)
    return cast("discord.Message", found)
