"""The start and the stop of the bot itself, as a shell sees them."""

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from bot.errors import SetupError
from bot.shell import cli
from tests.scenarios.conftest import ROOT, Stage, published
from tests.scenarios.shell import EXAMPLE, start

SELDOM_NEEDED = ("aiohttp.web_app", "prometheus_client", "psycopg", "alembic", "obstore", "PIL")


def test_a_start_without_settings_names_all_that_are_missing(tmp_path: Path) -> None:
    ended = start(tmp_path)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr == (
        "DISCORD_TOKEN and INSTANT_STUDIO_API_KEY are not set: copy .env.example to .env, and"
        " fill it in.\n"
    )
    (tmp_path / ".env").write_text("DISCORD_TOKEN=x\n")
    ended = start(tmp_path)
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert ended.stderr.startswith("INSTANT_STUDIO_API_KEY is not set")


def test_a_start_with_a_wrong_document_lists_its_faults(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"name": "A", "endpointId": "b", "fieldIds": ["x\n", "y\n"]}))
    ended = start(tmp_path, DISCORD_TOKEN="a.b.c", INSTANT_STUDIO_API_KEY="k", ENDPOINTS="a.json")
    assert ended.returncode == 2
    assert [line.split(" expected")[0] for line in ended.stderr.splitlines()] == [
        "a.json: fieldIds[0]:",
        "a.json: fieldIds[1]:",
    ]


def parsers() -> dict[str, argparse.ArgumentParser]:
    whole = cli._parser()
    (commands,) = (a for a in whole._actions if isinstance(a, argparse._SubParsersAction))
    return {"": whole, **commands.choices}


@pytest.mark.parametrize("name", parsers())
def test_every_help_says_what_holds_where_an_option_is_left_out(name: str) -> None:
    parser = parsers()[name]
    given = [a for a in parser._actions if a.option_strings and a.dest not in {"help", "version"}]
    assert [each.dest for each in given if "(default: " not in (each.help or "")] == []
    assert "usage: python -m bot" in parser.format_help()


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    package = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    mask = os.umask(0o022)
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    os.umask(mask)
    assert capsys.readouterr().out.startswith(f"instant-studio-bot {package['version']} (Python 3.")


def test_windows_itself_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "SYSTEM", "nt")
    with pytest.raises(SystemExit) as ended:
        cli.main(["check"])
    assert ended.value.code == 2
    assert capsys.readouterr().err == (
        "On Windows the bot runs in WSL or in Docker: see docs/setup/windows.md.\n"
    )


@pytest.mark.usefixtures("logging_restored")
def test_one_error_is_one_line_and_an_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {"DISCORD_TOKEN": "a.b.c", "INSTANT_STUDIO_API_KEY": "k"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("ENDPOINTS", str(EXAMPLE))
    mask = os.umask(0o022)
    try:
        for arguments, code in ((["submit", "none"], 1), (["check"], 0), (["health"], 1)):
            with pytest.raises(SystemExit) as ended:
                cli.main(arguments)
            assert ended.value.code == code
    finally:
        os.umask(mask)
    assert capsys.readouterr().err.splitlines() == [
        "There is no endpoint 'none'. Configured are: cny-snakeyear.",
        "unhealthy: the worker last turned at no time",
    ]


def test_a_command_ends_with_its_own_code_whatever_threads_go_on(tmp_path: Path) -> None:
    code = (
        "import sys, threading, time; from bot.shell.cli import command;"
        "threading.Thread(target=time.sleep, args=(60,)).start(); sys.argv = ['bot', 'health'];"
        "command()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("DISCORD_TOKEN and INSTANT_STUDIO_API_KEY are not set")


@pytest.mark.usefixtures("logging_restored")
def test_ctrl_c_ends_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    async def interrupted(_options: argparse.Namespace) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_check", interrupted)
    mask = os.umask(0o022)
    with pytest.raises(SystemExit) as ended:
        cli.main(["check"])
    os.umask(mask)
    assert ended.value.code == 130


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("bot.ops.health", ("discord", "sqlalchemy")),
        ("bot.app", SELDOM_NEEDED),
        ("bot.files.looking", ("asyncio", "discord", "sqlalchemy", "aiohttp", "pydantic")),
    ],
)
def test_what_is_not_needed_is_not_loaded(module: str, heavy: tuple[str, ...]) -> None:
    code = f"import {module}, sys; print(*set({heavy!r}) & set(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert loaded.stdout == "\n"


@pytest.mark.usefixtures("logging_restored")
async def test_run_serves_until_it_is_told_to_stop(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    documents = tmp_path / "endpoints"
    documents.mkdir()
    raw = json.loads(EXAMPLE.read_text())
    (documents / "a.json").write_text(json.dumps(raw | {"outputFormat": "jpeg"}))
    (documents / "b.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    for name, value in (stage.environment() | {"ENDPOINTS": "endpoints"}).items():
        monkeypatch.setenv(name, value)
    running = asyncio.create_task(cli.run(argparse.Namespace()))
    await stage.until_ready(running)
    await published()
    heard = [""]

    def is_greeted() -> bool:
        heard[0] += capsys.readouterr().err
        return "greeting: ready: " in heard[0]

    await stage.discord.until(is_greeted)
    os.kill(os.getpid(), signal.SIGTERM)
    assert await asyncio.wait_for(running, 8) == 0
    said = heard[0] + capsys.readouterr().err
    assert "an endpoint is left out: endpoints/b.json: name: expected this key" in said
    (line,) = (line for line in said.splitlines() if "ready: " in line)
    assert line.partition("ready: ")[2] == (
        "in 1 server, with 1 command; invite it with https://discord.com/oauth2/authorize"
        f"?client_id={stage.discord.application_id}"
        "&scope=bot+applications.commands&permissions=274878008384"
    )
    assert "endpoints/a.json: outputFormat: an unknown key, which is left alone" in said


async def test_a_token_that_discord_refuses_is_one_sentence(stage: Stage, tmp_path: Path) -> None:
    environ = stage.environment() | {"DISCORD_TOKEN": "wrong"}
    ended = await asyncio.to_thread(lambda: start(tmp_path, **environ))
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1] == (
        "Discord does not take DISCORD_TOKEN: copy it again from the developer portal."
    )
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (4004, "Discord does not take DISCORD_TOKEN: copy it again from the developer portal."),
        (4011, "Discord wants more shards for so many servers (4011): leave SHARD_COUNT empty"),
        (4014, "Discord does not let the bot hear what it asks for (4014): install a newer"),
    ],
)
async def test_a_gateway_that_closes_for_good_ends_the_bot_with_one_sentence(
    stage: Stage, code: int, sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(SetupError) as caught:
        await closed_with(stage, code)
    (said,) = caught.value.faults
    assert said.startswith(sentence)
    assert not [record for record in caplog.records if record.exc_info]


async def closed_with(stage: Stage, code: int) -> None:
    """A bot whose gateway is closed with this code, until it has seen that."""

    def is_over() -> bool:
        return "gateway" not in {task.get_name() for task in asyncio.all_tasks()}

    async with stage.bot():
        await stage.discord.gateway.drop(code)
        await stage.discord.until(is_over)


@pytest.mark.parametrize(
    ("environ", "code", "sentence"),
    [
        ({"DATA_DIR": "file"}, 2, "DATA_DIR=file: cannot be written to (File exists)."),
        ({"DATA_DIR": "file/data"}, 2, "DATA_DIR=file/data: cannot be written to (Not a directory)."),
        ({"DATABASE_URL": "sqlite:///none/jobs.db"}, 2, "The database (DATABASE_URL, or jobs.sqlite3 in DATA_DIR) cannot be opened: No such file or directory."),
        ({"DATABASE_URL": "sqlite:///text"}, 2, "The database (DATABASE_URL, or jobs.sqlite3 in DATA_DIR) cannot be opened: file is not a database."),
        ({"DATABASE_URL": "postgresql://me:pass@127.0.0.1:1/jobs"}, 2, 'The database (DATABASE_URL, or jobs.sqlite3 in DATA_DIR) cannot be opened: connection failed: connection to server at "127.0.0.1", port 1 failed: Connection refused.'),
        ({}, 1, "Discord cannot be reached: see whether this machine is online, and start again."),
    ],
)  # fmt: skip
async def test_a_start_that_cannot_be_ends_with_one_sentence(
    tmp_path: Path, unused_tcp_port: int, environ: dict[str, str], code: int, sentence: str
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "text").write_text("just text, and no database " * 100)
    needed = {
        "DISCORD_TOKEN": "a.b.c",
        "INSTANT_STUDIO_API_KEY": "k",
        "ENDPOINTS": str(EXAMPLE),
        "DISCORD_API_URL": f"http://127.0.0.1:{unused_tcp_port}/api/v10",
        "LOG_LEVEL": "warning",
    }
    ended = await asyncio.to_thread(lambda: start(tmp_path, **(needed | environ)))
    assert (ended.returncode, ended.stderr.splitlines()) == (code, [sentence])


async def test_a_start_whose_gateway_is_not_to_be_had_ends_with_one_sentence(
    stage: Stage, tmp_path: Path
) -> None:
    stage.discord.fail_next("GET /gateway/bot", status=404, times=100)
    environ = stage.environment() | {"LOG_LEVEL": "warning"}
    ended = await asyncio.to_thread(lambda: start(tmp_path, **environ))
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        "Discord cannot be reached: see whether this machine is online, and start again."
    ]
