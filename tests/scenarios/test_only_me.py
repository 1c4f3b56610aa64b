"""`show: only me`: nobody but who asked sees anything of it, and *Get the result* brings it at any time."""

from datetime import timedelta

import pytest

from bot.app import App
from bot.jobs.job import JobStatus
from bot.reasons import SENTENCES, Reason
from bot.sandbox.discord.client import ClientRefused
from bot.sandbox.discord.files import File
from bot.sandbox.discord.interaction_routes import InteractionRoutes, Json
from bot.sandbox.discord.interactions import InteractionHandle
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.messages import Message
from tests.scenarios.conftest import Stage, custom_ids, described, facts, moved_on, png, replied
from tests.scenarios.service_scene import eventually
from tests.scenarios.tables import are_at_rest
from tests.scenarios.test_cancel import UNPOSTED
from tests.scenarios.test_changes import FRAME, TINT, chosen, press, serve, value_of
from tests.scenarios.test_history import chosen as one_of
from tests.scenarios.test_history import history

GET = "Get the result"
HERE = "All of it is here already."


async def hidden(stage: Stage, mei: Member) -> Message:
    """The reply to her command."""
    return replied(await stage.slash(mei, seed=20, show="only me"))


def beside(stage: Stage, reply: Message) -> list[Message]:
    """What else stands there for one member alone."""
    found = stage.discord.all_messages.values()
    return [m for m in found if m.is_ephemeral and not m.is_deleted and m is not reply]


async def came_to(app: App, reply: Message, status: JobStatus) -> None:
    """Return once the job is there, and waits for nothing but who asked."""

    async def is_there() -> bool:
        job = await app.bot.store.by_message(reply.id)
        return job is not None and job.status is status and await are_at_rest(app, job.id)

    await eventually(is_there)


async def has_token(app: App, reply: Message, token: str) -> bool:
    job = await app.bot.store.by_message(reply.id)
    return job is not None and job.grant is not None and job.grant.token == token


async def got(stage: Stage, mei: Member, reply: Message, images: int) -> None:
    """Return once her press has brought so many images."""
    await press(mei, reply, GET)
    await stage.discord.until(lambda: "Done" in described(reply))
    await stage.discord.until(
        lambda: images == sum(len(m.attachments) for m in (reply, *beside(stage, reply)))
    )


async def test_nobody_else_sees_anything_of_it_from_the_first_answer_on(stage: Stage) -> None:
    stage.settings["NOTIFY_AFTER_MINUTES"] = "0.0001"
    mei = stage.member()
    async with stage.bot() as app:
        reply = await hidden(stage, mei)
        await came_to(app, reply, JobStatus.DELIVERED)
        again = replied(await press(mei, reply, "Run again"))
        await came_to(app, again, JobStatus.DELIVERED)
        stands = beside(stage, reply)
        page = await history(mei)
        shown = replied(await press(mei, await one_of(mei, page, 2), "Show again here"))
        await stage.discord.until(lambda: len(shown.attachments) == 2)
        with pytest.raises(ClientRefused):
            await stage.member("Ian").press(reply, "Run again")
    first = reply.revisions[0]
    assert [each.split(":")[0] for each in custom_ids(first)] == ["get", "cancel", "more"]
    assert "-# Where this stands still after 15 minutes, press *Get the result*." in first.content
    assert "its message" not in page.content  # which has no address
    for each in (reply, again, shown):
        assert (each.is_ephemeral, len(each.attachments), each.reactions) == (True, 2, {})
        assert "get" not in str(custom_ids(each))
    assert "again, with a new seed: the result before" in facts(again)
    assert stage.discord.messages() == []
    assert stands == [again]
    assert {each.status for each in stage.discord.requests} <= {200, 201, 204}


async def test_it_is_hidden_though_the_answer_to_the_command_does_not_say_so(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = InteractionRoutes._callback_answer

    def briefly(routes: InteractionRoutes, handle: InteractionHandle) -> Json:
        answer = told(routes, handle)
        answer["interaction"].pop("response_message_ephemeral")
        return answer

    monkeypatch.setattr(InteractionRoutes, "_callback_answer", briefly)
    stage.studio.endpoints["PrOhEE"] = 11
    async with stage.bot() as app:
        reply = await hidden(stage, stage.member())
        await came_to(app, reply, JobStatus.DELIVERED)
    assert sum(len(m.attachments) for m in (reply, *beside(stage, reply))) == 11
    assert stage.discord.messages() == []


async def test_what_ends_after_its_token_is_handed_out_at_each_press(stage: Stage) -> None:
    stage.studio.endpoints["PrOhEE"] = 12
    stage.studio.hold("processing")
    mei = stage.member()
    async with stage.bot() as app:
        reply = await hidden(stage, mei)
        await stage.discord.until(lambda: "Working" in described(reply))
        stage.discord.advance(minutes=16)
        stage.studio.release()
        await came_to(app, reply, JobStatus.DELIVERED)
        assert (reply.attachments, beside(stage, reply)) == ([], [])
    async with stage.bot() as app:
        await got(stage, mei, reply, 12)
        await came_to(app, reply, JobStatus.DELIVERED)
        (further,) = beside(stage, reply)
        await press(mei, reply, GET)
        await stage.discord.until(lambda: HERE in [m.content for m in beside(stage, reply)])
        stage.discord.advance(minutes=16)
        await got(stage, mei, reply, 14)
    assert [len(each.attachments) for each in (reply, further)] == [10, 2]
    assert (stage.discord.messages(), stage.seeds()) == ([], ["20"])
    assert not [each for each in stage.discord.requests if each.status in {401, 403, 404}]


async def test_a_press_brings_a_token_by_which_it_is_sent_shown_and_taken_away(
    stage: Stage,
) -> None:
    stage.studio.endpoints["PrOhEE"] = 12
    stage.studio.fail_next("submit", status=503, headers={"Retry-After": "1200"})
    mei = stage.member()
    async with stage.bot() as app:
        reply = await hidden(stage, mei)
        await stage.discord.until(lambda: "busy" in described(reply))
        stage.discord.advance(minutes=10)
        token = (await press(mei, reply, GET)).token
        await eventually(lambda: has_token(app, reply, token))
    stage.discord.advance(minutes=11)  # the first token is over
    async with stage.bot() as app:
        await moved_on(stage, app, lambda: len(reply.attachments) == 10)
        (further,) = beside(stage, reply)
        more = replied(await press(mei, reply, "More…"))
        await press(mei, more, "Delete")
        await press(mei, more, "Delete")
        await stage.discord.until(lambda: reply.is_deleted and further.is_deleted)
    assert (len(further.attachments), stage.discord.messages()) == (2, [])
    assert stage.seeds() == ["20"]


async def test_what_is_not_sent_while_its_token_lives_is_closed_uncharged(stage: Stage) -> None:
    stage.studio.fail_next("submit", status=503, times=9, headers={"Retry-After": "1200"})
    mei = stage.member()
    async with stage.bot() as app:
        reply = await hidden(stage, mei)
        await stage.discord.until(lambda: "busy" in described(reply))
        stage.discord.advance(minutes=21)
        app.worker.wake()
        await came_to(app, reply, JobStatus.FAILED)
        await press(mei, reply, GET)
        sentence = SENTENCES[Reason.OUT_OF_REACH]
        await stage.discord.until(lambda: described(reply) == f"**Failed.** {sentence}")
    assert stage.studio.posts == []


async def test_what_is_made_of_it_is_hidden_too_and_no_question_takes_its_place(
    stage: Stage,
) -> None:
    serve(stage, FRAME, TINT)
    mei = stage.member()
    async with stage.bot() as app:
        handle = await mei.slash("frame", image=png(), show="only me")
        reply = replied(await handle.responded())
        await came_to(app, reply, JobStatus.DELIVERED)
        question = replied(await press(mei, reply, "Use as input…"))
        form = await chosen(mei, question, value_of(question, "/tint"))
        handle = await (await mei.submit(form, colour="red")).responded()
        used = replied(handle)
        await came_to(app, used, JobStatus.DELIVERED)
        menu = replied(await (await mei.use("Use this picture…", reply)).responded())
        framed = replied(await chosen(mei, menu, value_of(menu, "/frame")))
        await came_to(app, framed, JobStatus.DELIVERED)
        changed = replied(
            await (await mei.submit(await press(mei, used, "Change…"), colour="blue")).responded()
        )
        await came_to(app, changed, JobStatus.DELIVERED)
    assert question is not reply
    assert len(reply.attachments) == 1
    assert [each.is_ephemeral for each in (used, changed, framed)] == [True] * 3
    assert "of image 1 of the result before" in facts(used)
    assert "changed colour: the result before" in facts(changed)
    assert stage.discord.messages() == []


@pytest.mark.parametrize(
    "words", ["show: only me", "snakeyear show=Only me", "a fox show: only me"]
)
async def test_a_message_cannot_be_answered_so_which_is_said(stage: Stage, words: str) -> None:
    mei = stage.member()
    async with stage.bot():
        asked = await mei.post(f"{stage.discord.bot_mention} {words}", files=[png()])
        said = (await stage.reply_to(asked)).content
    assert said.startswith("Discord cannot hide an answer to a message, so nothing was run")
    assert "cny-snakeyear" in said
    assert stage.studio.posts == []


async def test_what_cannot_begin_and_what_is_cancelled_says_so_in_its_place(stage: Stage) -> None:
    mei = stage.member()
    async with stage.bot() as app:
        options = {"image": File("a.png", b"no picture"), "show": "only me"}
        wrong = replied(await stage.slash(mei, **options))
        await came_to(app, wrong, JobStatus.FAILED)
        stage.studio.hold("processing")
        unwanted = await hidden(stage, mei)
        await stage.discord.until(lambda: "Working" in described(unwanted))
        await press(mei, unwanted, "Cancel")
        stage.studio.release()
        await came_to(app, unwanted, JobStatus.CANCELLED)
        deleted = await hidden(stage, mei)
        await came_to(app, deleted, JobStatus.DELIVERED)
        more = replied(await press(mei, deleted, "More…"))
        await press(mei, more, "Delete")
        await press(mei, more, "Delete")
        await stage.discord.until(lambda: deleted.is_deleted)
    assert (wrong.is_deleted, "get" in str(custom_ids(wrong))) == (False, False)
    assert wrong.content.startswith("a.png is not a picture. Nothing was charged")
    assert described(unwanted) == UNPOSTED
    assert stage.discord.messages() == []


@pytest.mark.parametrize("days", [2, -2])
async def test_a_clock_that_is_wrong_keeps_nobody_from_it(stage: Stage, days: int) -> None:
    mei, clock = stage.member(), stage.discord.clock
    async with stage.bot(now=lambda: clock.now() + timedelta(days=days)) as app:
        reply = await hidden(stage, mei)
        await moved_on(stage, app, lambda: reply.attachments, step_s=0.1)
    assert described(reply).startswith("**Done**")
    assert len(stage.studio.posts) == 1
