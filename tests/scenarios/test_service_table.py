"""The tables of docs/operating.md on the service's trouble: each row is played, and holds."""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot import app as composition
from bot.files import outside
from bot.files.outside import Outside
from bot.sandbox.discord.messages import Message
from bot.sandbox.studio.server import StudioSandbox
from bot.settings import Settings
from bot.studio.client import InstantStudio
from bot.studio.deadlines import Deadlines
from bot.work import downloads
from tests.samples.pictures import picture
from tests.scenarios.conftest import ROOT, Stage, described, shown
from tests.scenarios.service_scene import Case, Scene
from tests.scenarios.service_troubles import CAP_BYTES, ENDPOINT, LONG_S, TROUBLES

IMAGES = "the images"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One trouble of a table."""

    call: str
    what: str
    member: str
    owner: str
    again: str

    @property
    def is_tried_again(self) -> bool:
        return self.again.startswith("yes")


def rows() -> Iterator[Row]:
    """The troubles of all tables, as they are written."""
    text = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    tables = text.partition("\n## When the service is in trouble\n")[2].partition("\n## ")[0]
    for call in TROUBLES:
        section = tables.partition(f"\n### On {call}\n")[2].partition("\n#")[0]
        for line in re.findall(r"^\| (?!what happened)(.+) \|$", section, re.MULTILINE):
            whats, member, owner, again = line.split(" | ")
            for what in whats.replace("`", "").split(" · "):
                yield Row(call=call, what=what, member=member, owner=owner, again=again)


ROWS = tuple(rows())


def test_each_row_has_its_case_and_each_case_its_row() -> None:
    written = sorted((row.call, row.what) for row in ROWS)
    assert written == sorted((call, what) for call in TROUBLES for what in TROUBLES[call])


@pytest.fixture
async def elsewhere(stage: Stage) -> AsyncIterator[StudioSandbox]:
    async with StudioSandbox(stage.discord.clock, key="another") as sandbox:
        sandbox.jobs, sandbox.outputs = stage.studio.jobs, stage.studio.outputs
        yield sandbox


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """The bot's own log lines so far."""
    caplog.set_level("INFO")
    return lambda: [r.getMessage() for r in caplog.records if r.name.startswith("bot.")]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.call}: {row.what}")
async def test_the_services_trouble_is_told_and_tried_again_as_written(
    stage: Stage,
    elsewhere: StudioSandbox,
    lines: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
    row: Row,
) -> None:
    hurry(monkeypatch, row)
    if "JOB_TIMEOUT_MINUTES" in row.what:
        stage.settings["JOB_TIMEOUT_MINUTES"] = "720"  # while the service still knows the job
    stage.studio.outputs |= dict.fromkeys((1, 2), (picture(), "image/png"))
    case = TROUBLES[row.call][row.what]
    async with stage.bot() as app:
        scene = Scene(stage, elsewhere, app, lines)
        message = await case.play(scene)
        await scene.ended(message)
    check_member(row, scene, message)
    check_owner(row, lines())
    check_tries(row, scene, case)
    assert not [1 for _, _, headers in elsewhere.requests if "Authorization" in headers]


def hurry(monkeypatch: pytest.MonkeyPatch, row: Row) -> None:
    """Make the cap small, and the deadline that the row is about short."""
    monkeypatch.setattr(downloads, "MAX_OUTPUT_BYTES", CAP_BYTES)
    if "private" not in row.what:
        monkeypatch.setattr(outside, "is_public", bool)  # elsewhere stands for a public host
    if not re.search("time-out|standstill", row.what):
        return
    waits = {"connecting": "connect_s", "standstill": "pace_s"}
    name = next((name for word, name in waits.items() if word in row.what), f"{row.call}_s")
    short = {name: 0.5 if name == "connect_s" else 0.8}

    def studio_of(settings: Settings, way_out: Outside) -> InstantStudio:
        return InstantStudio(
            way_out,
            url=settings.instant_studio_url,
            key=settings.instant_studio_api_key,
            deadlines=Deadlines(**short),
        )

    monkeypatch.setattr(composition, "studio_of", studio_of)


def check_member(row: Row, scene: Scene, message: Message) -> None:
    *before, end = row.member.replace("*its reason*", "because").split(", then ")
    said = [text for text in shown(message) if text in before]
    assert said == before
    text = re.sub(r"\[(.*?)\]\(.*?\)", r"\1", " ".join(described(message).split()))
    assert (text.removeprefix("**Done**").strip() or IMAGES) == end
    (buttons,) = (row["components"] for row in message.components)
    assert {"Run again", "Change…", "More…"} <= {each["label"] for each in buttons}
    if text.startswith("**Done**"):
        check_images(scene, message, lost=len(re.findall("could not be saved|to be kept", text)))


def check_images(scene: Scene, message: Message, *, lost: int) -> None:
    """What is posted is what the service handed out."""
    replies = [each for each in scene.stage.discord.messages() if each.reply_to == message.id]
    posted = [file for each in (message, *replies) for file in each.attachments]
    assert len(posted) == scene.studio.endpoints[ENDPOINT] - lost
    offered = {(kind.split("/")[1], len(data)) for data, kind in scene.studio.outputs.values()}
    assert {(Path(file.filename).suffix[1:], file.size) for file in posted} <= offered


def check_owner(row: Row, lines: list[str]) -> None:
    """The lines came in this order; without trouble in the table there is none in the log."""
    wanted = re.findall(r"`(.+?)`", row.owner)
    status = re.match(r"\d+", row.what)
    found = iter(lines)
    for text in wanted:
        numbered = re.sub(r"\bN\b", status[0] if status else "N", text)
        pattern = re.compile(re.escape(numbered).replace("…", ".+"))
        assert any(pattern.fullmatch(line) for line in found), (text, lines)
    if not wanted:
        trouble = re.compile(r"status \d|broken off|not connected|lost|image \d|error")
        assert not [line for line in lines if trouble.search(line)]


def check_tries(row: Row, scene: Scene, case: Case) -> None:
    tries = scene.tries(row.call)
    expected = case.tries if case.tries is not None else 1 + row.is_tried_again
    if row.call != "submit" and (row.is_tried_again or case.tries is not None):
        assert tries >= expected
    else:
        assert tries == expected
    assert len(scene.studio.jobs) <= 1
    asks_for_it = "when it asks" in row.again
    assert any(wait_s > LONG_S / 2 for wait_s in scene.waits_s) is asks_for_it
