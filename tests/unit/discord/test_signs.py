import discord
import pytest

from bot.discord.render import draw
from bot.discord.signs import Sign, sign_of
from bot.errors import Reason
from bot.jobs.job import Failure, Job, JobStatus, Progress
from tests.jobs import NOON, make_job

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
        (job(JobStatus.FAILED, reason=Reason.MAYBE_CHARGED), Sign.FURTHER),
    ],
    ids=lambda value: value.status if isinstance(value, Job) else value.name,
)
def test_a_reply_says_how_far_its_job_has_come(drawn: Job, sign: Sign) -> None:
    assert sign_of([draw(drawn).embed], job(JobStatus.ACCEPTED)) is sign


def test_a_reply_names_its_job_and_no_other() -> None:
    embeds = [draw(make_job(id="f" * 32)).embed]
    assert sign_of(embeds, job(JobStatus.ACCEPTED)) is Sign.ANOTHERS


@pytest.mark.parametrize("embeds", [[], [discord.Embed(description="**Accepted**")]], ids=len)
def test_what_names_no_job_is_no_reply(embeds: list[discord.Embed]) -> None:
    assert sign_of(embeds, job(JobStatus.ACCEPTED)) is Sign.NO_REPLY
