"""Tokens and keys stay where they belong, whatever goes wrong."""

import argparse
import asyncio
import json
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import Refused
from bot.logs import HIDDEN
from bot.sandbox.discord import server
from bot.sandbox.discord.interactions import InteractionHandle
from bot.settings import Settings
from bot.shell.submit import submit
from tests.markdown import seen
from tests.scenarios.conftest import (
    COMMAND,
    PNG,
    RERUN,
    ROOT,
    BotProcess,
    Stage,
    asked,
    described,
    moved_on,
    png,
    replied,
    stage_tick,
)


async def test_secrets_are_in_no_log_line_no_message_and_no_other_file(stage: Stage) -> None:
    stage.settings["LOG_LEVEL"] = "debug"
    async with stage.process() as bot:
        handles = await much_that_goes_wrong(stage)
        await stage.discord.until(lambda: "/callback" in bot.log.read_text())
        assert await bot.terminate() == 0
    secrets = [stage.discord.token, stage.studio.key, *(handle.token for handle in handles)]
    assert_kept(secrets, bot, stage)


async def test_a_service_that_sends_the_key_back_shows_it_to_nobody(
    stage: Stage, errors: Callable[[], list[str]], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    key = stage.studio.key
    body = json.dumps({"error": f"unknown key {key}, sent as Authorization: Bearer {key}"})
    stage.studio.fail_next("submit", status=401, body=body, times=2)
    async with stage.bot():
        reply = await stage.ended(await asked(stage))
    assert f"> unknown key {HIDDEN}" in seen(described(reply))
    assert key not in described(reply) + caplog.text + "".join(errors())
    photo = tmp_path / "me.png"
    photo.write_bytes(PNG)
    options = argparse.Namespace(endpoint=COMMAND, image=[photo], seed=20, set=[], out=tmp_path)
    with pytest.raises(Refused) as caught:
        await submit(Settings.from_env(stage.environment()), options)
    assert f"unknown key {HIDDEN}" in caught.value.user_message
    assert key not in caught.value.user_message


async def test_check_prints_no_secret_whatever_is_wrong(
    stage: Stage, tmp_path: Path, unused_tcp_port: int
) -> None:
    secrets = {
        "DISCORD_TOKEN": "a-token.of-a.bot-that-is-wrong",
        "INSTANT_STUDIO_API_KEY": "a-key-that-is-wrong",
        "AWS_SECRET_ACCESS_KEY": "an-access-key-that-is-wrong",
    }
    stage.settings |= secrets | {
        "DATABASE_URL": f"postgresql://me:a-word-of-mine@127.0.0.1:{unused_tcp_port}/jobs?connect_timeout=1",
        "INSTANT_STUDIO_URL": f"http://127.0.0.1:{unused_tcp_port}/api/v1",
        "DISCORD_GATEWAY_URL": "ws://me:another-word@127.0.0.1:1",
        "ARCHIVE_URL": "s3://no-bucket",
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{unused_tcp_port}",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "check", "--online",
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), **stage.environment()},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await asyncio.wait_for(process.communicate(), 50)
    text = out.decode()
    assert process.returncode == 2, text
    assert text.count("wrong ") == 4, text
    hidden = [*secrets.values(), "a-word-of-mine", "another-word"]
    assert [secret for secret in hidden if secret in text] == []


async def much_that_goes_wrong(stage: Stage) -> list[InteractionHandle]:
    """Every kind of request answered well, refused and broken off; the interactions."""
    mei, discord, studio = stage.member(), stage.discord, stage.studio
    handles = [await stage.slash(mei, seed=20)]
    first = await stage.ended(replied(handles[0]))
    await mei.react(first, RERUN)
    await stage.ended(await stage.reply_to(first))

    handles.append(await mei.press(first, "Run again"))
    await stage.ended(replied(await handles[-1].responded()))

    for fault in ({"status": 500}, {"is_reset": True}):
        discord.fail_next(server.EDIT_BY_TOKEN, **fault)
        discord.fail_next(server.DOWNLOAD, **fault)
        studio.fail_next("status", **fault)
        studio.fail_next("download", **fault)
        handles.append(await stage.slash(mei))
        await stage.ended(replied(handles[-1]))
    for fault in ({"status": 401}, {"is_reset": True, "accept": True}):
        studio.fail_next("submit", **fault)
        handles.append(await stage.slash(mei))
        await stage.ended(replied(handles[-1]))

    for fault in ({"status": 400, "code": 50035}, {"status": 502, "is_garbled": True}):
        discord.fail_next(server.CALLBACK, **fault)
        handles.append(await mei.slash(COMMAND, image=png()))
        await discord.until(
            lambda s=fault["status"]: any(each.status == s for each in discord.requests)  # type: ignore[misc]
        )
    return handles


def assert_kept(secrets: list[str], bot: BotProcess, stage: Stage) -> None:
    """The secrets are in the database alone, and the files are their owner's."""
    lines = bot.log.read_text()
    assert "Traceback" in lines
    assert f"/{HIDDEN}/callback" in lines  # of an answer that was none
    assert [secret for secret in secrets if secret in lines] == []

    messages = repr(stage.discord.messages())
    assert str(stage.discord.bot_user.id) in messages
    assert [secret for secret in secrets if secret in messages] == []

    files = assert_private(stage.data_dir)
    others = [path for path in files if not path.name.startswith("jobs.sqlite3")]
    assert [path for path in others if holds(path, secrets)] == []


def assert_private(folder: Path) -> list[Path]:
    """The folder and all in it are their owner's alone; the files."""
    paths = [folder, *folder.rglob("*")]
    files = [path for path in paths if path.is_file()]
    assert len(files) > 3
    assert {oct(path.stat().st_mode & 0o777) for path in files} == {"0o600"}
    folders = [path for path in paths if path.is_dir()]
    assert {oct(path.stat().st_mode & 0o777) for path in folders} == {"0o700"}
    return files


@pytest.fixture
def no_mask() -> Iterator[None]:
    """Whatever is made is everybody's, unless its maker says otherwise."""
    mask = os.umask(0)
    yield
    os.umask(mask)


@pytest.mark.usefixtures("no_mask")
async def test_what_the_bot_writes_is_its_owners_alone_whatever_the_mask(
    stage: Stage, tmp_path: Path
) -> None:
    stage.data_dir = tmp_path / "deep" / "down" / "data"
    async with stage.bot():
        await stage.ended(await asked(stage))
        files = assert_private(tmp_path / "deep")
    assert {"jobs.sqlite3", "jobs.sqlite3-wal", "jobs.sqlite3-shm"} <= {p.name for p in files}


@pytest.mark.usefixtures("no_mask")
async def test_what_submit_writes_is_its_owners_alone_whatever_the_mask(
    stage: Stage, tmp_path: Path
) -> None:
    photo, out = tmp_path / "me.png", tmp_path / "deep" / "out"
    photo.write_bytes(PNG)
    stage.studio.endpoints["PrOhEE"] = 4
    options = argparse.Namespace(endpoint=COMMAND, image=[photo], seed=20, set=[], out=out)
    assert await submit(Settings.from_env(stage.environment()), options) == 0
    assert len(assert_private(tmp_path / "deep")) == 4


async def test_no_token_of_an_interaction_is_kept_beyond_its_end(stage: Stage) -> None:
    mei, studio = stage.member(), stage.studio
    async with stage.bot() as app:
        await stage.ended(replied(await stage.slash(mei)))
        studio.fail_job_next()
        await stage.ended(replied(await stage.slash(mei)))
        studio.hold("in_queue")
        handle = await stage.slash(mei)
        await stage.discord.until(lambda: "In the service's queue" in described(replied(handle)))
        assert tokens(stage.data_dir) == [True, True, True]

        stage.discord.advance(minutes=16)
        async with asyncio.timeout(10):
            while any(tokens(stage.data_dir)):
                await stage_tick(app)
        studio.release()
        await moved_on(stage, app, lambda: "Done" in described(replied(handle)))
    assert tokens(stage.data_dir) == [False, False, False]


def tokens(data_dir: Path) -> list[bool]:
    """Of each row, whether it has a token."""
    with closing(sqlite3.connect(f"file:{data_dir / 'jobs.sqlite3'}?mode=ro", uri=True)) as db:
        rows = db.execute('SELECT "grant", grant_until FROM jobs').fetchall()
    assert all((grant is None) is (until is None) for grant, until in rows)
    return [grant is not None for grant, _ in rows]


def holds(path: Path, secrets: list[str]) -> bool:
    data = path.read_bytes()
    return any(secret.encode() in data for secret in secrets)
