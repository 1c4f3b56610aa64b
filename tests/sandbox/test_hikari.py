"""hikari, which reads more of a server than others do, logs in and answers: `make hikari`."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path

import pytest

from bot.sandbox.discord.members import Member
from tests.sandbox.conftest import Api

HERE = Path(__file__)
PYTHON = Path(os.environ.get("HIKARI", HERE.parents[2] / ".venv/hikari/bin/python"))


@pytest.mark.skipif(not PYTHON.exists(), reason="no hikari here: make hikari installs it")
async def test_hikari_logs_in_and_answers(api: Api, mei: Member) -> None:
    process = await asyncio.create_subprocess_exec(
        PYTHON,
        HERE.with_name("hikari_bot.py"),
        api.token,
        api.sandbox.api_url,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout
    try:
        me = api.sandbox.bot_user.payload()
        name = f"{me['username']}#{me['discriminator']}"
        words = f"logged in as {name} in Sandbox with 1 channel"
        assert await said(process.stdout, "logged in") == words
        await said(process.stdout, "published")
        handle = await (await mei.slash("echo")).responded(20)
        assert await said(process.stdout, "answered") == "answered with hi"
        message = handle.message
        assert message
        await api.sandbox.until(lambda: message.content == "ho", within_s=20)
    finally:
        process.kill()
        await process.wait()


async def said(output: asyncio.StreamReader, words: str) -> str:
    """The line that begins with these words."""
    lines = []
    with suppress(TimeoutError):
        async with asyncio.timeout(40):
            while line := (await output.readline()).decode():
                lines.append(line)
                if line.startswith(words):
                    return line.strip()
    pytest.fail(f"it never said “{words}”, but\n{''.join(lines)}")
