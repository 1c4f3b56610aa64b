"""The table of docs/using.md: who may press which button, row by row."""

from dataclasses import replace
from typing import Any

from bot.app import App
from bot.jobs.job import JobStatus
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.messages import Message
from bot.sandbox.discord.permissions import PERMISSIONS
from tests.scenarios.conftest import COMMAND, ROOT, Stage, described, png, replied
from tests.scenarios.test_cancel import at_rest, pressed, said
from tests.scenarios.test_changes import TINT, made, serve
from tests.scenarios.test_who_may import NOT_KNOWN

ASKER, MODERATOR, MEMBER, KEPT_OUT = (
    "who asked",
    "who may manage messages there",
    "a member",
    "kept out",
)
ALL = {ASKER, MODERATOR, MEMBER, KEPT_OUT}
MAY = {
    "whoever may use that command here, from their own limits": ALL - {KEPT_OUT},
    "the same; of images that were not posted, who asked": ALL - {KEPT_OUT},
    "who asked": {ASKER},
    "whoever sees it": ALL,
    "whoever sees it; of what was not posted, who asked": ALL,
    "who asked, or who may manage messages there": {ASKER, MODERATOR},
}
REFUSALS = ("You may not use", "Only who asked for this")


def rows() -> dict[str, str]:
    """The table's buttons, each with who may press it."""
    text = (ROOT / "docs" / "using.md").read_text().partition("## Who may press")[2]
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line[:3] == "| *"]
    return {button: who for buttons, who in lines for button in buttons.split("*")[1::2]}


async def is_refused(member: Member, message: Message, button: str) -> bool:
    """Whether the press ends in one sentence that nobody else sees."""
    if button in {"Originals", "Delete"}:
        message = replied(await pressed(member, message, "More…"))
    text = NOT_KNOWN
    while text.startswith(NOT_KNOWN):  # the rules were changed a moment ago
        handle = await pressed(member, message, button)
        text = handle.message.content if handle.message else ""  # else it is a form
    found = text.startswith(REFUSALS)
    assert not found or (handle.ephemeral and text.count("\n") == 0)
    return found


async def test_the_table_says_who_may_press(stage: Stage) -> None:
    people = {who: stage.member(who.split()[-1]) for who in (MODERATOR, MEMBER, KEPT_OUT, ASKER)}
    guild = stage.discord.guild
    people[MODERATOR].give(stage.discord.add_role(guild, "Mod", PERMISSIONS["manage_messages"]))
    assert len(rows()) == 7
    stage.studio.endpoints["PrOhEE"] = 1
    async with stage.bot():
        rules = [("user", people[KEPT_OUT].id, False)]
        await stage.discord.set_command_permissions(guild, COMMAND, rules)
        done = replied(await stage.slash(people[ASKER]))
        await stage.ended(done)
        stage.studio.hold("processing")
        running = replied(await stage.slash(people[ASKER]))
        await stage.discord.until(lambda: "Working" in described(running))
        for button, who in rows().items():
            message = running if button == "Cancel" else done
            may = {p for p, m in people.items() if not await is_refused(m, message, button)}
            assert may == MAY[who], button


async def become(app: App, message: Message, **changes: Any) -> None:
    """Let the message's job be as another one has ended."""
    job = await at_rest(app, message)
    await app.bot.store.change(job.id, lambda row: replace(row, **changes))


async def test_what_others_have_not_seen_they_can_neither_use_nor_read(stage: Stage) -> None:
    serve(stage, TINT)
    mei, ian = stage.member(), stage.member("Ian")
    async with stage.bot() as app:
        message = await made(stage, mei, "tint", image=png(), colour="red")
        posted = (await at_rest(app, message)).posted
        for status in (JobStatus.UNDELIVERABLE, JobStatus.FAILED, JobStatus.CANCELLED):
            await become(app, message, status=JobStatus.DELIVERED)
            form = await pressed(ian, message, "Use as input…")
            await become(app, message, status=status)
            refusal = "Only who asked for this can see what was not posted."
            assert await said(ian, message, "Use as input…") == refusal
            sent = await (await ian.submit(form, colour="blue")).responded()
            assert replied(sent).content == refusal
            assert (await pressed(mei, message, "Use as input…")).modal
        await become(
            app, message, status=JobStatus.DELIVERED, posted=replace(posted, is_hidden=True)
        )
        for button in ("Run again", "Change…", "Use as input…", "More…"):
            assert await said(ian, message, button) == "Only who asked for this can see it."
    assert len(stage.studio.posts) == 1
