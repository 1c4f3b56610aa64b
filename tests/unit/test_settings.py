import importlib
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from bot.errors import SetupError
from bot.jobs.database import CLOSE_S
from bot.settings import Settings, load_env, suspicious
from bot.studio.deadlines import Deadlines
from bot.work.worker import DRAIN_S

ROOT = Path(__file__).parents[2]
NEEDED = {"DISCORD_TOKEN": "a.b.c", "INSTANT_STUDIO_API_KEY": "key"}


def settings(**more: str) -> Settings:
    return Settings.from_env(NEEDED | more)


def faults(**more: str) -> tuple[str, ...]:
    with pytest.raises(SetupError) as caught:
        settings(**more)
    return caught.value.faults


def test_two_variables_are_enough() -> None:
    found = settings()
    assert found.discord_token.get_secret_value() == "a.b.c"
    assert found.secrets() == ("a.b.c", "key")
    assert found.instant_studio_url == "https://toolkit.instantstudio.ai/api/v1"
    assert found.database_url == "sqlite:///data/jobs.sqlite3"
    assert (found.jobs_per_member, found.keep_days, found.job_timeout_minutes) == (3, 30, 1440)


def test_all_that_is_missing_is_named_in_one_sentence() -> None:
    with pytest.raises(SetupError) as caught:
        Settings.from_env({"DISCORD_TOKEN": "  "})
    assert caught.value.faults == (
        (
            "DISCORD_TOKEN and INSTANT_STUDIO_API_KEY are not set: copy .env.example to .env, and"
            " fill it in."
        ),
    )


def test_an_empty_variable_counts_as_not_set() -> None:
    assert settings(LOG_LEVEL="", JOBS_PER_MEMBER=" ").jobs_per_member == 3


def test_lists_and_addresses_are_read() -> None:
    found = settings(
        GUILD_IDS="1, 2 3",
        SHARD_COUNT="4",
        SHARD_IDS="0,3",
        DISCORD_API_URL="http://proxy:8080/api/v10/",
        DISCORD_GATEWAY_URL="ws://proxy",
        DATABASE_URL="sqlite:///other.sqlite3",
        METRICS_PORT="9464",
    )
    assert (found.guild_ids, found.shard_count, found.shard_ids) == ((1, 2, 3), 4, (0, 3))
    assert found.discord_api_url == "http://proxy:8080/api/v10"
    assert found.database_url == "sqlite:///other.sqlite3"
    assert found.metrics_port == ("0.0.0.0", 9464)  # noqa: S104 - read, not listened to
    assert settings(METRICS_PORT="127.0.0.1:0").metrics_port == ("127.0.0.1", 0)
    assert settings(METRICS_PORT="[::]:9464").metrics_port == ("::", 9464)


@pytest.mark.parametrize(
    ("text", "emoji"),
    [
        ("🔁", "🔁"),
        ("♻️", "♻️"),
        ("again:812345678901234567", "again:812345678901234567"),
        (":again:812345678901234567", "again:812345678901234567"),
        ("<:again:812345678901234567>", "again:812345678901234567"),
        ("<a:again:812345678901234567>", "again:812345678901234567"),
        ("off", ""),
        (" OFF ", ""),
    ],
)
def test_an_emoji_is_kept_as_a_reaction_is_put(text: str, emoji: str) -> None:
    assert settings(RERUN_EMOJI=text).rerun_emoji == emoji


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("INSTANT_STUDIO_URL", "ftp://x", "expected an address that begins with https://"),
        (
            "INSTANT_STUDIO_URL",
            "https://me:word@x",
            "expected an address without a user and a password",
        ),
        ("DISCORD_API_URL", "https://me@x", "expected an address without a user and a password"),
        ("AWS_ENDPOINT_URL", "http://:word@x", "expected an address without a user and a password"),
        ("DISCORD_GATEWAY_URL", "http://x", "expected an address that begins with wss://"),
        (
            "HTTPS_PROXY",
            "socks5://me:word@x:1",
            "expected http://HOST:PORT or http://USER:PASSWORD@HOST:PORT",
        ),
        ("HTTP_PROXY", "http://", "expected http://HOST:PORT or http://USER:PASSWORD@HOST:PORT"),
        (
            "HTTP_PROXY",
            "http://x:port",
            "expected http://HOST:PORT or http://USER:PASSWORD@HOST:PORT",
        ),
        ("JOBS_PER_MEMBER", "0", "expected at least 1"),
        ("JOBS_PER_MEMBER", "1000001", "expected at most 1,000,000"),
        ("JOBS_PER_MEMBER", "1.5", "expected a whole number"),
        ("JOBS_PER_MEMBER", "9" * 5000, "expected a whole number"),
        ("CREDITS_PER_DAY", "0", "expected more than 0"),
        ("CREDITS_PER_DAY", "much", "expected a number"),
        ("CREDITS_PER_DAY", "inf", "expected at most 1,000,000,000"),
        ("JOBS_AT_ONCE", "9" * 30, "expected at most 1,000,000"),
        ("GUILD_IDS", f"{2**63}", "expected less than 9,223,372,036,854,775,808"),
        ("JOBS_PER_DAY", "0", "expected at least 1"),
        ("JOBS_AT_ONCE", "0.5", "expected a whole number"),
        ("KEEP_DAYS", "soon", "expected a number"),
        ("KEEP_DAYS", "0", "expected more than 0"),
        ("KEEP_DAYS", "40000", "expected at most 36,500"),
        ("JOB_TIMEOUT_MINUTES", "nan", "expected at most 525,600"),
        ("STUDIO_REQUESTS_PER_SECOND", "0", "expected at least 0.01"),
        ("GUILD_IDS", "here, there", "expected a whole number"),
        ("RERUN_EMOJI", ":repeat:", "expected an emoji as 🔁, or a server's own as name:id"),
        ("RERUN_EMOJI", "<:again:x>", "expected an emoji as 🔁, or a server's own as name:id"),
        ("LOG_LEVEL", "loud", "expected one of 'debug', 'info', 'warning' or 'error'"),
        ("SHARD_IDS", "0", "set SHARD_COUNT, too"),
        ("METRICS_PORT", "65536", "expected a port as 9464, or an address as 127.0.0.1:9464"),
        ("METRICS_PORT", "1.2.3:80", "expected a port as 9464, or an address as 127.0.0.1:9464"),
        (
            "METRICS_PORT",
            "localhost:80",
            "expected a port as 9464, or an address as 127.0.0.1:9464",
        ),
        (
            "DATABASE_URL",
            "sqlite:jobs.db",
            "expected sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME",
        ),
        (
            "DATABASE_URL",
            "mysql://me:pass@x/y",
            "expected sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME",
        ),
        (
            "DATABASE_URL",
            "postgresql://",
            "expected sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME",
        ),
        (
            "DATABASE_URL",
            "sqlite:///",
            "expected sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME",
        ),
        ("ARCHIVE_URL", "https://bucket", "expected s3://bucket or s3://bucket/prefix"),
        ("ARCHIVE_URL", "s3://", "expected s3://bucket or s3://bucket/prefix"),
        ("ARCHIVE_URL", "s3:///prefix", "expected s3://bucket or s3://bucket/prefix"),
        ("ARCHIVE_URL", "s3://key:secret@bucket", "expected s3://bucket or s3://bucket/prefix"),
        ("ARCHIVE_URL", "s3://bucket/a/../b", "expected s3://bucket or s3://bucket/prefix"),
        ("AWS_ENDPOINT_URL", "minio:9000", "expected an address that begins with https://"),
    ],
)
def test_a_wrong_value_is_named_with_its_variable(name: str, value: str, fault: str) -> None:
    (found,) = faults(**{name: value})
    assert found == f"{name}: {fault}"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:pass@server:port/jobs",
        "postgresql://me:pass@server:65536/jobs",
        "postgresql://me:pass@[::1/jobs",
        "postgresql://me:pa@ss@server/jobs",
        "postgresql://me:12/pass@server/jobs",
        "postgresql://me:pa#ss@server/jobs",
        "postgresql://me:pa ss@server/jobs",
    ],
)
def test_a_database_that_could_be_read_in_two_ways_is_refused_and_not_shown(url: str) -> None:
    (found,) = faults(DATABASE_URL=url)
    assert found == (
        "DATABASE_URL: expected postgresql://USER:PASSWORD@HOST:PORT/NAME, with the signs of a"
        " password in their codes: @ as %40, / as %2F"
    )


@pytest.mark.parametrize(
    "rest",
    [
        "server/jobs",
        "me@server:5433/jobs?sslmode=verify-full",
        "me:p%40ss%2Fword@[::1]:5432/jobs",
        "me:pass@/jobs?host=/var/run/postgresql",
    ],
)
def test_a_database_is_read_as_the_engine_reads_it(rest: str) -> None:
    found = settings(DATABASE_URL=f"postgres://{rest}")
    assert found.database_url == f"postgresql://{rest}"
    password = make_url(found.database_url).password
    assert {password} <= {None, *found.secrets()}


def test_a_shard_beyond_the_count_is_told() -> None:
    assert faults(SHARD_COUNT="2", SHARD_IDS="2") == (
        "SHARD_IDS: expected numbers below SHARD_COUNT",
    )


SPENDING = "CREDITS_PER_MEMBER_PER_DAY, CREDITS_PER_DAY, JOBS_PER_DAY"


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({}, f"anybody may use it: set one of {SPENDING}"),
        ({"JOBS_PER_MEMBER": "1"}, f"anybody may use it: set one of {SPENDING}"),
        (
            {"JOBS_PER_DAY": "9", "GUILD_IDS": "1"},
            "it serves people in any server: leave GUILD_IDS empty",
        ),
        ({"GUILD_IDS": "1"}, "it serves people in any server: leave GUILD_IDS empty"),
    ],
)
def test_whoever_installs_it_is_served_everywhere_and_spends_so_much_alone(
    more: dict[str, str], fault: str
) -> None:
    assert faults(USER_INSTALL="on", **more) == (f"USER_INSTALL: {fault}",)
    assert faults(USER_INSTALL="everybody") == ("USER_INSTALL: expected on or off",)
    assert not settings(USER_INSTALL="off", **more).user_install
    for name in SPENDING.split(", "):
        assert settings(USER_INSTALL="on", **{name: "9"}).user_install


def test_the_process_overrules_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=file\nB=file\nC\nD=${A}\n")
    assert load_env({"A": "process"}, tmp_path) == {"A": "process", "B": "file", "D": "${A}"}


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"\xff\xfeA\x00")
    with pytest.raises(SetupError) as caught:
        load_env({}, tmp_path)
    assert caught.value.faults == (f"{path}: expected a text file in UTF-8.",)
    path.unlink()
    path.mkdir()
    with pytest.raises(SetupError) as caught:
        load_env({}, tmp_path)
    assert caught.value.faults == (f"{path}: cannot be read (Is a directory).",)


def test_a_mark_at_the_beginning_of_the_file_is_left_out(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("\ufeffA=1\n", encoding="utf-8")
    assert load_env({}, tmp_path) == {"A": "1"}


def test_what_is_probably_not_meant_is_said() -> None:
    assert suspicious(settings()) == []
    found = Settings.from_env(NEEDED | {"DISCORD_TOKEN": "x", "INSTANT_STUDIO_URL": "http://a.b"})
    assert suspicious(found) == [
        "DISCORD_TOKEN does not look like a bot's token (three parts with dots)",
        "INSTANT_STUDIO_URL is not encrypted: the key can be read on its way",
    ]


def test_the_example_and_the_manual_list_every_variable_with_its_default() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    example = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", text, re.MULTILINE))
    names = {name.upper() for name in Settings.model_fields}
    assert set(example) == names
    given = {key: value for key, value in example.items() if value}
    assert Settings.from_env(NEEDED | given) == settings()
    manual = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert names <= set(re.findall(r"^\| `([A-Z_]+)`", manual, re.MULTILINE))


@pytest.mark.parametrize("url", ["s3://bucket", "s3://my.bucket-2/some/prefix_1"])
def test_a_bucket_is_kept_without_a_slash_at_its_end(url: str) -> None:
    assert settings(ARCHIVE_URL=f"{url}/").archive_url == url


def test_no_secret_is_in_a_representation() -> None:
    found = settings(
        INSTANT_STUDIO_API_KEY="sssh",
        DATABASE_URL="sqlite:///pass.db",
        AWS_ACCESS_KEY_ID="who",
        AWS_SECRET_ACCESS_KEY="quiet",
        AWS_SESSION_TOKEN="whisper",
        DISCORD_GATEWAY_URL="wss://me:h%40sh@proxy",
    )
    shown = repr(found)
    words = ("sssh", "pass.db", "who", "quiet", "whisper", "h%40sh")
    assert [word for word in words if word in shown] == []
    assert found.secrets() == ("a.b.c", "sssh", "h%40sh", "h@sh", "quiet", "whisper")


def test_a_password_of_a_proxy_is_a_secret_too() -> None:
    found = settings(HTTPS_PROXY="http://me:w%40rd@proxy:3128", HTTP_PROXY="you:sssh@other:8080")
    assert found.http_proxy == "http://you:sssh@other:8080"
    assert found.secrets()[2:] == ("w%40rd", "sssh", "w@rd", "sssh")
    assert "rd@" not in repr(found)


def test_a_password_in_a_query_is_a_secret_too() -> None:
    url = "postgresql://me@host/jobs?password=mum&sslpassword=w%6Frd&sslmode=require"
    assert settings(DATABASE_URL=url).secrets()[2:] == ("mum", "w%6Frd", "mum", "word")


@pytest.mark.parametrize("name", ["compose.yaml", "docs/compose.scaling.yaml"])
def test_compose_waits_longer_than_a_post_may_take(name: str) -> None:
    compose = (ROOT / name).read_text()
    (grace_s,) = re.findall(r"stop_grace_period: (\d+)s", compose)
    assert Deadlines().submit_s == 45
    assert int(grace_s) >= Deadlines().submit_s + DRAIN_S + CLOSE_S


@pytest.mark.parametrize("name", ["compose.yaml", "docs/compose.scaling.yaml"])
def test_what_compose_starts_has_limits_and_logs_that_turn_over(name: str) -> None:
    yaml: Any = importlib.import_module("yaml")
    services = yaml.safe_load((ROOT / name).read_text())["services"]
    for service in services.values():
        assert service["mem_limit"] == "2g"
        assert service["pids_limit"] == 200
        assert service["restart"] == "unless-stopped"
        assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}


def test_the_processes_of_the_scaling_compose_share_all_shards() -> None:
    compose = (ROOT / "docs" / "compose.scaling.yaml").read_text()
    compose = re.sub(r"\$\{[^}]+\}", "password", compose)
    given = re.findall(r'^ +([A-Z_]+): "?([^"#\n]+?)"?(?: #.*)?$', compose, re.MULTILINE)
    others = ("POSTGRES_", "PORT", "REQUEST_TIMEOUT")
    ours = [(name, value) for name, value in given if not name.startswith(others)]
    shards = [value for name, value in ours if name == "SHARD_IDS"]
    for shard in shards:
        found = Settings.from_env(NEEDED | dict(ours) | {"SHARD_IDS": shard})
        assert found.is_shared
        assert found.shard_count == len(shards)
    assert sorted(shards) == ["0", "1"]
    assert {name.lower() for name, _ in ours} <= Settings.model_fields.keys()
