"""The table of docs/operating.md: what happens when Discord is in trouble, row by row."""

import logging
import re
from dataclasses import dataclass

import pytest

from bot.discord.client import StudioBot
from bot.files.archive import FolderArchive
from bot.jobs.job import JobStatus
from bot.sandbox.discord.requests import Exchange
from tests.scenarios.conftest import ROOT, Stage, at_once, described
from tests.scenarios.discord_play import Case, Play
from tests.scenarios.discord_troubles import CASES

IMAGES = {"their images": 2, "their first ten images": 10}


@dataclass(frozen=True)
class Row:
    """What the table says of one kind of trouble."""

    what: str
    member: str
    owner: str
    again: str

    @property
    def images(self) -> int:
        return next((n for words, n in IMAGES.items() if self.member.startswith(words)), 0)

    @property
    def is_charged(self) -> bool:
        return "nothing was charged" not in self.member.lower()


def rows() -> dict[str, Row]:
    """The table's rows by what happened."""
    text = (ROOT / "docs" / "operating.md").read_text()
    section = text.partition("## When Discord is in trouble")[2].partition("\n## ")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line[:2] == "| "]
    return {cells[0]: Row(*cells) for cells in lines[1:]}


def test_the_table_and_what_is_played_are_the_same() -> None:
    assert set(rows()) == set(CASES)


@pytest.mark.parametrize(
    ("row", "case"),
    [
        pytest.param(row, case, id=f"{row.what}-{number}")
        for row in rows().values()
        for number, case in enumerate(CASES.get(row.what, ()), 1)
    ],
)
async def test_a_row_holds(
    stage: Stage,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    row: Row,
    case: Case,
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(StudioBot, "before_identify_hook", at_once)
    stage.settings["NOTIFY_AFTER_MINUTES"] = "0"
    async with stage.bot() as app:
        play = Play(stage, app, stage.member(), caplog)
        message = await case.script(play)
        await play.ended()
        assert stage.discord.connected
        if "stay in the archive" in row.owner:
            await check_kept(play)
    assert len(message.attachments if message else ()) == row.images
    assert [quote for quote in quoted(row.member) if quote not in said(stage)] == []
    assert not (row.is_charged and "Nothing was charged" in said(stage))
    check_log(row, caplog)
    assert len(stage.studio.posts) == (case.posts if row.is_charged else 0)
    check_tries(row, [each for each in stage.discord.requests if each.route in case.routes])


def quoted(text: str) -> list[str]:
    return re.findall("“(.+?)”", text)


def said(stage: Stage) -> str:
    """All that stands there, for everybody or for one member."""
    there = [m for m in stage.discord.all_messages.values() if not m.is_deleted]
    return "\n".join(f"{message.content} {described(message)}" for message in there)


def check_log(row: Row, caplog: pytest.LogCaptureFixture) -> None:
    if row.owner == "nothing":
        loud = [r for r in caplog.records if r.levelno >= logging.WARNING]
        assert [r.getMessage() for r in loud] == []
    for line in re.findall("`(.+?)`", row.owner):
        pattern = re.escape(line).replace("…", ".*")
        assert re.search(pattern, caplog.text), f"the log does not say {line}"


def check_tries(row: Row, requests: list[Exchange]) -> None:
    """A call that was refused is there again, or it is not."""
    refused = [number for number, each in enumerate(requests) if each.status >= 400]
    if row.again.startswith("no"):
        assert len(refused) <= 1
    elif requests:
        assert requests[refused[0] + 1 :]


async def check_kept(play: Play) -> None:
    """The images are there, and the job's row says whose they are."""
    archive = FolderArchive(play.stage.data_dir / "archive")
    (job,) = await play.jobs()
    assert (job.status, job.origin.user_id) == (JobStatus.UNDELIVERABLE, play.mei.id)
    assert len(job.outputs) == 2
    for output in job.outputs:
        assert output.stored
        async with archive.local(output.stored) as path:
            assert path.stat().st_size == output.stored.size_bytes
