"""What the shell says: check, submit, health, demo, and the start and stop of the bot itself."""

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from bot.errors import Refused
from bot.jobs.heartbeat import heartbeat_of
from bot.jobs.store import JobStore
from bot.ops.health import health
from bot.settings import Settings
from bot.shell import cli
from bot.shell.check import check
from bot.shell.submit import submit
from tests.buckets import Bucket
from tests.samples.pictures import picture
from tests.scenarios.conftest import COMMAND, ROOT, Stage, published

EXAMPLE = ROOT / "endpoints" / "cny-snakeyear.json"


def start(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """`python -m bot` in a folder without a `.env`."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


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
    path.write_text(json.dumps({"name": "A", "endpointId": "b", "fieldIds": ["x", "y"]}))
    ended = start(tmp_path, DISCORD_TOKEN="a.b.c", INSTANT_STUDIO_API_KEY="k", ENDPOINTS="a.json")
    assert ended.returncode == 2
    assert [line.split(" expected")[0] for line in ended.stderr.splitlines()] == [
        "a.json: fieldIds[0]:",
        "a.json: fieldIds[1]:",
    ]


async def test_check_says_what_is_right(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    assert await check(stage.environment(), online=True) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "ok    settings: all that are needed are set",
        f"ok    DATA_DIR={stage.data_dir}: can be written to",
        "ok    /cny-snakeyear: CNY-SnakeYear (image: image, seed: seed)",
        "ok    Discord takes the token: studio",
        (
            "      invite it with https://discord.com/oauth2/authorize"
            f"?client_id={stage.discord.application_id}"
            "&scope=bot+applications.commands&permissions=274878024768"
        ),
        "ok    the service takes INSTANT_STUDIO_API_KEY",
    ]


def test_the_invite_asks_for_exactly_what_the_bot_needs() -> None:
    needed = {
        "view_channel": 10,
        "send_messages": 11,
        "embed_links": 14,
        "attach_files": 15,
        "read_message_history": 16,
        "add_reactions": 6,
        "send_messages_in_threads": 38,
    }
    assert sum(1 << bit for bit in needed.values()) == 274878024768


async def test_check_says_what_is_wrong(
    stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "a.json"
    document.write_text(json.dumps({"name": "A", "endpointId": "b", "fieldIds": ["x"], "new": 1}))
    blocked = tmp_path / "file"
    blocked.touch()
    stage.settings |= {
        "DISCORD_TOKEN": "wrong",
        "INSTANT_STUDIO_API_KEY": "wrong",
        "ENDPOINTS": str(document),
        "DATA_DIR": str(blocked / "data"),
    }
    assert await check(stage.environment(), online=True) == 2
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "ok    settings: all that are needed are set",
        "note  DISCORD_TOKEN does not look like a bot's token (three parts with dots)",
        f"wrong DATA_DIR={blocked}/data: cannot be written to (Not a directory)",
        (
            f"wrong {document}: fieldIds[0]: expected 'input_<node>' or"
            " 'data[title#<node>][input]', got 'x'"
        ),
        "wrong Discord does not take DISCORD_TOKEN: copy it again from the developer portal",
        f"wrong the service at {stage.studio.url}: it does not take INSTANT_STUDIO_API_KEY",
    ]


async def test_check_needs_no_network_for_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "a.json"
    document.write_text(json.dumps({"name": "A", "endpointId": "b", "fieldIds": [], "new": 1}))
    environ = {
        "DISCORD_TOKEN": "a.b.c",
        "INSTANT_STUDIO_API_KEY": "k",
        "ENDPOINTS": str(document),
        "DATA_DIR": str(tmp_path / "data"),
        "DISCORD_API_URL": "http://127.0.0.1:1/api/v10",
    }
    assert await check(environ, online=False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2:] == [
        f"note  {document}: new: an unknown key, which is left alone",
        "ok    /a: A (no options)",
    ]
    assert await check(environ, online=True) == 2
    assert "Discord cannot be asked (ClientConnectorError)" in capsys.readouterr().out


async def test_check_says_whether_the_bucket_can_be_used(
    stage: Stage, bucket: Bucket, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.settings |= bucket.environment
    assert await check(stage.environment(), online=True) == 0
    found = [capsys.readouterr().out.splitlines()[-1]]
    stage.settings["ARCHIVE_URL"] = "s3://no-such-bucket"
    assert await check(stage.environment(), online=True) == 2
    found += [capsys.readouterr().out.splitlines()[-1]]
    assert found == [
        f"ok    ARCHIVE_URL={bucket.environment['ARCHIVE_URL']}: can be read and written",
        "wrong ARCHIVE_URL=s3://no-such-bucket cannot be used: status 404 (NoSuchBucket).",
    ]


async def test_check_reads_the_documents_though_a_setting_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert await check({}, online=False) == 2
    missing, *documents = capsys.readouterr().out.splitlines()
    assert missing.startswith("wrong DISCORD_TOKEN and INSTANT_STUDIO_API_KEY are not set")
    assert documents == ["ok    /cny-snakeyear: CNY-SnakeYear (image: image, seed: seed)"]
    assert await check({"CREDITS_PER_MEMBER_PER_DAY": "5"}, online=False) == 2
    assert capsys.readouterr().out.splitlines()[1] == (
        "wrong endpoints/cny-snakeyear.json: credits: expected a number, as"
        " CREDITS_PER_MEMBER_PER_DAY is set"
    )


async def test_check_prints_its_findings_and_no_log_line(stage: Stage, tmp_path: Path) -> None:
    environ = stage.environment()
    ended = await asyncio.to_thread(lambda: start(tmp_path, "check", "--online", **environ))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.endswith("ok    the service takes INSTANT_STUDIO_API_KEY\n")


def options(*arguments: str) -> argparse.Namespace:
    return cli._parser().parse_args(["submit", *arguments])


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    path.write_bytes(picture())
    return path


async def run_submit(stage: Stage, *arguments: str) -> int:
    return await submit(Settings.from_env(stage.environment()), options(*arguments))


async def test_submit_runs_one_job_and_saves_its_images(
    stage: Stage, photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.studio.seconds = dict.fromkeys(stage.studio.seconds, 0.5)
    out = tmp_path / "folder"
    arguments = [COMMAND, "--image", str(photo), "--seed", "20", "--out", str(out)]
    assert await run_submit(stage, *arguments) == 0
    job_id = next(iter(stage.studio.jobs))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{job_id}: pending"
    assert lines[-3] == f"{job_id}: succeeded"
    assert lines[-2:] == [f"saved {out}/cny-snakeyear-seed20-{n}.jpg" for n in (1, 2)]
    assert sorted(path.name for path in out.iterdir()) == [
        "cny-snakeyear-seed20-1.jpg",
        "cny-snakeyear-seed20-2.jpg",
    ]
    with Image.open(out / "cny-snakeyear-seed20-1.jpg") as image:
        assert image.format == "JPEG"
    assert stage.seeds() == ["20"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["none"], "There is no endpoint 'none'. Configured are: cny-snakeyear."),
        ([COMMAND], "cny-snakeyear takes 1 --image, and 0 came."),
        ([COMMAND, "--image", "{none}"], "{none}: there is no such file."),
        ([COMMAND, "--image", "{text}"], "notes.png is not a picture. Nothing was charged; please send another picture."),
        ([COMMAND, "--image", "{photo}", "--set", "size"], "--set size: write it as NAME=VALUE."),
        ([COMMAND, "--image", "{photo}", "--set", "size=1"], "CNY-SnakeYear has no option size. It has: image, seed."),
        ([COMMAND, "--image", "{photo}", "--seed", "-1"], "seed has to be 0 to 9007199254740991, not -1."),
    ],
)  # fmt: skip
async def test_submit_refuses_in_one_sentence_before_anything_is_charged(
    stage: Stage, photo: Path, arguments: list[str], sentence: str
) -> None:
    text = photo.with_name("notes.png")
    text.write_text("just text")
    names = {"photo": photo, "text": text, "none": photo.with_name("none.png")}
    with pytest.raises(Refused) as caught:
        await run_submit(stage, *(argument.format(**names) for argument in arguments))
    assert caught.value.user_message == sentence.format(**names)
    assert stage.studio.posts == []


@pytest.mark.parametrize(
    ("out", "why"), [("photo.png", "File exists"), ("photo.png/images", "Not a directory")]
)
async def test_submit_refuses_a_folder_that_cannot_be_written_to_before_it_is_charged(
    stage: Stage, photo: Path, out: str, why: str
) -> None:
    folder = photo.parent / out
    with pytest.raises(Refused) as caught:
        await run_submit(stage, COMMAND, "--image", str(photo), "--out", str(folder))
    assert caught.value.user_message == f"--out {folder}: cannot be written to ({why})."
    assert stage.studio.posts == []


async def test_submit_converts_a_picture_as_the_bot_does(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "IMG_0001.HEIC"
    path.write_bytes(picture("HEIF"))
    await run_submit(stage, COMMAND, "--image", str(path), "--out", str(tmp_path))
    part = next(part for part in stage.studio.posts[0].parts if part.filename)
    assert (part.filename, part.content_type) == ("IMG_0001.jpg", "image/jpeg")
    assert part.data.startswith(b"\xff\xd8")


async def test_submit_asks_again_for_an_image_that_is_late(
    stage: Stage, photo: Path, tmp_path: Path
) -> None:
    stage.studio.fail_next("download", status=503, headers={"Retry-After": "0.5"}, times=2)
    out = tmp_path / "images"
    assert await run_submit(stage, COMMAND, "--image", str(photo), "--out", str(out)) == 0
    assert len(list(out.iterdir())) == 2


async def test_submit_saves_the_other_images_where_one_cannot_be_saved(
    stage: Stage, photo: Path, tmp_path: Path
) -> None:
    stage.studio.outputs[1] = (b"no image", "image/jpeg")
    out = tmp_path / "images"
    arguments = [COMMAND, "--image", str(photo), "--seed", "1", "--out", str(out)]
    with pytest.raises(Refused) as caught:
        await run_submit(stage, *arguments)
    assert caught.value.user_message == (
        "Image 1 could not be saved: What the service handed out is no image."
    )
    assert [path.name for path in out.iterdir()] == ["cny-snakeyear-seed1-2.jpg"]


async def test_submit_gives_an_image_up_after_some_tries(
    stage: Stage, photo: Path, tmp_path: Path
) -> None:
    stage.studio.endpoints["PrOhEE"] = 1
    stage.studio.fail_next("download", status=503, headers={"Retry-After": "0"}, times=100)
    with pytest.raises(Refused) as caught:
        await run_submit(stage, COMMAND, "--image", str(photo), "--out", str(tmp_path))
    assert caught.value.user_message == (
        "Image 1 could not be saved: The service no longer hands out this job's images. Run it again if you still want them."
    )


async def test_submit_says_at_once_that_the_service_cannot_be_reached(
    stage: Stage, photo: Path, unused_tcp_port: int
) -> None:
    stage.settings["INSTANT_STUDIO_URL"] = f"http://127.0.0.1:{unused_tcp_port}/api/v1"
    with pytest.raises(Refused) as caught:
        await run_submit(stage, COMMAND, "--image", str(photo))
    assert caught.value.user_message == (
        "The service cannot be reached. Nothing was charged; try again later."
    )


async def test_submit_without_a_seed_to_take_says_so(stage: Stage, tmp_path: Path) -> None:
    document = tmp_path / "a.json"
    document.write_text(json.dumps({"name": "A", "endpointId": "PrOhEE", "fieldIds": ["text_1"]}))
    stage.settings["ENDPOINTS"] = str(document)
    with pytest.raises(Refused, match="a takes no seed: leave --seed out"):
        await run_submit(stage, "a", "--seed", "5")
    stage.studio.fail_next("status", status=500)
    stage.studio.endpoints["PrOhEE"] = 0
    with pytest.raises(Refused, match="it gave no images"):
        await run_submit(stage, "a", "--set", "text=hello")
    assert stage.studio.posts[0].text("text") == "hello"


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (402, "The bot's owner has no credits left at the service. Nothing was charged; try again once they are topped up. (made to fail)"),
        (503, "The service takes no jobs now. Nothing was charged; try again later. (made to fail)"),
        (500, "The bot could not see whether the service took this job. It may have been charged, so it was not sent twice. Run it again if you want to. (made to fail)"),
    ],
)  # fmt: skip
async def test_submit_says_what_the_service_said(
    stage: Stage, photo: Path, status: int, sentence: str
) -> None:
    stage.studio.fail_next("submit", status=status)
    with pytest.raises(Refused) as caught:
        await run_submit(stage, COMMAND, "--image", str(photo))
    assert caught.value.user_message == sentence


async def test_submit_says_that_a_job_failed_or_took_too_long(stage: Stage, photo: Path) -> None:
    stage.studio.fail_job_next("out of memory")
    with pytest.raises(Refused, match="could not finish this job: out of memory"):
        await run_submit(stage, COMMAND, "--image", str(photo))
    stage.settings["JOB_TIMEOUT_MINUTES"] = "0.01"
    stage.studio.hold("pending")
    with pytest.raises(Refused, match="took too long"):
        await run_submit(stage, COMMAND, "--image", str(photo))


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


async def test_health_is_whether_the_worker_turned_lately(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.settings |= {"SHARD_COUNT": "1", "SHARD_IDS": "0"}
    settings = Settings.from_env(stage.environment())
    assert await health(settings) == 1
    assert capsys.readouterr().err.startswith("unhealthy: [Errno 2] No such file or directory")
    async with stage.bot():
        assert await health(settings) == 0
    assert capsys.readouterr().out == "healthy\n"
    assert await health(settings.model_copy(update={"shard_ids": (1,)})) == 1  # another process
    assert capsys.readouterr().err == "unhealthy: the worker last turned at no time\n"
    async with JobStore.open(settings.database_url) as store:
        await store.write_note(heartbeat_of((0,)), "2026-01-01T00:00:00+00:00")
    assert await health(settings) == 1
    assert capsys.readouterr().err == (
        "unhealthy: the worker last turned at 2026-01-01T00:00:00+00:00\n"
    )


@pytest.mark.parametrize(
    ("module", "heavy"),
    [("bot.ops.health", ("discord", "sqlalchemy")), ("bot.app", ("prometheus_client",))],
)
def test_what_is_not_needed_is_not_loaded(module: str, heavy: tuple[str, ...]) -> None:
    code = f"import {module}, sys; print(*set({heavy!r}) & set(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert loaded.stdout == "\n"


@pytest.mark.usefixtures("logging_restored")
async def test_run_serves_until_it_is_told_to_stop(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    documents = tmp_path / "endpoints"
    documents.mkdir()
    raw = json.loads(EXAMPLE.read_text())
    (documents / "a.json").write_text(json.dumps(raw | {"outputFormat": "jpeg"}))
    monkeypatch.chdir(tmp_path)
    for name, value in (stage.environment() | {"ENDPOINTS": "endpoints"}).items():
        monkeypatch.setenv(name, value)
    running = asyncio.create_task(cli.run(argparse.Namespace()))
    await stage.until_ready(running)
    await published()
    os.kill(os.getpid(), signal.SIGTERM)
    assert await asyncio.wait_for(running, 8) == 0


async def test_a_token_that_discord_refuses_is_one_sentence(stage: Stage, tmp_path: Path) -> None:
    environ = stage.environment() | {"DISCORD_TOKEN": "wrong"}
    ended = await asyncio.to_thread(lambda: start(tmp_path, **environ))
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1] == (
        "Discord does not take DISCORD_TOKEN: copy it again from the developer portal."
    )
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("is_there", [True, False])
async def test_check_says_whether_the_database_answers(
    stage: Stage,
    postgresql_url: str,
    unused_tcp_port: int,
    is_there: bool,  # noqa: FBT001 - a parameter of the test
    capsys: pytest.CaptureFixture[str],
) -> None:
    away = f"postgresql://me:pass@127.0.0.1:{unused_tcp_port}/jobs"
    stage.settings["DATABASE_URL"] = postgresql_url if is_there else away
    assert await check(stage.environment(), online=True) == (0 if is_there else 2)
    said = capsys.readouterr().out
    assert ("ok    DATABASE_URL: the database answers" in said) == is_there
    assert (
        "wrong DATABASE_URL: the database does not answer: connection failed" in said
    ) != is_there
    assert "pass@" not in said


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
