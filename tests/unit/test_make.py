"""What each target of the Makefile would do; nothing of it is done."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BENCH = "-r tests/requirements.lock"


def planned(target: str) -> str:
    """All that the target would run on a fresh machine."""
    command = ["make", "--dry-run", "--always-make", target]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("target", ["demo", "check", "run"])
def test_what_an_owner_starts_is_installed_without_the_test_bench(target: str) -> None:
    plan = planned(target)
    assert "It takes half a minute" in plan
    assert " -r requirements.lock" in plan
    assert BENCH not in plan


@pytest.mark.parametrize("target", ["test", "fuzz", "audit", "format"])
def test_what_an_engineer_starts_adds_the_bench_to_the_same_environment(target: str) -> None:
    plan = planned(target)
    assert "It takes two minutes" in plan
    assert plan.index(" -r requirements.lock") < plan.index(BENCH)


def test_pip_shows_how_far_it_is_on_a_terminal_alone_and_takes_what_the_locks_name() -> None:
    installs = [line for line in planned("format").splitlines() if " pip install " in line]
    assert len(installs) == 2
    for line in installs:
        assert "--disable-pip-version-check --require-hashes --no-deps" in line
        assert "$([ -t 2 ] || echo -qq)" in line
