from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discord import render
from bot.discord.render import duration, further_text, notice, plain
from bot.errors import Refused
from bot.jobs.job import JobStatus
from bot.jobs.request import Stored
from tests.fuzz.strategies import characters
from tests.jobs import NOON, make_job, make_origin

STORED = Stored(key="a" * 64, size_bytes=10, media_type="image/png")
SMALLER = Stored(key="b" * 64, size_bytes=5, media_type="image/webp")
URL = "https://studio.example/a b(1).png"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.6, "1 min"), (210, "3 min 30 s"), (3600, "1 h"), (-5, "0 s")],
)
def test_a_time_span_is_told_in_words(seconds: float, text: str) -> None:
    assert duration(NOON, NOON + timedelta(seconds=seconds)) == text


def test_texts_of_messages_beside_the_reply() -> None:
    job = make_job(status=JobStatus.DELIVERED, origin=make_origin(user_id=5))
    assert notice(job) == "<@5> Your CNY-SnakeYear is done."
    failed = replace(job, status=JobStatus.FAILED)
    assert notice(failed) == "<@5> Your CNY-SnakeYear has ended without images."
    assert further_text(job, 2, 3) == f"CNY-SnakeYear, part 2 of 3 (job {job.id[:12]})"


def test_an_error_is_our_sentence_or_one_with_a_reference() -> None:
    assert render.error(Refused("Wait."), "5") == "Wait."
    assert len(render.error(Refused("x" * 3000), "5")) == render.MAX_SENTENCE
    assert render.error(ValueError("secret"), "5") == (
        "Something went wrong in the bot. Its owner can find it in the log as 5."
    )


@given(st.text(characters), st.integers(min_value=2, max_value=300))
def test_others_text_is_short_on_one_line_and_pings_nobody(text: str, limit: int) -> None:
    found = plain(text, limit)
    assert len(found) <= limit
    assert "\n" not in found
    assert "@everyone" not in found
