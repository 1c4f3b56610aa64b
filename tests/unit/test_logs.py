import asyncio
import json
import logging

import pytest

from bot.logs import NoSecrets, follow, set_up_logs

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
