"""Settings: any variables and any .env are taken, or told in lines what is wrong."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from discord.message import convert_emoji_reaction
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import make_url

from bot.app import studio_of
from bot.endpoints.catalogue import load_endpoints
from bot.errors import SetupError
from bot.files.outside import Outside
from bot.settings import Settings, endpoints_of, load_env, suspicious
from tests.fuzz.strategies import cut, odd_texts

NEEDED = {"DISCORD_TOKEN": "a.b.c", "INSTANT_STUDIO_API_KEY": "key"}
NAMES = [name.upper() for name in Settings.model_fields] + ["ARCHIVE_URL", "METRICS_PORT"]
# No process has a variable with NUL in it.
values = odd_texts.map(lambda text: text.replace("\0", "")) | st.sampled_from(
    [
        "1",
        "0",
        "-1",
        "nan",
        "inf",
        "1e308",
        "1e-308",
        "9" * 5000,
        "1,2",
        ",",
        "json",
        "again:12",
        "http://",
        "http://[",
        "http://x:99999",
        "https://studio.test/ä?x#y",
        "wss://x",
        "a/b",
        "sqlite:///",
        "🔁",
    ]
)


def told(error: SetupError) -> None:
    assert error.faults
    for fault in error.faults:
        assert len(fault.splitlines()) == 1
        assert len(fault) < 1000


@given(environ=st.dictionaries(st.sampled_from(NAMES), values, max_size=4), full=st.booleans())
@example(environ={"INSTANT_STUDIO_URL": "http://["}, full=True)
@example(environ={"KEEP_DAYS": "1e308"}, full=True)
@example(environ={"NOTIFY_AFTER_MINUTES": "inf"}, full=True)
@example(environ={"INSTANT_STUDIO_API_KEY": "a\nb"}, full=True)
@example(environ={"ENDPOINTS": "x" * 5000}, full=True)
def test_any_variables_are_settings_that_work_or_faults(environ: Any, full: bool) -> None:  # noqa: FBT001 - drawn
    endpoints_of(environ)
    try:
        settings = Settings.from_env(NEEDED | environ if full else environ)
    except SetupError as error:
        told(error)
        return
    assert suspicious(settings) is not None
    timedelta(days=settings.keep_days)
    timedelta(minutes=settings.notify_after_minutes)
    timedelta(minutes=settings.job_timeout_minutes)
    studio = studio_of(settings, cast("Outside", None))
    header = studio._headers()["Authorization"]
    assert header.isprintable()
    header.encode("latin-1")
    convert_emoji_reaction(settings.rerun_emoji)
    if "ENDPOINTS" in environ and not settings.endpoints.is_absolute():
        with suppress(SetupError):
            load_endpoints(settings.endpoints)


ENV = b"DISCORD_TOKEN='a.b.c'\nexport INSTANT_STUDIO_API_KEY=\"k\\n\"  # a key\nKEEP_DAYS=3\n"


@given(data=st.binary(max_size=60) | cut([ENV, b"\xef\xbb\xbf" + ENV]))
def test_any_env_file_is_read_or_told_to_be_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / ".env").write_bytes(data)
    try:
        Settings.from_env(load_env({}, tmp_path))
    except SetupError as error:
        told(error)


PLACES = [
    b"postgresql://me:pass@server:5432/jobs?sslmode=require",
    b"postgres://me:p%40ss@[::1]/jobs",
    b"sqlite:///jobs.sqlite3",
]


@given(url=cut(PLACES).map(lambda data: data.decode("utf-8", "replace").replace("\0", "")))
@example(url="postgresql://me:1/2@server:5/x")
@example(url="postgresql://me:a@b:c@[::1]:5/x")
def test_any_password_of_a_database_is_hidden_as_the_engine_knows_it(url: str) -> None:
    try:
        settings = Settings.from_env(NEEDED | {"DATABASE_URL": url})
    except SetupError as error:
        told(error)
        return
    found = make_url(settings.database_url)
    if settings.is_shared:
        assert {found.password} <= {None, "", *settings.secrets()}
