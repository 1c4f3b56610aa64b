from dataclasses import replace

import pytest

from bot.discord.originals import originals_of
from bot.discord.reply import MAX_CHARACTERS
from bot.errors import Refused
from bot.jobs.job import JobStatus, Output
from bot.jobs.request import Stored
from tests.jobs import make_job

STORED = Stored(key="a" * 64, size_bytes=10, media_type="image/png")
URL = "https://studio.example/a.png"


def test_an_original_that_is_too_large_for_discord_is_linked_to() -> None:
    outputs = (
        Output(url=URL, stored=STORED),
        Output(url=URL, stored=replace(STORED, size_bytes=9)),
    )
    job = make_job(status=JobStatus.DELIVERED, outputs=outputs)
    found = originals_of(job, 8, STORED.size_bytes - 1)
    assert [each.name for each in found.files] == ["cny-snakeyear-seed20-2.png"]
    assert "Image 1 is too large for Discord: [the original](<" in found.text
    everything = replace(job, outputs=outputs[:1] * 1000)
    assert len(originals_of(everything, 7, 1).text) <= MAX_CHARACTERS


@pytest.mark.parametrize("status", [JobStatus.CANCELLED, JobStatus.UNDELIVERABLE])
def test_what_was_not_posted_is_for_who_asked(status: JobStatus) -> None:
    job = make_job(status=status, outputs=(Output(url=URL, stored=STORED),))
    assert len(originals_of(job, 7, STORED.size_bytes).files) == 1
    with pytest.raises(Refused, match="Only who asked for this can see"):
        originals_of(job, 8, STORED.size_bytes)
