import json
import logging

import pytest

from bot.logs import NoSecrets, set_up_logs
from bot.settings import Settings

SECRET = "a-very-secret-key"


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
    assert found["message"].startswith("key [hidden]\nTraceback")
    assert found["at"].endswith("+00:00")


@pytest.mark.usefixtures("logging_restored")
def test_libraries_that_log_tokens_stay_quiet_at_debug() -> None:
    settings = Settings.from_env(
        {"DISCORD_TOKEN": SECRET, "INSTANT_STUDIO_API_KEY": "b", "LOG_LEVEL": "debug"}
    )
    set_up_logs(settings)
    assert logging.getLogger("bot.worker").isEnabledFor(logging.DEBUG)
    assert not logging.getLogger("discord.http").isEnabledFor(logging.DEBUG)
    assert not logging.getLogger("sqlalchemy.engine").isEnabledFor(logging.INFO)
