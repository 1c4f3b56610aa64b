"""What all members may spend together, and how many jobs stand at the service at once."""

import asyncio
import json
from datetime import timedelta

from bot.jobs.job import Failure
from bot.reasons import Reason
from bot.sandbox.discord.interactions import InteractionHandle
from bot.sandbox.discord.messages import Message
from tests.scenarios.conftest import ROOT, Stage, custom_ids, described, moved_on, replied
from tests.scenarios.tables import at_rest

SNAKE = json.loads((ROOT / "endpoints" / "cny-snakeyear.json").read_text())
FEW = 3  # what is left for many presses


def text_of(handle: InteractionHandle) -> str:
    """The sentence that only the presser sees."""
    assert handle.ephemeral
    return replied(handle).content


async def test_many_presses_at_once_take_what_all_together_have_left_and_no_more(
    stage: Stage,
) -> None:
    stage.serve(SNAKE | {"credits": 10})
    stage.settings |= {"CREDITS_PER_DAY": "45", "JOBS_PER_DAY": "9", "JOBS_PER_MEMBER": "2"}
    mei, ana = stage.member("Mei"), stage.member("Ana")
    async with stage.bot() as app:
        result = await stage.ended(replied(await stage.slash(mei)))
        stage.studio.hold("processing")
        pressed = await asyncio.gather(
            *(stage.member(f"m{n}").press(result, "Run again") for n in range(12))
        )
        handles = [await handle.responded() for handle in pressed]
        await stage.discord.until(lambda: len(stage.studio.posts) == 1 + FEW)
        refused = [text_of(each) for each in handles if each.ephemeral]
        left = text_of(await (await mei.press(result, "More…")).responded())
        job = await app.bot.store.by_message(result.id)
        assert job
        again = job.created_at + timedelta(days=1, seconds=1)
        stage.studio.release()
        stage.discord.advance(minutes=24 * 60 + 1)
        other_day = await stage.slash(ana)
    assert refused == [
        (
            "This costs 10 credits, and all members together have 5 of 45 left for these 24 hours."
            f" Try again <t:{int(again.timestamp())}:R>."
        )
    ] * (12 - FEW)
    assert left.split("\n")[-2:] == [
        "-# you have left: 2 of 2 jobs at a time",
        "-# all members together have left: 5 of 45 credits · 5 of 9 jobs for these 24 hours",
    ]
    assert not other_day.ephemeral


async def test_jobs_that_were_not_charged_leave_the_days_jobs_to_others(stage: Stage) -> None:
    stage.settings["JOBS_PER_DAY"] = "1"
    mei = stage.member("Mei")
    stage.studio.fail_next("submit", status=400)
    async with stage.bot():
        await stage.ended(replied(await stage.slash(mei)))
        await stage.ended(replied(await stage.slash(mei)))
        refused = text_of(await stage.slash(stage.member("Ana")))
    assert refused.startswith("All members together have 0 of 1 jobs left for these 24 hours. Try")
    assert len(stage.studio.posts) == 1


async def test_more_jobs_than_may_stand_at_the_service_wait_here_in_turns_and_say_their_place(
    stage: Stage,
) -> None:
    stage.settings |= {"JOBS_AT_ONCE": "1", "JOBS_PER_MEMBER": "9", "NOTIFY_AFTER_MINUTES": "0"}
    mei, ana = stage.member("Mei"), stage.member("Ana")
    stage.studio.hold("processing")
    async with stage.bot() as app:
        first = replied(await stage.slash(mei, seed=1))
        await stage.discord.until(lambda: "Working" in described(first))
        line = [replied(await stage.slash(mei, seed=2))]
        await says(stage, line[0], "next in line")
        line.append(replied(await stage.slash(mei, seed=3)))
        await says(stage, line[1], "2nd in line")
        other = replied(await stage.slash(ana, seed=9))
        await says(stage, other, "next in line")
        assert "next in line" in described(line[0])  # it is told anew after 30 s
        stage.discord.advance(seconds=31)
        app.worker.wake()
        await says(stage, line[0], "2nd in line")
        await says(stage, line[1], "3rd in line")
        edits = len(line[0].revisions)
        assert stage.seeds() == ["1"]
    async with stage.bot() as app:  # a place is what the rows say, whoever has written them
        assert stage.seeds() == ["1"]
        gone, store = replied(await stage.slash(ana, seed=4)), app.bot.store
        await stage.discord.until(lambda: in_line(gone))
        job = await store.by_message(gone.id)
        assert job
        stage.discord.advance(seconds=31)
        app.worker.wake()
        await stage.discord.until(lambda: store.known._looked_at.knows(job.id))
        await stage.discord.delete_message(gone)
        stage.studio.release()
        await stage.all_done([first, other, *line], within_s=20)
        await at_rest(app)
        ended = await store.get(job.id)
        assert ended
        assert ended.failure == Failure(reason=Reason.REPLY_GONE)
    assert stage.seeds() == ["1", "9", "2", "3"]
    assert edits <= 4
    assert all(":done" in custom_ids(each)[-1] for each in line)


async def test_whatever_becomes_of_a_job_at_the_service_its_place_is_free_again(
    stage: Stage,
) -> None:
    stage.settings |= {"JOBS_AT_ONCE": "1", "JOB_TIMEOUT_MINUTES": "2", "JOBS_PER_MEMBER": "9"}
    mei, ana = stage.member("Mei"), stage.member("Ana")
    stage.studio.hold("processing")
    stage.studio.fail_next("submit", status=503, headers={"Retry-After": "60"})
    async with stage.bot() as app:
        messages = [replied(await stage.slash(mei, seed=seed)) for seed in (1, 2)]
        messages.append(replied(await stage.slash(ana, seed=9)))
        await moved_on(stage, app, lambda: len(stage.studio.posts) == 1)
        await stage.discord.until(lambda: sum(in_line(each) for each in messages) == 2)
        hung = stage.seeds()
        await moved_on(stage, app, lambda: len(stage.studio.posts) == 2, step_s=10)
        stage.studio.release()
        await moved_on(stage, app, lambda: all(is_over(each) for each in messages))
    assert sorted(seed or "" for seed in stage.seeds()) == ["1", "2", "9"]
    assert sum("The service took too long" in described(each) for each in messages) == 1, hung


def in_line(message: Message) -> bool:
    return described(message).endswith(" in line")


def is_over(message: Message) -> bool:
    return any(word in described(message) for word in ("Done", "Failed"))


async def says(stage: Stage, message: Message, words: str) -> None:
    line = f"**Waiting for a turn** · {words}"
    await stage.discord.until(lambda: described(message) == line)
