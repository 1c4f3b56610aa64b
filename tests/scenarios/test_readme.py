"""What README.md tells to type, typed in a fresh copy: word for word, in its order."""

import asyncio
import os
import re
import shutil
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.commands import NOT_TRIED, PAGES, TRIED, commands, commands_of
from tests.scenarios.conftest import PNG, ROOT, Stage

# make must not open a browser, nor take settings of whoever tests
ENVIRON = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "BROWSER": "true"}


def test_each_command_of_the_manual_is_tried_or_says_why_not() -> None:
    typed = {command for page in commands().values() for command in page}
    assert typed == {*TRIED, *NOT_TRIED}


def test_each_page_of_the_set_up_says_what_of_it_was_tried() -> None:
    for page in PAGES[1:]:
        assert re.search(r"^\*(Tried: |Not tried )", page.read_text(encoding="utf-8"), re.MULTILINE)


def test_commands_are_found_in_blocks_and_in_sentences() -> None:
    page = (
        "Type\n```sh\n# first\nmake a   # a word\n```\nor `make b\nc`, in `.env` `A=1`\n"
        "1. then\n   ```\n   d e\n   ```\n```json\n{}\n```\n"
    )
    assert commands_of(page) == ["make a", "d e", "make b c"]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What `git clone` would bring, with the environment that is there already."""
    folder = tmp_path / "instant-studio-bot"
    for name in ("bot", "cogs", "endpoints"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("Makefile", "requirements.lock", ".env.example"):
        shutil.copy2(ROOT / name, folder)
    (folder / ".venv").mkdir()
    for each in Path(sys.prefix).iterdir():
        if each.name not in {".ready", ".bench"}:
            (folder / ".venv" / each.name).symlink_to(each)
    (folder / ".venv" / ".ready").touch()  # nothing is installed
    return folder


@asynccontextmanager
async def typed(folder: Path, command: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The command while it runs; at the end of the block Ctrl-C, where it still does."""
    process = await asyncio.create_subprocess_shell(
        command, cwd=folder, env=ENVIRON, stdout=PIPE, stderr=STDOUT, start_new_session=True
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGINT)
        await process.wait()


async def said(folder: Path, command: str) -> str:
    """All that it said, once it went well."""
    async with typed(folder, command) as process:
        out, _ = await process.communicate()
    assert process.returncode == 0, out.decode()
    return out.decode()


async def until_line(process: asyncio.subprocess.Process, text: str) -> str:
    """The line with the text, once it is said."""
    assert process.stdout
    lines = []
    async for line in process.stdout:
        lines.append(line.decode())
        if text in lines[-1]:
            return lines[-1]
    pytest.fail("".join(lines))


@pytest.mark.timeout(180)
async def test_readme_leads_from_a_fresh_copy_to_images(stage: Stage, copy: Path) -> None:
    demo, install, check, run, submit = TRIED
    async with typed(copy, demo) as process:
        assert "The chat is at http://127.0.0.1:" in await until_line(process, "The chat is at")
    await said(copy, install)
    fill_in(copy / ".env", stage.environment())
    assert "the service takes INSTANT_STUDIO_API_KEY" in await said(copy, check)
    async with typed(copy, run) as process:
        assert "in 1 server, with 1 command" in await until_line(process, "ready: ")
    (copy / "photo.png").write_bytes(PNG)
    await said(copy, submit)
    assert sorted(path.name for path in (copy / "pictures").iterdir()) == [
        "cny-snakeyear-seed20-1.jpg",
        "cny-snakeyear-seed20-2.jpg",
    ]


def fill_in(env: Path, settings: dict[str, str]) -> None:
    """As a person does, who has the local Discord and the local service."""
    assert env.stat().st_mode & 0o777 == 0o600
    text = env.read_text()
    for name in ("DISCORD_TOKEN", "INSTANT_STUDIO_API_KEY"):
        assert f"\n{name}=\n" in text
        text = text.replace(f"\n{name}=\n", f"\n{name}={settings[name]}\n")
    kept = ("DISCORD_API_URL", "DISCORD_GATEWAY_URL", "INSTANT_STUDIO_URL")
    env.write_text(text + "".join(f"{name}={settings[name]}\n" for name in kept))
