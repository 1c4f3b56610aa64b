"""`python -m bot check`: what is right, and what is wrong, line by line."""

import asyncio
import json
from pathlib import Path

import pytest

from bot.settings import load_env
from bot.shell.check import check
from bot.shell.environment import misspelt
from tests.buckets import Bucket
from tests.scenarios.conftest import ROOT, Stage
from tests.scenarios.shell import start

PUBLIC = (
    "note  Public Bot is on, so anyone can invite the bot and spend your credits: turn it off in the"
    " developer portal, or set GUILD_IDS"
)


def findings(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines before the count."""
    return capsys.readouterr().out.partition("\n\n")[0].splitlines()


async def test_check_says_what_is_right(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    assert await check(stage.environment(), online=True) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "ok    settings: all that are needed are set",
        f"ok    DATA_DIR={stage.data_dir}: can be written to",
        "ok    /cny-snakeyear: CNY-SnakeYear (image: image, seed: seed)",
        "ok    Discord takes the token: studio",
        (
            "note  Discord does not have these commands as they are here: everywhere:"
            " /cny-snakeyear, /forget-me, /help, /history, /privacy, /studio-here. The bot tells"
            " it at each start, and then each hour; its log says why where that fails"
        ),
        PUBLIC,
        (
            "      invite it with https://discord.com/oauth2/authorize"
            f"?client_id={stage.discord.application_id}"
            "&scope=bot+applications.commands&permissions=274878008384"
        ),
        "ok    the service takes INSTANT_STUDIO_API_KEY",
        "",
        "5 ok, 2 notes, nothing wrong.",
        ("Next: open the link above where the bot is in no server yet, and start it: make run"),
    ]


async def test_check_says_that_the_services_address_may_be_wrong(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.settings["INSTANT_STUDIO_URL"] = stage.studio.origin + "/api"
    assert await check(stage.environment(), online=True) == 2
    assert findings(capsys)[-1] == (
        f"wrong the service at {stage.studio.origin}/api: this address may be wrong, as it refuses"
        " no key: see INSTANT_STUDIO_URL"
    )


async def test_a_public_bot_that_serves_named_servers_alone_is_no_danger(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.settings["GUILD_IDS"] = "5"
    assert await check(stage.environment(), online=True) == 0
    assert PUBLIC not in capsys.readouterr().out


def test_the_invite_asks_for_exactly_what_the_bot_needs() -> None:
    needed = {
        "view_channel": 10,
        "send_messages": 11,
        "attach_files": 15,
        "read_message_history": 16,
        "add_reactions": 6,
        "send_messages_in_threads": 38,
    }
    assert sum(1 << bit for bit in needed.values()) == 274878008384


async def test_check_says_what_is_wrong(
    stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "a.json"
    document.write_text(json.dumps({"name": "A", "endpointId": "b", "fieldIds": ["x\n"], "new": 1}))
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
        f"wrong {document}: fieldIds[0]: expected text in one line, got 'x\\n'",
        "wrong Discord does not take DISCORD_TOKEN: copy it again from the developer portal",
        f"wrong the service at {stage.studio.url}: it does not take INSTANT_STUDIO_API_KEY",
        "",
        "1 ok, 1 note, 4 wrong.",
        "Next: mend what is wrong, and check again.",
    ]


async def test_check_names_what_a_start_leaves_out_beside_what_is_served(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = {"name": "A", "endpointId": "b", "fieldIds": ["text_57:8", "data[a [b]#5][c.d e]"]}
    own = {"name": "History", "endpointId": "c", "fieldIds": ["text_1"]}
    (tmp_path / "a.json").write_text(json.dumps([good, {"name": "B"}, own]))
    environ = {
        "DISCORD_TOKEN": "a.b.c",
        "INSTANT_STUDIO_API_KEY": "k",
        "ENDPOINTS": str(tmp_path),
        "DATA_DIR": str(tmp_path / "data"),
    }
    assert await check(environ, online=False) == 2
    lines = findings(capsys)[2:]
    assert lines == [
        f"wrong {tmp_path}/a.json: [1]: endpointId: expected this key, and it is missing",
        f"wrong {tmp_path}/a.json: [1]: fieldIds: expected this key, and it is missing",
        (
            f"wrong {tmp_path}/a.json: [2]: name: /history is a command of the bot's own:"
            " choose another name, or put it into a `group`"
        ),
        "ok    /a: A (text: string, c_d_e: string)",
    ]


@pytest.mark.parametrize(("mode", "is_told"), [(0o600, False), (0o640, True), (0o604, True)])
async def test_check_tells_of_secrets_that_others_can_read(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    mode: int,
    is_told: bool,  # noqa: FBT001 - of the table
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("DISCORD_TOKEN=a.b.c\n")
    (tmp_path / ".env").chmod(mode)
    assert await check({"ENDPOINTS": str(ROOT / "endpoints")}, online=False) == 2
    note = "note  .env has secrets in it, and others on this machine can read it: chmod 600 .env"
    assert (note in capsys.readouterr().out.splitlines()) is is_told


async def test_check_guesses_what_a_misspelt_setting_was_meant_to_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("JOB_PER_MEMBER=1\nCOLOUR=1\nDISCORD_BOT_TOKEN=a.b.c\n")
    (tmp_path / ".env").chmod(0o600)
    environ = load_env({"GUILD_ID": "5", "HOME": "/root", "FTP_PROXY": "x"}, tmp_path)
    assert await check(environ | {"ENDPOINTS": str(ROOT / "endpoints")}, online=False) == 2
    assert findings(capsys)[:5] == [
        "note  .env: COLOUR is no setting, and is left alone",
        "note  .env: DISCORD_BOT_TOKEN is no setting, and is left alone; did you mean DISCORD_TOKEN?",
        "note  GUILD_ID is no setting, and is left alone; did you mean GUILD_IDS?",
        "note  .env: JOB_PER_MEMBER is no setting, and is left alone; did you mean JOBS_PER_MEMBER?",
        "wrong DISCORD_TOKEN and INSTANT_STUDIO_API_KEY are not set: copy .env.example to .env, and fill it in.",
    ]


def test_a_line_that_may_be_a_secret_without_its_name_is_not_told() -> None:
    odd = {"mta.XYZ": "", "sk_live_abcDEF": "=", "abc": ""}
    assert misspelt({}, odd) == []


async def test_check_needs_no_network_for_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "a.json"
    document.write_text(
        json.dumps({"name": "A\x1b[2J", "endpointId": "b", "fieldIds": [], "new": 1})
    )
    environ = {
        "DISCORD_TOKEN": "a.b.c",
        "INSTANT_STUDIO_API_KEY": "k",
        "ENDPOINTS": str(document),
        "DATA_DIR": str(tmp_path / "data"),
        "DISCORD_API_URL": "http://127.0.0.1:1/api/v10",
    }
    assert await check(environ, online=False) == 0
    *lines, _, count, following = capsys.readouterr().out.splitlines()
    assert (count, following) == (
        "3 ok, 1 note, nothing wrong.",
        "Next: ask Discord and the service, too: make check, or python -m bot check --online",
    )
    assert lines[-2:] == [
        f"note  {document}: new: an unknown key, which is left alone",
        "ok    /a-2j: A\\x1b[2J (no options)",
    ]
    assert await check(environ, online=True) == 2
    assert "Discord cannot be asked (connection refused)" in capsys.readouterr().out


async def test_check_says_whether_the_bucket_can_be_used(
    stage: Stage, bucket: Bucket, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.settings |= bucket.environment
    assert await check(stage.environment(), online=True) == 0
    found = [findings(capsys)[-1]]
    stage.settings["ARCHIVE_URL"] = "s3://no-such-bucket"
    assert await check(stage.environment(), online=True) == 2
    found += [findings(capsys)[-1]]
    assert found == [
        f"ok    ARCHIVE_URL={bucket.environment['ARCHIVE_URL']}: can be read and written",
        "wrong ARCHIVE_URL=s3://no-such-bucket cannot be used: status 404 (NoSuchBucket).",
    ]


async def test_check_reads_the_documents_though_a_setting_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert await check({}, online=False) == 2
    missing, *documents = findings(capsys)
    assert missing.startswith("wrong DISCORD_TOKEN and INSTANT_STUDIO_API_KEY are not set")
    assert documents == ["ok    /cny-snakeyear: CNY-SnakeYear (image: image, seed: seed)"]
    for name in ("CREDITS_PER_MEMBER_PER_DAY", "CREDITS_PER_DAY"):
        assert await check({name: "5"}, online=False) == 2
        assert capsys.readouterr().out.splitlines()[1] == (
            f"wrong endpoints/cny-snakeyear.json: credits: expected a number, as {name} is set"
        )


async def test_check_prints_its_findings_and_no_log_line(stage: Stage, tmp_path: Path) -> None:
    environ = stage.environment()
    ended = await asyncio.to_thread(lambda: start(tmp_path, "check", "--online", **environ))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "ok    the service takes INSTANT_STUDIO_API_KEY\n" in ended.stdout
    assert "\x1b" not in ended.stdout


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
