import asyncio
import base64
import json
import logging
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest
import yarl
from hypothesis import given
from hypothesis import strategies as st

from bot.logs import HIDDEN, NoSecrets, follow, hide, set_up_logs

ROOT = Path(__file__).parents[2]
SECRET = "a-very-secret-key"
TOKEN = (
    base64.urlsafe_b64encode(b"interaction:1575219096633475075:" + b"x\xff" * 40)
    .decode()
    .rstrip("=")
)
OTHER = "interaction-51d3bb3e8f"  # of another form, as only its place in an address tells


def record() -> logging.LogRecord:
    try:
        int(SECRET)
    except ValueError as error:
        info = (type(error), error, error.__traceback__)
        return logging.LogRecord("bot.x", logging.WARNING, "x.py", 1, "key %s", (SECRET,), info)
    pytest.fail("no number")


def test_a_secret_is_in_no_line_and_no_traceback() -> None:
    line = NoSecrets([SECRET]).format(record())
    assert SECRET not in line
    assert line.count("[hidden]") == 2
    assert "WARNING bot.x: key [hidden]\nTraceback" in line


def test_machines_get_an_object_a_line() -> None:
    line = NoSecrets([SECRET], is_json=True).format(record())
    assert "\n" not in line
    found = json.loads(line)
    assert (found["level"], found["logger"]) == ("warning", "bot.x")
    assert found["message"] == "key [hidden]"
    assert found["error"].startswith("Traceback")
    assert found["error"].endswith("'[hidden]'")
    assert "job" not in found
    assert found["at"].endswith("+00:00")


async def test_a_line_of_any_library_names_the_job_that_its_task_follows() -> None:
    text, machine = NoSecrets([]), NoSecrets([], is_json=True)
    own, other = said("job abc123: accepted"), said("is rate limited")

    async def step() -> list[str]:
        follow("abc123")
        return [text.format(own)[24:], text.format(other)[24:], machine.format(other)]

    lines = await asyncio.create_task(step())
    assert lines[0] == "INFO    discord.http: job abc123: accepted"
    assert lines[1] == "INFO    discord.http: job abc123: is rate limited"
    found = json.loads(lines[2])
    assert (found["job"], found["message"]) == ("abc123", "is rate limited")
    assert "abc123" not in text.format(other)  # the task's end is the end of it


def said(message: str) -> logging.LogRecord:
    return logging.LogRecord("discord.http", logging.INFO, "x.py", 1, message, (), None)


@pytest.mark.usefixtures("logging_restored")
def test_libraries_that_say_too_much_stay_quiet_at_debug() -> None:
    set_up_logs("debug", "text", [SECRET])
    assert logging.getLogger("bot.work.worker").isEnabledFor(logging.DEBUG)
    assert not logging.getLogger("discord.http").isEnabledFor(logging.DEBUG)
    assert not logging.getLogger("sqlalchemy.engine").isEnabledFor(logging.INFO)
    assert not logging.getLogger("alembic.runtime").isEnabledFor(logging.INFO)


ADDRESSES = (
    "https://discord.com/api/v10/interactions/15/{token}/callback",
    "https://discord.com/api/v10/webhooks/15/{token}",
    "/webhooks/15/{token}/messages/@original?wait=true",
    "https%3A%2F%2Fdiscord.com%2Finteractions%2F15%2F{token}%2Fcallback",
    "%252Fwebhooks%252F15%252F{token}%252Fmessages",
    '{{"url": "https:\\/\\/discord.com\\/webhooks\\/15\\/{token}\\/messages"}}',
    "URL('http://127.0.0.1:5/WEBHOOKS/15/{token}')",
)


@pytest.mark.parametrize("is_json", [False, True])
@pytest.mark.parametrize("token", [TOKEN, OTHER, quote(TOKEN + "=/+", safe="")])
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_token_in_an_address_is_in_no_line(address: str, token: str, is_json: bool) -> None:  # noqa: FBT001 - a parameter of the test
    line = NoSecrets([], is_json=is_json).format(
        said(f"got 500 from {address.format(token=token)}")
    )
    assert token not in line
    assert token[:20] not in line
    assert HIDDEN in line
    assert "got 500 from" in line


@pytest.mark.parametrize("is_json", [False, True])
def test_a_token_is_in_no_traceback_of_a_library(is_json: bool) -> None:  # noqa: FBT001 - a parameter of the test
    url = yarl.URL(f"https://discord.com/api/v10/interactions/15/{OTHER}/callback")
    request = aiohttp.RequestInfo(url, "POST", {}, url)  # type: ignore[arg-type]  # no headers
    try:
        try:
            raise aiohttp.ClientResponseError(request, (), status=400)
        except aiohttp.ClientError as error:
            raise ValueError(f"no answer of {url.path}") from error
    except ValueError as error:
        info = (type(error), error, error.__traceback__)
        failed = logging.LogRecord("bot.x", logging.ERROR, "x.py", 1, "failed", (), info)
    line = NoSecrets([], is_json=is_json).format(failed)
    assert OTHER not in line
    assert line.count(f"/interactions/15/{HIDDEN}") == 2


@pytest.mark.parametrize(
    "text",
    [
        f"the token {TOKEN} is over",
        f"{{'token': '{TOKEN}', 'type': 2}}",
        "{{'id': '5', 'token': '{secret}', 'type': 'kept'}}",
        '{{"grant": "{{\\"token\\": \\"{secret}\\", \\"until\\": \\"kept\\"}}"}}',
        "Grant(application_id=15, token='{secret}', expires_at='kept')",
        "https://files.example/a.png?X-Amz-Security-Token={secret}&kept=1",
        "Authorization: Bot {secret}",
        "authorization: bearer {secret}",
        "{{'Authorization': 'Bot {secret}', 'X-Other': 'kept'}}",
        '"Authorization": "Bearer {secret}"',
        "(b'Authorization', b'Bot {secret}')",
        "<CIMultiDict('Authorization': 'Bearer {secret}', 'Accept': 'kept')>",
        "postgresql://me:{secret}@localhost/jobs",
        "https://me:{secret}@proxy.example:8080/api",
    ],
)
def test_what_is_secret_by_its_form_is_hidden_though_nobody_named_it(text: str) -> None:
    shown = hide(text.format(secret="sw0rd.fi-sh_1=") if "{secret}" in text else text)
    assert HIDDEN in shown
    assert "sw0rd" not in shown
    assert TOKEN[16:] not in shown
    assert ("kept" in text) == ("kept" in shown)


@pytest.mark.parametrize(
    "text",
    [
        "job abc: the service took it as 5",
        "POST /api/v10/channels/5/messages answered 500",
        "https://cdn.example/a.png?ex=1&is=2&hm=3 is gone",
        "/interactions/15 and /webhooks/{webhook_id}/{webhook_token} are routes",
        "database: authorization failed for user me at postgresql://localhost:5432/jobs",
        "Bot connected, bearer of news",
        "Unexpected token: '}' in JSON, and a token: none",
        "12:30:00 a@b.example said: hello",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert hide(text) == text


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40))
def test_a_secret_of_any_signs_is_hidden_however_it_is_written(secret: str) -> None:
    line = NoSecrets([secret])
    for text in (secret, quote(secret, safe=""), repr(secret)[1:-1], json.dumps(secret)[1:-1]):
        assert line.format(said(f"<{text}>")).endswith(f"<{HIDDEN}>")


def test_a_secret_that_holds_another_is_hidden_whole() -> None:
    assert (
        NoSecrets(["pass", "password-1"])
        .format(said("password-1 pass"))
        .endswith(f"{HIDDEN} {HIDDEN}")
    )


TROUBLE = """
import asyncio, gc, logging, sys, threading, warnings
from bot.logs import set_up_logs

SECRET, TOKEN = sys.argv[1:3]
set_up_logs("info", sys.argv[3], [SECRET])
SAID = SECRET + " /interactions/15/" + TOKEN + "/callback"

def broken(where):
    raise ValueError(where + " " + SAID)

class Broken:
    def __del__(self):
        broken("at its end")

async def main():
    task = asyncio.create_task(asyncio.to_thread(broken, "in a task"))
    await asyncio.wait({task})
    del task
    gc.collect()

thread = threading.Thread(target=broken, args=("in a thread",))
thread.start()
thread.join()
asyncio.run(main())
del_me = Broken()
del del_me
warnings.warn("a warning " + SAID)
logging.getLogger("x").error("a line of %d", SAID)
broken("at exit")
"""


@pytest.mark.parametrize("style", ["text", "plain", "json"])
def test_what_python_itself_would_print_hides_secrets_too(style: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", TROUBLE, SECRET, OTHER, style],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    for where in ("in a task", "in a thread", "at its end", "a warning", "at exit"):
        assert f"{where} {HIDDEN} /interactions/15/{HIDDEN}" in ended.stderr
    assert "a line is left out: TypeError" in ended.stderr
    assert SECRET not in ended.stderr
    assert OTHER not in ended.stderr
