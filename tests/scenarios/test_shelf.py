"""The endpoints change while the bot runs: in their folder, and from Discord."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import bot.discord.client
from bot.discord.owners import NOT_YOURS, Order
from bot.discord.slash import ON_A_MESSAGE
from bot.endpoints import shelf
from bot.endpoints.catalogue import load_endpoints
from bot.endpoints.own import NAMES
from bot.sandbox.discord.files import File
from bot.sandbox.discord.interactions import InteractionHandle
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.messages import Message
from bot.shell.check import check
from cogs.shelf import NO_DOCUMENT, PASTED, READING, TWO_DOCUMENTS
from cogs.studio import COUNTING
from tests.scenarios.conftest import COMMAND, ROOT, Stage, described, png, replied
from tests.scenarios.test_studio import CHANGED, owner_of

TINT: Mapping[str, Any] = {
    "endpointId": "TiNt",
    "name": "Tint",
    "fieldIds": ["image_1", "colour_2"],
    "fields": {"colour_2": {"kind": "string"}},
}
GONE = "CNY-SnakeYear is no longer offered here."


@pytest.fixture(autouse=True)
def _watchful(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes seconds elsewhere is seen at once."""
    monkeypatch.setattr(shelf, "LOOK_S", 0.05)
    monkeypatch.setattr(shelf, "READ_AGAIN_S", 0.05)
    monkeypatch.setattr(shelf, "SETTLE_S", 0.02)
    monkeypatch.setattr(bot.discord.client, "KNOWN_S", 0.05)


@pytest.fixture
def folder(stage: Stage) -> Path:
    """The folder of documents, with that of the example."""
    found = stage.data_dir.parent / "endpoints"
    shutil.copytree(ROOT / "endpoints", found)
    stage.settings |= {"ENDPOINTS": str(found), "OWNER_GUILD_ID": str(stage.discord.guild.id)}
    stage.studio.endpoints[TINT["endpointId"]] = 1
    return found


def write(folder: Path, document: object, name: str = "tint.json") -> Path:
    path = folder / name
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


async def published(stage: Stage, *names: str, scope: int | None = None) -> None:
    """Return once Discord has these commands of endpoints, and no others."""
    commands = stage.discord.commands
    await stage.discord.until(lambda: {*commands.names(scope)} - {*NAMES} == {*names})


def ids(stage: Stage, scope: int | None = None) -> Mapping[str, str]:
    return {each["name"]: each["id"] for each in stage.discord.commands.of(scope)}


async def ordered(member: Member, order: Order, **options: Any) -> InteractionHandle:
    return await (await member.slash(f"studio {order}", **options)).responded()


async def said(member: Member, order: Order, **options: Any) -> Message:
    """What the command answers at last, to who gave it alone."""
    return await at_last(await ordered(member, order, **options))


async def at_last(handle: InteractionHandle) -> Message:
    answer = replied(handle)
    assert answer.is_ephemeral
    await handle.news.changes.until(lambda: answer.content not in {COUNTING, READING})
    return answer


async def given(member: Member, **filled: Any) -> str:
    """What is said of a document that was given so."""
    form = await ordered(member, Order.ADD)
    return (await at_last(await (await member.submit(form, **filled)).responded())).content


async def tinted(stage: Stage, member: Member) -> Message:
    handle = await (await member.slash("tint", image=png())).responded()
    return await stage.ended(replied(handle))


async def test_what_the_owner_adds_is_a_command_past_a_restart_until_it_is_removed(
    stage: Stage, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sam, mei = owner_of(stage), stage.member("Mei")
    async with stage.bot() as app:
        before = ids(stage)
        text = json.dumps(TINT)
        assert (await given(sam, document=text)).startswith("Added: `/tint`; kept in the database.")
        assert [each.command for each in app.bot.endpoints] == [COMMAND, "tint"]
        await published(stage, COMMAND, "tint")
        assert {**ids(stage), **before} == ids(stage)  # those that were there are the same
        assert "Done" in described(await tinted(stage, mei))
        listed = (await said(sam, Order.ENDPOINTS)).content
        assert "2 endpoints" in listed
        assert "from the database" in listed
        assert "from cny-snakeyear.json" in listed
    async with stage.bot():
        assert "Done" in described(await tinted(stage, mei))
        capsys.readouterr()
        assert await check(stage.environment(), online=True) == 0
        lines = capsys.readouterr().out
        assert "ok    Discord has the commands: everywhere" in lines
        assert "ok    /tint: Tint (" in lines
        assert "What runs goes on." in (await said(sam, Order.REMOVE, endpoint="/Tint")).content
        await published(stage, COMMAND)
        longer = {**TINT, "more": "x" * 5000}
        file = File("tint.json", json.dumps(longer).encode())
        assert "Note: tint.json: more: an unknown key" in await given(sam, file=file)
        await published(stage, COMMAND, "tint")
        (folder / "cny-snakeyear.json").unlink()
        await published(stage, "tint")
        assert f"{folder}: expected at least one" in plain(
            (await said(sam, Order.ENDPOINTS)).content
        )


@pytest.mark.parametrize("how", ["document", "file"])
async def test_a_document_that_cannot_be_added_is_told_in_the_words_of_check(
    stage: Stage, folder: Path, how: str
) -> None:
    sam, source = owner_of(stage), PASTED if how == "document" else "x.json"
    wrong: list[object] = [
        '{"name": ',
        [],
        {**TINT, "name": COMMAND},  # a file's
        {**TINT, "name": "Help"},
        {**TINT, "endpointId": 5, "fieldIds": ["x\n", "y\n"]},
        [TINT, {**TINT, "fields": {"image_1": {"kind": "imge"}}}],
    ]
    async with stage.bot() as app:
        for document in wrong:
            path = write(folder, document, "x.json")
            text = path.read_bytes()
            faults = [*_faults_of(folder, path)]
            path.unlink()
            filled = File("x.json", text) if how == "file" else text.decode()
            answer = await given(sam, **{how: filled})
            for fault in faults:
                assert fault.replace(str(path), source) in plain(answer)
        assert [each.command for each in app.bot.endpoints] == [COMMAND]
        assert await given(sam) == NO_DOCUMENT
        both = {"document": "{}", "file": File("x.json", b"{}")}
        assert await given(sam, **both) == TWO_DOCUMENTS
        large = File("x.json", b" " * (2**20 + 1))
        assert await given(sam, file=large) == "x.json is larger than a document can be: 1 MiB."


def _faults_of(folder: Path, path: Path) -> list[str]:
    found = load_endpoints(folder)
    return [each for each in found.faults if each.startswith(str(path))]


def plain(text: str) -> str:
    """What Discord shows of it."""
    return text.replace("\\", "").replace("\u200b", "")


@pytest.mark.usefixtures("folder")
async def test_a_form_of_the_owners_does_nothing_once_its_sender_is_none(stage: Stage) -> None:
    named = stage.member("Named")
    stage.settings["OWNER_IDS"] = f"{named.id}"
    async with stage.bot():
        form = await ordered(named, Order.ADD)
    stage.settings["OWNER_IDS"] = ""
    async with stage.bot() as app:
        handle = await (await named.submit(form, document=json.dumps(TINT))).responded()
        assert replied(handle).content == NOT_YOURS
        assert [each.command for each in app.bot.endpoints] == [COMMAND]


async def test_a_files_endpoint_is_hidden_in_spite_of_a_restart_and_offered_again(
    stage: Stage, folder: Path
) -> None:
    sam, mei = owner_of(stage), stage.member("Mei")
    here, there = stage.discord.guild.id, stage.discord.add_guild("There").id
    stage.settings["GUILD_IDS"] = f"{here},{there}"
    async with stage.bot():
        result = await stage.ended(replied(await stage.slash(mei)))
        stage.studio.hold("processing")
        running = replied(await stage.slash(mei))
        await stage.discord.until(lambda: len(stage.studio.posts) == 2)
        answer = (await said(sam, Order.REMOVE, endpoint=COMMAND)).content
        assert answer.startswith(f"Hidden: `/{COMMAND}` is offered no longer")
        again = await (await mei.press(result, "Run again")).responded()
        assert replied(again).content == GONE
        await published(stage, scope=here)
        await published(stage, scope=there)
        assert {*ids(stage, here)} == {*NAMES}  # no menu where nothing takes a picture
        stage.studio.release()
        assert "Done" in described(await stage.ended(running))
        assert "hidden already" in (await said(sam, Order.REMOVE, endpoint=COMMAND)).content
        assert (
            "There is no endpoint other"
            in (await said(sam, Order.REMOVE, endpoint="other")).content
        )
    async with stage.bot():
        await published(stage, scope=here)
        assert (
            f"**Hidden**, and back by `/studio add`: `/{COMMAND}`"
            in (await said(sam, Order.ENDPOINTS)).content
        )
        suggested = await sam.complete("studio add", "hidden", "cny")
        assert [each["name"] for each in (await suggested.responded()).choices] == [COMMAND]
        others = await mei.complete("studio add", "hidden", "cny")
        assert (await others.responded()).choices == []
        assert "Offered again" in (await said(sam, Order.ADD, hidden=COMMAND)).content
        await published(stage, COMMAND, scope=here)
        assert {*ids(stage, here)} == {*NAMES, COMMAND, ON_A_MESSAGE}
        await said(sam, Order.REMOVE, endpoint=COMMAND)
        text = (folder / "cny-snakeyear.json").read_text()
        assert (await given(sam, document=text)).startswith("Offered again, as a file has it")
        await published(stage, COMMAND, scope=here)
        assert "is not hidden" in (await said(sam, Order.ADD, hidden=COMMAND)).content


async def test_files_that_change_are_noticed_and_a_faulty_one_stays_as_it_was(
    stage: Stage, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sam, mei = owner_of(stage), stage.member("Mei")
    async with stage.bot() as app:
        path = write(folder, TINT)
        await published(stage, COMMAND, "tint")
        tint_id = ids(stage)["tint"]
        path.write_text('{"name": "Ti')
        await stage.discord.until(lambda: bool(app.bot.shelf.offer.outdated))
        assert "Done" in described(await tinted(stage, mei))
        fault = f"{path}: line 1, column 10: expected JSON"
        assert f"an endpoint stays as it was last: {fault}" in caplog.text
        listed = plain((await said(sam, Order.ENDPOINTS)).content)
        assert f"**Stays as it was last**: {fault}" in listed
        status = (await said(sam, Order.STATUS)).content
        assert "**Documents**: 1 as it was last: `/studio endpoints` says why" in status
        assert ids(stage)["tint"] == tint_id
        stale = await typed(mei, "tint", image=png(), colour="red")
        other = {**TINT, "fieldIds": [TINT["fieldIds"][0]], "fields": {}, "description": "Other"}
        write(folder, other)
        await stage.discord.until(
            lambda: any(each["description"] == "Other" for each in stage.discord.commands.of(None))
        )
        answer = await (await stale).responded()
        assert replied(answer).content == CHANGED
        stage.studio.hold("processing")
        running = replied(await (await mei.slash("tint", image=png())).responded())
        await stage.discord.until(lambda: len(stage.studio.posts) == 2)
        path.unlink()
        await published(stage, COMMAND)
        stage.studio.release()
        assert "Done" in described(await stage.ended(running))


async def typed(member: Member, name: str, **options: Any) -> Any:
    """A command that is typed now, and sent where that is awaited."""
    place = member._at(None)
    command, parts = member._typed(name, place)
    data = parts.whole(options)
    return member._world.interact(member.user, place, data, member._by(command, place))
