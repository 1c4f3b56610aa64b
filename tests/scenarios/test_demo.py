"""The demo and the sandbox from the shell: the conversation, the page, and how they end."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.errors import Refused
from bot.sandbox import run as sandbox_run
from bot.sandbox import script
from bot.sandbox.discord.server import DiscordSandbox
from tests.scenarios.conftest import ROOT, png


async def test_the_demo_shows_the_whole_conversation_whatever_the_owner_has_set(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    database = f"sqlite:///{mine / 'real.sqlite3'}"
    (mine / ".env").write_text(f"GUILD_IDS=5\nDATABASE_URL={database}\nENDPOINTS=none\n")
    monkeypatch.chdir(mine)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    out = tmp_path / "images"
    assert await sandbox_run.script(out) == 0
    shown = capsys.readouterr().out
    steps = [
        "Mei: /cny-snakeyear image:mei.png seed:20",
        "studio replies: CNY-SnakeYear · Waiting for a turn",
        "studio edits its reply: CNY-SnakeYear · Sent to the service",
        "studio edits its reply: CNY-SnakeYear · In the service's queue",
        "studio edits its reply: CNY-SnakeYear · Working",
        "studio edits its reply: CNY-SnakeYear · seed",
        "Mei: reacts with 🔁",
        "studio replies: CNY-SnakeYear · Waiting for a turn",
        "studio edits its reply: CNY-SnakeYear · Sent to the service",
        "studio edits its reply: CNY-SnakeYear · In the service's queue",
        "studio edits its reply: CNY-SnakeYear · Working",
        "studio edits its reply: CNY-SnakeYear · <@",
        "Mei: /cny-snakeyear image:mei.png, and this time the service fails",
        "studio replies: CNY-SnakeYear · Waiting for a turn",
        "studio edits its reply: CNY-SnakeYear · Failed.",
    ]
    told = iter(re.findall(r"^ *\d+\.\d\d s  (.*)$", shown, re.MULTILINE))
    for step in steps:
        assert any(line.startswith(step) for line in told), step
    saved = sorted(out.iterdir())
    assert len({path.read_bytes() for path in saved}) == len(saved) == 4
    assert f"Saved 4 images in {out}/" in shown
    assert {oct(path.stat().st_mode & 0o777) for path in saved} == {"0o600"}
    assert oct(out.stat().st_mode & 0o777) == "0o700"
    assert [path.name for path in mine.iterdir()] == [".env"]


async def test_no_name_of_a_file_leads_out_of_the_demos_folder(tmp_path: Path) -> None:
    out = tmp_path / "images"
    out.mkdir()
    async with DiscordSandbox() as discord:
        message = await discord.member("Mei").post("", files=[png("../../me.png")])
        assert script._save(discord, message, out) == [out / "me.png"]


async def test_a_demo_whose_images_have_no_place_says_so_before_it_begins(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        Refused, match=r"cannot be saved in .*file/images \(Not a directory\): name"
    ):
        await sandbox_run.script(tmp_path / "file" / "images")


async def test_a_demo_that_does_not_get_on_shows_the_bots_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def stuck(*_arguments: object) -> None:
        raise TimeoutError("waited in vain")

    monkeypatch.setattr(sandbox_run, "play", stuck)
    assert await sandbox_run.script(tmp_path) == 1
    assert "The demo did not get on: waited in vain. The bot's log:" in capsys.readouterr().err


@asynccontextmanager
async def started(
    work: Coroutine[Any, Any, int], capsys: pytest.CaptureFixture[str], last: str
) -> AsyncIterator[tuple["asyncio.Task[int]", str]]:
    """The work as a task, once it has printed this, and what it printed so far."""
    task = asyncio.create_task(work)
    said = ""
    async with asyncio.timeout(20):
        while last not in said and not task.done():
            await asyncio.sleep(0.01)
            said += capsys.readouterr().out
    yield task, said
    if not task.done():
        os.kill(os.getpid(), signal.SIGINT)
        assert await task == 0


async def test_the_sandbox_alone_says_where_it_is_and_what_to_tell_a_bot(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with started(sandbox_run.serve(0), capsys, "DATA_DIR") as (_, said):
        assert "on this machine only" in said
        assert re.search(r"^The chat is at http://127\.0\.0\.1:\d+/", said, re.MULTILINE)
        assert re.search(r"^DISCORD_API_URL=http://127\.0\.0\.1:\d+/api/v10$", said, re.MULTILINE)
        assert re.search(r"^DISCORD_TOKEN=\S+\.sandbox\.token$", said, re.MULTILINE)


async def test_a_port_that_is_taken_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    async with started(sandbox_run.serve(0), capsys, "DATA_DIR") as (_, said):
        port = int(re.findall(r"127\.0\.0\.1:(\d+)/ ", said)[0])
        with pytest.raises(Refused, match=f"Port {port} cannot be used"):
            await sandbox_run.serve(port)


async def test_the_demos_bot_is_restarted_from_the_page_and_its_clock_moves_along(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUILD_IDS", "5")  # the owner's own settings are nothing to the demo
    async with started(sandbox_run.demo(0, is_shown=False), capsys, "Ctrl-C") as (task, said):
        url = re.findall(r"http\S+", said)[0]
        async with (
            aiohttp.ClientSession(url) as session,
            session.ws_connect("control/socket") as ws,
        ):
            hello = await ws.receive_json()
            assert hello["is_connected"]
            assert [each["name"] for each in hello["people"]] == ["Sam", "Mei", "Ana"]
            _, mei, ana = (each["id"] for each in hello["people"])
            (apart,) = (each["id"] for each in hello["channels"] if each["name"] == "elsewhere")
            commands = {each["name"]: each["hidden_from"] for each in hello["commands"]["server"]}
            for name, hidden in commands.items():  # Mei alone has it for herself
                assert f"{ana}:{apart}" in hidden
                assert (f"{mei}:{apart}" in hidden) is (name in {"studio", "studio-here"}), name
            page = Page(session, ws, hello)
            await page.switch("ahead")
            await page.switch("restart")
            told = [said["is_connected"] async for said in connections(ws)]
            assert told == [False, True]
            await page.run()
            begun = await page.told("Sent to the service")
            await page.switch("ahead")
            ended = await page.told(":done")
            assert "16 min" in ended
            await page.told("is done")  # a notice, as it took so long
            await page.run()
            began = [
                re.findall(r"<t:(\d+):R>", said)
                for said in (begun, await page.told("Waiting for a turn"))
            ]
            await page.run(apart)
            await page.told("Get the result")
        (first,), (second,) = ([int(unix) for unix in found] for found in began)
        assert 16 * 60 <= second - first < 18 * 60
        assert not task.done()


@dataclass
class Page:
    """A script at the place of the page."""

    session: aiohttp.ClientSession
    ws: aiohttp.ClientWebSocketResponse
    hello: Any

    async def switch(self, name: str) -> None:
        given = {"member": self.hello["people"][0]["id"], "name": name}
        async with self.session.post("control/switch", json=given) as response:
            assert response.status == 200

    async def run(self, place: str = "") -> None:
        member = self.hello["people"][1]["id"]
        place = place or self.hello["channels"][0]["id"]
        form = aiohttp.FormData()
        given = {"member": member, "channel": place, "name": "cny-snakeyear", "options": {}}
        form.add_field("payload_json", json.dumps(given))
        form.add_field("image", png().data, filename="me.png", content_type="image/png")
        async with self.session.post("control/command", data=form) as response:
            assert response.status == 200, await response.text()

    async def told(self, words: str) -> str:
        """The next message that says this, as JSON."""
        async with asyncio.timeout(20):
            while True:
                told = await self.ws.receive_json()
                text = json.dumps(told.get("message"))
                if words in text:
                    return text


async def connections(ws: aiohttp.ClientWebSocketResponse) -> AsyncIterator[Any]:
    """What the page is told of the bot's connection, until it is there again."""
    async with asyncio.timeout(20):
        async for message in ws:
            said = message.json()
            if said["type"] == "connection":
                yield said
                if said["is_connected"]:
                    return


async def test_a_demo_whose_bot_ends_by_itself_shows_its_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with started(sandbox_run.demo(0, is_shown=False), capsys, "Ctrl-C") as (task, _):
        for pid in children_of(os.getpid()):
            os.kill(pid, signal.SIGKILL)
        assert await asyncio.wait_for(task, 10) == 1
    assert "The bot ended by itself. Its log:" in capsys.readouterr().err


async def test_nothing_is_left_of_a_demo_after_ctrl_c() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "demo",
        "--no-browser",
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout
        async with asyncio.timeout(20):
            assert b"The chat is at http://127.0.0.1:" in await process.stdout.readline()
        children = children_of(process.pid)
        assert len(children) == 1
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 10) == 0
        assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
    finally:
        with suppress(ProcessLookupError):
            process.kill()


def children_of(pid: int) -> list[int]:
    """The ids of the processes that this one has started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = path.read_text().rpartition(")")[2].split()[1]
            if int(parent) == pid and "-m\0bot" in path.with_name("cmdline").read_text():
                found.append(int(path.parent.name))
    return found
