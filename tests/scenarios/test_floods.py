"""What others do in great numbers costs nobody a command, and the bot nothing at Discord."""

from collections.abc import Callable

from bot.app import App
from bot.sandbox.discord import server
from bot.sandbox.discord.messages import Message
from tests.scenarios.conftest import RERUN, Stage, is_reply, moved_on, png, replied


def refused(stage: Stage) -> list[str]:
    """What Discord counts until it shuts a machine out."""
    return [e.route for e in stage.discord.requests if e.status in {401, 403, 429}]


def sentences(stage: Stage) -> list[Message]:
    """What the bot said to somebody, in words."""
    ours = stage.discord.bot_user
    return [m for m in stage.discord.messages() if m.author is ours and not is_reply(m)]


def looks(app: App) -> list[int]:
    """The messages for whose job the table is asked from now on."""
    asked: list[int] = []
    job_of: Callable[[int], object] = app.bot.service.job_of

    def counted(message_id: int) -> object:
        asked.append(message_id)
        return job_of(message_id)

    app.bot.service.job_of = counted  # type: ignore[method-assign, assignment]
    return asked


async def test_where_the_bot_may_not_speak_nothing_is_tried_until_it_may(stage: Stage) -> None:
    discord, mei = stage.discord, stage.member()
    text = f"{discord.bot_mention} seed x"
    async with stage.bot() as app:
        result = await stage.ended(replied(await stage.slash(mei)))
        asked = looks(app)
        discord.deny(discord.channel, "send_messages")
        for number in range(5):
            other = stage.member(f"member{number}")
            await other.post(text, files=[png()])
            await other.react(result, RERUN)
        await stage.slash(mei)  # events are taken in their order
        discord.allow(discord.channel, "send_messages")
        said = await stage.reply_to(await mei.post(text, files=[png()]))
    assert (asked, refused(stage), sentences(stage)) == ([], [], [said])
    assert len(stage.studio.posts) == 1


async def test_where_discord_says_no_it_is_asked_once_and_not_for_each_mention(
    stage: Stage,
) -> None:
    text = f"{stage.discord.bot_mention} snake"
    stage.discord.fail_next(server.SEND, status=403, code=50013, times=100)
    async with stage.bot():
        first = await stage.member().post(text, files=[png()])
        await stage.discord.until(lambda: refused(stage))
        for number in range(5):
            await stage.member(f"member{number}").post(text, files=[png()])
        await stage.ended(replied(await stage.slash(stage.member("Ana"))))  # in their order
    assert refused(stage) == [server.SEND]
    assert not [m for m in stage.discord.messages() if m.reply_to == first.id]


async def test_each_mistake_is_answered_but_where_discord_says_no_one_is_tried(
    stage: Stage,
) -> None:
    mei = stage.member()
    text = f"{stage.discord.bot_mention} seed x"
    async with stage.bot():
        for _ in "ab":
            await stage.reply_to(await mei.post(text, files=[png()]))
        assert len(sentences(stage)) == 2
        stage.discord.fail_next(server.SEND, status=403, code=50013, times=100)
        await mei.post(text, files=[png()])
        await stage.discord.until(lambda: refused(stage))
        for _ in range(5):
            await mei.post(text, files=[png()])
            await mei.post(stage.discord.bot_mention)
        await stage.ended(replied(await stage.slash(mei)))  # events are taken in their order
    assert (refused(stage), len(sentences(stage))) == ([server.SEND], 2)


async def test_reactions_to_what_is_not_a_result_are_dropped_before_the_table_is_asked(
    stage: Stage,
) -> None:
    mei = stage.member()
    async with stage.bot():
        old = await stage.ended(replied(await stage.slash(mei)))
    theirs = await mei.post("not the bot's")
    async with stage.bot() as app:  # which does not know the result
        asked = looks(app)
        for number in range(20):
            await stage.member(f"member{number}").react(theirs, RERUN)
        await mei.react(old, RERUN)
        await moved_on(stage, app, lambda: len(stage.studio.posts) == 2)
    assert asked == [old.id]
