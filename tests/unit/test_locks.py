"""The locks name what pyproject.toml asks for: after a change there, run `make lock`."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
SHIPPED = [
    *PROJECT["build-system"]["requires"],
    *PROJECT["project"]["dependencies"],
    *EXTRAS["scale"],
]
LOCKS = {"requirements.lock": SHIPPED, "tests/requirements.lock": [*SHIPPED, *EXTRAS["dev"]]}


def locked(name: str) -> dict[str, set[Version]]:
    """The versions in a lock; one package may have several, for several Pythons."""
    found: dict[str, set[Version]] = {}
    text = (ROOT / name).read_text(encoding="utf-8")
    for package, version in re.findall(r"^([\w.-]+)(?:\[.*\])?==(\S+)", text, re.MULTILINE):
        found.setdefault(canonicalize_name(package), set()).add(Version(version))
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_each_dependency_at_a_version_within_its_range(name: str) -> None:
    versions = locked(name)
    faults = [
        text
        for text in LOCKS[name]
        for wanted in [Requirement(text)]
        for found in [versions.get(canonicalize_name(wanted.name), set())]
        if not found or not all(wanted.specifier.contains(version) for version in found)
    ]
    assert faults == [], "run `make lock`"


def test_what_is_tested_is_what_is_shipped() -> None:
    shipped, tested = locked("requirements.lock"), locked("tests/requirements.lock")
    assert {name: tested.get(name) for name in shipped} == shipped


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_hashes_and_names_no_registry_and_no_machine(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for package in re.split(r"^(?=\S+==)", text, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in package
    assert not re.search(r"://|^-|--(index|extra|find)|(^|\s)/", text, re.MULTILINE)
