"""Every trouble that Discord may be in, by the rows of docs/operating.md, and how it is played."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from bot.sandbox.discord import payloads, server
from bot.sandbox.discord.messages import Message
from tests.scenarios.conftest import COMMAND, described, has_files, png, replied
from tests.scenarios.discord_play import Case, Play

A_STEP_S = 24 * 60 * 60 / 20  # for what lasts a day
NEEDED = ("id", "type", "token", "application_id", "version", "attachment_size_limit")
EDITS = (server.EDIT_BY_TOKEN, server.EDIT)


async def reconnected(play: Play, trouble: Callable[[Play], Awaitable[None]]) -> Message:
    """A job goes on meanwhile, and another one begins once the bot is back."""
    sessions = play.stage.discord.gateway.sessions
    first = await play.processing()
    before = {session.socket for session in sessions.values()}
    await trouble(play)
    await play.stage.discord.until(
        lambda: any(session.socket not in before | {None} for session in sessions.values())
    )
    play.stage.studio.release()
    second = await play.asked()
    await play.ended()
    assert len(first.attachments) == 2
    return second


async def drop(play: Play) -> None:
    await play.stage.discord.gateway.drop()


async def fail_the_resume(play: Play) -> None:
    play.stage.discord.gateway.refuses_resumes = True
    await play.stage.discord.gateway.drop()


async def ask_for_a_new_connection(play: Play) -> None:
    await play.stage.discord.gateway.ask(7)


async def end_the_session(play: Play) -> None:
    await play.stage.discord.gateway.ask(9, data=False)


async def answering(play: Play, **fault: Any) -> Message:
    play.fail(server.CALLBACK, **fault)
    return await play.asked()


async def answering_twice(play: Play, **fault: Any) -> Message:
    """The clock stands still until the answer that arrived was sent once more."""
    play.fail(server.CALLBACK, **fault)
    await play.mei.slash(COMMAND, image=png())
    routes = [server.CALLBACK, server.CALLBACK]
    await play.stage.discord.until(
        lambda: [r.route for r in play.stage.discord.requests if r.route in routes] == routes
    )
    return play.stage.discord.messages()[-1]


async def answering_late(play: Play) -> None:
    play.fail(server.CALLBACK, status=404, code=10062)
    await play.mei.slash(COMMAND, image=png())
    await play.stage.discord.until(lambda: any("too late" in line for line in play.lines()))


async def showing(play: Play, **fault: Any) -> Message:
    play.fail(server.EDIT_BY_TOKEN, **fault)
    return await play.processing()


async def delivering(play: Play, **fault: Any) -> Message:
    play.fail(server.EDIT_BY_TOKEN, match=has_files, **fault)
    return await play.asked()


async def hiding(play: Play, *, is_sent: bool) -> Message:
    """A reply that one member alone sees, and its token is over; at the end they press."""
    studio = play.stage.studio
    studio.hold("processing")
    if not is_sent:
        studio.fail_next("submit", status=503, headers={"Retry-After": "1200"})
    handle = await play.mei.slash(COMMAND, image=png(), show="only me")
    message = replied(await handle.responded())
    await play.until(lambda: ("Working" if is_sent else "busy") in described(message))
    play.stage.discord.advance(minutes=21)
    await play.ended()
    await play.mei.press(message, "Get the result")
    await play.stage.discord.until(lambda: message.attachments or "Failed" in described(message))
    return message


async def delivering_late(play: Play, *, step_s: float = 2, **fault: Any) -> Message:
    play.fail(server.EDIT, match=has_files, **fault)
    message = await play.processing(minutes=16)
    await play.ended(step_s=step_s)
    return message


async def replying(play: Play, **fault: Any) -> Message:
    play.fail(server.SEND, **fault)
    discord = play.stage.discord
    asked = await play.mei.post(f"{discord.bot_mention} seed 20", files=[png()])

    def replies() -> list[Message]:
        return [each for each in discord.messages() if each.reply_to == asked.id]

    await discord.until(lambda: replies() or any("not answered" in x for x in play.lines()))
    await play.until(replies)
    await play.ended()
    (reply,) = replies()
    return reply


async def reacting(play: Play, **fault: Any) -> Message:
    play.fail(server.REACT, **fault)
    message = await play.asked()
    await play.ended()
    assert message.reactions
    return message


async def looking(play: Play, *, step_s: float = 2, **fault: Any) -> Message:
    """Its picture comes only with the second try, before which the reply is looked at."""
    play.fail(server.DOWNLOAD, status=503)
    play.fail(server.LOOK, **fault)
    question = await play.mei.post(play.stage.discord.bot_mention, files=[png()])
    message = await play.stage.reply_to(question)
    await play.ended(step_s=step_s)
    return message


async def deleting_the_reply_before_the_post(play: Play) -> None:
    play.fail(server.DOWNLOAD, status=503)
    message = await play.asked()
    await play.stage.discord.until(lambda: any("cannot begin yet" in x for x in play.lines()))
    await play.stage.discord.delete_message(message)


async def answering_beside_another_bot(play: Play) -> Message:
    other = replace(play.stage, data_dir=play.stage.data_dir.with_name("other"))
    sessions = play.stage.discord.gateway.sessions
    async with other.bot():
        await other.discord.until(lambda: sum(bool(s.socket) for s in sessions.values()) == 2)
        message = await play.stage.ended(await play.asked())
        await other.discord.until(lambda: any("another job" in line for line in play.lines()))
    return message


async def fetching(play: Play, *, step_s: float = 2, **fault: Any) -> Message:
    play.fail(server.DOWNLOAD, **fault)
    message = await play.asked()
    await play.ended(step_s=step_s)
    return message


async def deleting_the_reply(play: Play) -> None:
    await play.stage.discord.delete_message(await play.processing())


async def deleting_the_channel(play: Play) -> None:
    await play.stage.discord.delete_channel((await play.processing()).channel)


async def taking(play: Play, permission: str, *, is_given_back: bool) -> Message:
    discord = play.stage.discord
    message = await play.processing(minutes=16)
    discord.deny(message.channel, permission)
    play.stage.studio.release()
    await play.until(lambda: any("not posted yet" in line for line in play.lines()))
    if is_given_back:
        discord.allow(message.channel, permission)
    await play.ended(step_s=A_STEP_S)
    return message


async def not_sending(play: Play) -> Message:
    play.stage.studio.endpoints["PrOhEE"] = 13
    message = await play.processing()
    play.stage.discord.deny(message.channel, "send_messages")
    return message


async def not_reacting(play: Play) -> Message:
    play.stage.discord.deny(play.stage.discord.channel, "add_reactions")
    message = await play.asked()
    await play.ended()
    assert [c["label"] for row in message.components for c in row["components"]] == [
        "Run again",
        "Change…",
        "Use as input…",
        "More…",
    ]
    return message


async def archiving(play: Play, *, is_locked: bool) -> Message:
    thread = play.stage.discord.add_thread(play.stage.discord.channel, "pictures")
    message = await play.processing(thread)
    thread.is_archived, thread.is_locked = True, is_locked
    await play.ended(step_s=A_STEP_S if is_locked else 2)
    assert thread.is_archived is is_locked
    return message


async def leaving(play: Play) -> Message:
    message = await play.processing()
    play.mei.leave()
    return message


async def arriving_twice(play: Play) -> Message:
    play.stage.discord.deliver_twice = True
    message = await play.asked()
    await play.ended()
    assert [m for m in play.stage.discord.messages() if m is not message] == []
    return message


async def arriving_in_the_wrong_order(play: Play) -> Message:
    gateway = play.stage.discord.gateway
    gateway.hold_back()
    handles = [await play.mei.slash(COMMAND, image=png(), seed=seed) for seed in (1, 2)]
    await gateway.let_go()
    first, second = [replied(await handle.responded()) for handle in handles]
    await play.ended()
    assert [seeds_of(each) for each in (first, second)] == ["1", "2"]
    return first


def seeds_of(message: Message) -> str:
    return re.sub(r".*-seed(\d+)-.*", r"\1", message.attachments[0].filename)


async def arriving_broken(play: Play) -> Message:
    discord = play.stage.discord
    handle = await (await play.mei.slash(COMMAND, image=png())).responded()
    whole = payloads.interaction(handle, {}, 0, discord)
    for key in NEEDED:
        broken = {name: value for name, value in whole.items() if name != key}
        await discord.gateway.dispatch("INTERACTION_CREATE", broken, guild_id=discord.guild.id)
    await discord.until(lambda: sum("left out" in line for line in play.lines()) == len(NEEDED))
    return await play.asked()


BUSY, BANNED = {"status": 429}, {"status": 429, "has_via": False}
DOWN = ({"status": 500}, {"status": 503})
CUT = {"is_reset": True}
CUT_AFTER = {"is_reset": True, "is_after": True}
TWICE = {"times": 2}  # aiohttp asks once more by itself where that changes nothing

ON: Mapping[str, tuple[Callable[..., Awaitable[Message | None]], tuple[str, ...]]] = {
    "the answer": (answering, (server.CALLBACK,)),
    "an edit of a state": (showing, EDITS),
    "an edit by the token": (delivering, EDITS),
    "an edit by the bot": (delivering_late, (server.EDIT,)),
    "the reply to a message": (replying, (server.SEND,)),
    "a reaction": (reacting, (server.REACT,)),
    "the look at a reply": (looking, (server.LOOK,)),
    "a file's download": (fetching, (server.DOWNLOAD,)),
}


def on(where: str, *faults: Mapping[str, Any]) -> tuple[Case, ...]:
    """One case for each fault of a call."""
    script, routes = ON[where]
    return tuple(Case(partial(script, **fault), routes) for fault in faults)


GATEWAY = {
    "the gateway drops the connection": drop,
    "the gateway asks for a new connection (op 7)": ask_for_a_new_connection,
    "the gateway ends the session (op 9)": end_the_session,
    "a resume fails": fail_the_resume,
}
CASES: dict[str, tuple[Case, ...]] = {
    **{what: (Case(partial(reconnected, trouble=it), posts=2),) for what, it in GATEWAY.items()},
    **{f"429 with `Via` on {where}": on(where, BUSY) for where in ON if "file" not in where},
    **{f"429 without `Via` on {where}": on(where, BANNED) for where in ON if "file" not in where},
    "403 on the look at a reply": on("the look at a reply", {"status": 403, "code": 50001}),
    "503 on the look at a reply": on("the look at a reply", {"status": 503}),
    "403 on each look at a reply, for more than 24 hours": on(
        "the look at a reply",
        {"status": 403, "code": 50001, "times": 10_000, "step_s": A_STEP_S},
    ),
    "429 with or without `Via` on a file's download": on("a file's download", BUSY, BANNED),
    **{
        f"500 or 503 on {where}": on(where, *DOWN) for where in ("the answer", "an edit of a state")
    },
    "500, 502 or 503 on an edit by the token": on(
        "an edit by the token", *DOWN, {"status": 502, "is_html": True}
    ),
    "500 or 503 on a file's download": on("a file's download", *DOWN),
    **{
        f"{fault['status']} on {where}": on(where, fault)
        for where in ("an edit by the bot", "the reply to a message", "a reaction")
        for fault in DOWN
    },
    "500 though the answer arrived": (
        Case(partial(answering_twice, status=500, is_after=True), (server.CALLBACK,)),
    ),
    "another bot with this token answers first": (
        Case(answering_beside_another_bot, (server.CALLBACK,)),
    ),
    "a reset before the answer arrives": on("the answer", CUT),
    "a reset after the answer arrived": on("the answer", CUT_AFTER),
    "a reset before the reply to a message arrives": on("the reply to a message", CUT),
    "a reset after the reply to a message arrived": on("the reply to a message", CUT_AFTER),
    **{
        f"a reset on {where}": on(where, CUT, CUT_AFTER)
        for where in ("an edit of a state", "an edit by the token", "an edit by the bot")
    },
    **{
        f"a reset on {where}": on(where, CUT | TWICE, CUT_AFTER | TWICE)
        for where in ("a reaction", "the look at a reply", "a file's download")
    },
    "the answer comes after three seconds": (Case(answering_late, (server.CALLBACK,)),),
    "the token is over before its time": on("an edit by the token", {"status": 401, "code": 50027}),
    "the token of a hidden reply is over while its job runs": (
        Case(partial(hiding, is_sent=True)),
    ),
    "the token of a hidden reply is over before its job is sent": (
        Case(partial(hiding, is_sent=False)),
    ),
    "429 for minutes on an edit by the bot": on(
        "an edit by the bot", {"status": 429, "retry_after_s": 90}
    ),
    "503 on every edit with files, for more than 24 hours": on(
        "an edit by the bot", {"status": 503, "times": 10_000, "step_s": A_STEP_S}
    ),
    "a file that cannot be downloaded for more than 24 hours": on(
        "a file's download", {"status": 503, "times": 10_000, "step_s": A_STEP_S}
    ),
    "a file that Discord no longer hands out": on("a file's download", {"status": 404}),
    "413 below the announced limit": on(
        "an edit by the token", {"status": 413, "code": 40005, "times": 2}
    ),
    "a moderator deletes the reply before its job is sent": (
        Case(deleting_the_reply_before_the_post, (server.LOOK_BY_TOKEN,)),
    ),
    "a moderator deletes the reply": (Case(deleting_the_reply, EDITS),),
    "the channel is deleted": (Case(deleting_the_channel, EDITS),),
    "the bot may not see the channel, and then may again": (
        Case(partial(taking, permission="view_channel", is_given_back=True), EDITS),
    ),
    "the bot may not see the channel for more than 24 hours": (
        Case(partial(taking, permission="view_channel", is_given_back=False), EDITS),
    ),
    "the bot may not attach files, and then may again": (
        Case(partial(taking, permission="attach_files", is_given_back=True), EDITS),
    ),
    "the bot may not attach files for more than 24 hours": (
        Case(partial(taking, permission="attach_files", is_given_back=False), EDITS),
    ),
    "the bot may not send what one message cannot hold": (Case(not_sending, (server.SEND,)),),
    "the bot may not react": (Case(not_reacting, (server.REACT,)),),
    "the thread is archived": (Case(partial(archiving, is_locked=False), EDITS),),
    "the thread is archived and locked": (Case(partial(archiving, is_locked=True), EDITS),),
    "the member leaves the server": (Case(leaving, EDITS),),
    "an interaction arrives twice": (Case(arriving_twice, (server.CALLBACK,)),),
    "two interactions arrive in the wrong order": (Case(arriving_in_the_wrong_order, posts=2),),
    "an interaction cannot be read": (Case(arriving_broken, posts=2),),
}
