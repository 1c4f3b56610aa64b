"""A picture that is sent on to the bot is a picture like any other."""

from bot.sandbox.discord import server
from bot.sandbox.discord.requests import Fault
from tests.scenarios.conftest import Stage, described, is_reply, png


async def test_a_picture_that_is_sent_on_in_a_direct_message_is_taken(stage: Stage) -> None:
    mei, ana = stage.member("Mei"), stage.member("Ana")
    theirs = await ana.post("look at this", files=[png("ana.png")])
    async with stage.bot():
        sent_on = await mei.forward(theirs, stage.discord.dm(mei))
        reply = await stage.ended(await stage.reply_to(sent_on))
    assert len(reply.attachments) == 2
    (post,) = stage.studio.posts
    assert [part.filename for part in post.parts if part.filename] == ["ana.png"]


async def test_its_address_is_asked_for_anew_once_it_has_run_out(stage: Stage) -> None:
    mei, is_there = stage.member("Mei"), False

    def away(route: str, _exchange: object) -> Fault | None:
        return Fault(status=503) if route == server.DOWNLOAD and not is_there else None

    theirs = await mei.post("mine", files=[png("mine.png")])
    stage.discord.faults.policy = away
    async with stage.bot() as app:
        sent_on = await mei.forward(theirs, stage.discord.dm(mei))
        reply = await stage.reply_to(sent_on)
        await stage.discord.until(lambda: downloads(stage))
        stage.discord.advance(minutes=24 * 60 + 1)
        is_there = True
        app.worker.wake()
        await stage.ended(reply)
    assert described(reply) == "**Done**"
    assert [status for status in downloads(stage) if status != 503] == [404, 200]


def downloads(stage: Stage) -> list[int]:
    return [each.status for each in stage.discord.requests if each.route == server.DOWNLOAD]


async def test_what_is_sent_on_in_a_server_asks_for_nothing(stage: Stage) -> None:
    mei = stage.member("Mei")
    theirs = await mei.post(f"{stage.discord.bot_mention} snake", files=[png()])
    async with stage.bot():
        await mei.forward(theirs)
        asked = await mei.post(f"{stage.discord.bot_mention} snake", files=[png()])
        await stage.ended(await stage.reply_to(asked))
    assert [m.reply_to for m in stage.discord.messages() if is_reply(m)] == [asked.id]
    assert len(stage.studio.posts) == 1
