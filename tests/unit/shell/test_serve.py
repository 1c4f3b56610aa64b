"""What the process asks of the system before it serves."""

import resource
from collections.abc import Iterator

import pytest

from bot.shell.serve import allow_open_files


@pytest.fixture
def limits() -> Iterator[tuple[int, int]]:
    """The limits of open files, which stand again afterwards."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield soft, hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_the_bot_may_have_as_many_files_open_as_the_system_lets_it(limits: tuple[int, int]) -> None:
    _, hard = limits
    found, far = [], 2**40
    resource.setrlimit(resource.RLIMIT_NOFILE, (500, hard))
    for wanted in (600, 550, far):
        allow_open_files(wanted)
        found.append(resource.getrlimit(resource.RLIMIT_NOFILE))
    most = far if hard == resource.RLIM_INFINITY else hard
    assert found == [(600, hard), (600, hard), (most, hard)]
