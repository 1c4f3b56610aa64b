"""The endpoints as they are now: seen soon in every process, and never by half."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.endpoints import shelf
from bot.endpoints.again import request_for
from bot.endpoints.catalogue import Endpoint, load_endpoints
from bot.endpoints.shelf import Shelf
from bot.errors import Refused, StorageError
from bot.jobs.added import Added
from bot.jobs.store import JobStore
from bot.settings import Settings

A, B, C = ({"name": name, "endpointId": name, "fieldIds": []} for name in "abc")
NEEDED = {"DISCORD_TOKEN": "a.b.c", "INSTANT_STUDIO_API_KEY": "key"}


@pytest.fixture(autouse=True)
def _watchful(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOOK_S", "READ_AGAIN_S", "SETTLE_S"):
        monkeypatch.setattr(shelf, name, 0.01)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "endpoints"
    found.mkdir()
    write(found, A)
    return found


@pytest.fixture
async def added(tmp_path: Path) -> AsyncIterator[Added]:
    async with JobStore.open(f"sqlite:///{tmp_path / 'jobs.sqlite3'}") as store:
        yield store.added


def write(folder: Path, document: dict[str, Any], text: str = "") -> Path:
    path = folder / f"{document['name']}.json"
    path.write_text(text or json.dumps(document))
    return path


async def shelf_of(folder: Path, added: Added) -> Shelf:
    """A process's own, as at the start."""
    settings = Settings.from_env(NEEDED | {"ENDPOINTS": f"{folder}"})
    found = Shelf(settings, added, load_endpoints(folder).endpoints)
    await found.renew()
    return found


@asynccontextmanager
async def watching(*shelves: Shelf) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(each.run()) for each in shelves]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(found: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not found():  # noqa: ASYNC110 - another process's doing
            await asyncio.sleep(0.01)


def names(of: Shelf) -> list[str]:
    return [each.qualified_name for each in of.endpoints]


async def test_every_process_offers_what_one_was_told_and_whoever_follows_hears_of_it(
    folder: Path, added: Added
) -> None:
    one, two = await shelf_of(folder, added), await shelf_of(folder, added)
    heard: list[tuple[Endpoint, ...]] = []

    def breaks() -> None:
        raise ValueError("a follower that is wrong")

    two.follow(breaks)
    two.follow(lambda: heard.append(two.endpoints))
    async with watching(one, two):
        await one.add(json.dumps([B, C]).encode(), "x")
        assert names(one) == ["a", "b", "c"]
        await until(lambda: names(two) == ["a", "b", "c"])
        assert await two.remove(" /B ") == ("b", False)
        await until(lambda: names(one) == ["a", "c"])
        assert await one.remove("a") == ("a", True)
        await until(lambda: names(two) == ["c"])
        assert await two.show("/a") == ("a", True)
        await until(lambda: names(one) == ["a", "c"])
    assert [len(each) for each in heard] == [3, 2, 1, 2]
    assert names(await shelf_of(folder, added)) == ["a", "c"]


async def test_results_stay_in_age_restricted_channels_once_their_endpoint_is_gone(
    folder: Path, added: Added
) -> None:
    write(folder, {**B, "nsfw": True})
    one, two = await shelf_of(folder, added), await shelf_of(folder, added)
    await one.add(json.dumps({**C, "nsfw": True}).encode(), "x")
    asked = request_for(one.endpoints[-1], (), ())
    await one.remove("b")
    await one.remove("c")
    assert one.restricted == {"b", "c"}
    assert (await shelf_of(folder, added)).restricted == {"b"}  # as it is hidden
    anew = await shelf_of(folder, added)
    assert anew.is_restricted(asked)  # though it knows nothing of the endpoint
    await two.add(json.dumps(C).encode(), "x")  # which is for everybody now
    await one.renew()
    await anew.renew()
    assert one.restricted == {"b"}
    assert not anew.is_restricted(asked)


async def test_what_is_removed_has_to_be_there_and_to_be_clear(folder: Path, added: Added) -> None:
    write(folder, {**B, "group": "g"})
    write(folder, {**C, "name": "b ", "group": "h"})
    found = await shelf_of(folder, added)
    for text in ("b", "other", "", "/"):
        with pytest.raises(Refused, match="There is no endpoint"):
            await found.remove(text)
    assert await found.remove("/G  b") == ("g b", True)
    assert await found.remove("b") == ("h b", True)
    with pytest.raises(Refused, match="hidden already"):
        await found.remove("g b")
    (folder / "b.json").unlink()
    assert await (await shelf_of(folder, added)).show("g b") == ("g b", False)
    await added.put({"a": json.dumps(A)})  # which a file has, and which is left out
    assert await (await shelf_of(folder, added)).remove("a") == ("a", True)
    assert (await added.read()).documents == {}


@pytest.mark.parametrize("typed", ["große-schlange", "/GROSSE-SCHLANGE", "Große Schlange"])
async def test_a_command_is_found_however_its_letters_are_folded(
    folder: Path, added: Added, typed: str
) -> None:
    write(folder, {**A, "name": "Große Schlange"})
    found = await shelf_of(folder, added)
    assert await found.remove(typed) == ("große-schlange", True)
    with pytest.raises(Refused, match="/große-schlange is hidden already"):
        await found.remove("große-schlange")
    assert await found.show("große-schlange") == ("große-schlange", True)
    document = json.dumps({**B, "name": "Große Katze"})
    assert [*(await found.add(document.encode(), "x")).documents] == ["große-katze"]
    assert await found.remove("/große-katze") == ("große-katze", False)


async def test_what_another_process_has_left_no_room_for_is_not_said_to_be_offered(
    folder: Path, added: Added
) -> None:
    one, two = await shelf_of(folder, added), await shelf_of(folder, added)
    await one.add(json.dumps(C).encode(), "x")
    with pytest.raises(Refused, match="/c b cannot be offered beside what was added meanwhile"):
        await two.add(json.dumps({**B, "group": "c"}).encode(), "x")
    await two.remove("c")
    assert names(two) == ["a", "c b"]


async def test_what_changes_beside_the_documents_is_no_change_of_them(
    folder: Path, added: Added
) -> None:
    found = await shelf_of(folder, added)
    other = folder / "jobs.sqlite3"
    other.write_text("a")
    looks = [await found._look()]
    other.write_text("ab")  # as each announcement would change it
    looks.append(await found._look())
    write(folder, {**A, "description": "anew"})
    looks.append(await found._look())
    (folder / "b.txt").touch()  # which may be meant for one, and is told of
    looks.append(await found._look())
    assert looks == [False, False, True, True]


async def test_what_is_wrong_with_a_file_is_told_once_and_by_the_start_where_it_was_so(
    folder: Path, added: Added, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot")
    write(folder, B, "{")
    one = await shelf_of(folder, added)
    async with watching(one):
        await until(lambda: bool(one.offer.left_out))
        write(folder, B)
        await until(lambda: names(one) == ["a", "b"])
        write(folder, B, "[")
        await until(lambda: bool(one.offer.outdated))
        (folder / "b.json.txt").touch()
        await until(lambda: bool(one.offer.warnings))
    told = [r.getMessage().replace(f"{folder}/", "") for r in caplog.records]
    assert told == [
        "endpoints that are offered now: 2",
        "an endpoint stays as it was last: b.json: line 1, column 2: expected JSON: Expecting value",
        "b.json.txt: passed over, as its name does not end in .json",
    ]


async def test_a_process_that_looks_seldom_looks_once_another_has_seen_a_change(
    folder: Path, added: Added, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "LOOK_S", 3600.0)
    one, two = await shelf_of(folder, added), await shelf_of(folder, added)
    async with watching(two):
        await until(lambda: two._seen is not None)
        await one._look()
        write(folder, B)
        assert await one._look()
        await one._announce()
        await until(lambda: names(two) == ["a", "b"])


async def test_a_file_that_is_replaced_is_not_taken_for_one_that_is_gone(
    folder: Path, added: Added, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, heard, is_gone = shelf._seen_in, [], False

    def replacing(path: Path) -> shelf.Seen:
        """At the look after one that sees nothing the editor has written it anew."""
        nonlocal is_gone
        if is_gone:
            write(folder, {**A, "description": "anew"})
        is_gone = not (folder / "a.json").exists()
        return look(path)

    monkeypatch.setattr(shelf, "_seen_in", replacing)
    one = await shelf_of(folder, added)
    one.follow(lambda: heard.append([each.description for each in one.endpoints]))
    async with watching(one):
        await until(lambda: one._seen is not None)
        (folder / "a.json").unlink()
        await until(lambda: bool(heard))
    assert heard == [["anew"]]


async def test_the_last_endpoints_are_offered_while_the_database_cannot_be_read(
    folder: Path,
    added: Added,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    one, tries = await shelf_of(folder, added), 0
    await one.add(json.dumps(B).encode(), "x")

    async def refused(_work: object) -> None:
        nonlocal tries
        tries += 1
        raise StorageError("database: locked")

    with monkeypatch.context() as patched:
        patched.setattr(added._database, "run", refused)
        async with watching(one):
            await until(lambda: tries > 3)
            write(folder, C)
            await until(lambda: names(one) == ["a", "c", "b"])
    lines = [r.getMessage() for r in caplog.records if "cannot be read" in r.getMessage()]
    assert len(lines) == 1
