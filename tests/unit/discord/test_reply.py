from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.discord.details import details, left
from bot.discord.reply import MAX_CHARACTERS, draw
from bot.discord.results import alt_text, file_name, shown
from bot.jobs.job import Failure, InLine, Job, JobStatus, OriginKind, Output
from bot.jobs.limits import EVERY_SERVER, Left, Limits, Measure, Quota, Usage
from bot.jobs.progress import Estimate, Progress
from bot.jobs.request import FieldKind, Stored, Value
from bot.reasons import SENTENCES, Reason
from tests.jobs import NOON, make_job, make_origin, make_request

STORED = Stored(key="a" * 64, size_bytes=10, media_type="image/png")
SMALLER = Stored(key="b" * 64, size_bytes=5, media_type="image/webp")
URL = "https://studio.example/a b(1).png"


def running(state: str) -> Job:
    progress = Progress(job_id="j", state=state, submitted_at=NOON, ask_at=NOON)
    return make_job(status=JobStatus.RUNNING, progress=progress)


def estimated(usual_s: float, ready_s: float | None) -> Job:
    job = running("processing")
    ready_at = None if ready_s is None else NOON + timedelta(seconds=ready_s)
    assert job.progress
    progress = replace(job.progress, estimate=Estimate(usual_s=usual_s, ready_at=ready_at))
    return replace(job, progress=progress)


def description(job: Job) -> str:
    """What stands below what was asked."""
    return "\n".join(draw(job).text.split("\n")[2:])


def facts(job: Job) -> list[str]:
    return draw(job).text.split("\n")[1].removeprefix("-# ").split(" · ")


def value(name: str, text: str, **more: Any) -> Value:
    return Value(field_id=name, name=name, **{"kind": FieldKind.STRING, "text": text} | more)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("pending", "**Sent to the service**"),
        ("in_queue", "**In the service's queue**"),
        ("processing", "**Working**"),
        ("warming_up", "**warming\\_up**"),
        ("@everyone", "**@\u200beveryone**"),
        ("accepted", "**accepted**"),
        (" Accepted\u200b", "**Accepted**"),
        ("", "**Working**"),
    ],
)
def test_a_state_is_shown_in_words_and_an_unknown_one_as_it_is(state: str, words: str) -> None:
    assert description(running(state)) == words


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (JobStatus.ACCEPTED, "**Waiting for a turn**"),
        (JobStatus.SUBMITTING, "**Waiting for a turn**"),
        (JobStatus.RUNNING, "**Working**"),
        (JobStatus.DOWNLOADING, "**Saving the images**"),
        (JobStatus.DELIVERING, "**Saving the images**"),
        (JobStatus.DELIVERED, ""),
    ],
)
def test_every_status_has_its_words(status: JobStatus, words: str) -> None:
    assert description(make_job(status=status)) == words


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (1, "next in line"),
        (2, "2nd in line"),
        (3, "3rd in line"),
        (4, "4th in line"),
        (11, "11th in line"),
        (21, "21st in line"),
        (112, "112th in line"),
        (1003, "1,003rd in line"),
    ],
)
def test_a_job_that_the_bot_holds_back_says_its_place(place: int, words: str) -> None:
    job = make_job(line=InLine(place=place, at=NOON))
    assert description(job) == f"**Waiting for a turn** · {words}"
    assert description(replace(job, status=JobStatus.SUBMITTING)) == "**Waiting for a turn**"


LIMITS = Limits(jobs=3)


@pytest.mark.parametrize(
    ("limits", "lines"),
    [
        (LIMITS, ["you have left: 2 of 3 jobs at a time"]),
        (
            replace(LIMITS, credits_per_day=20.5),
            ["you have left: 2 of 3 jobs at a time · 8 of 20.5 credits for these 24 hours"],
        ),
        (
            replace(LIMITS, jobs=1, all_credits_per_day=100, all_jobs_per_day=30),
            [
                "you have left: 0 of 1 jobs at a time",
                (
                    "all members together have left: 0 of 100 credits · 10 of 30 jobs"
                    " for these 24 hours"
                ),
            ],
        ),
    ],
)
def test_who_wants_to_know_more_is_told_what_is_left(limits: Limits, lines: list[str]) -> None:
    usage = Usage(unfinished=1, credits=12.5, all_credits=120, all_jobs=20)
    assert list(left(limits, usage)) == lines
    assert details(make_job(), lines).text.split("\n")[-len(lines) :] == [
        f"-# {line}" for line in lines
    ]


@pytest.mark.parametrize("length", [100, 1250, 1450, 5000])
def test_all_that_is_limited_fits_into_a_message_with_what_was_asked(length: int) -> None:
    most = dict.fromkeys(Measure, 1234.5)
    quotas = Left(Quota(EVERY_SERVER, most), most), Left(Quota(3, most), most)
    usage = Usage(unfinished=1, credits=12.5, all_credits=120, all_jobs=20, quotas=quotas)
    limits = replace(LIMITS, credits_per_day=20.5, all_credits_per_day=100, all_jobs_per_day=30)
    asked = make_request(values=(value("prompt", "x" * length),))
    told = details(make_job(request=asked), list(left(limits, usage)))
    assert len(told.text) <= MAX_CHARACTERS
    assert "x" * length in (told.file or told.text)
    assert (told.file is None) == (length < 1300)


def test_a_failure_says_why_in_its_own_and_in_the_services_words() -> None:
    failure = Failure(reason=Reason.FAILED, detail="out of **memory**")
    job = make_job(status=JobStatus.FAILED, failure=failure)
    assert description(job) == (
        f"**Failed.** {SENTENCES[Reason.FAILED]}\n> out of \\*\\*memory\\*\\*"
    )


SEED = value("seed", "20", kind=FieldKind.SEED)
PROMPT = value("prompt", "a red\nfox in the *snow*")


def test_what_was_asked_comes_first_and_then_from_where_how_and_since_when() -> None:
    values = (
        value("negative-prompt", "blurred"),
        value("style", "ink", is_choice=True),
        PROMPT,
        value("steps", "20", kind=FieldKind.INTEGER),
        value("size", "512", kind=FieldKind.INTEGER, is_default=True),
        SEED,
    )
    job = make_job(request=make_request(values=values, credits=3))
    assert draw(job).text.split("\n")[0] == "**a red fox in the \\*snow\\***"
    assert facts(job) == [
        "CNY-SnakeYear", "negative-prompt: blurred", "style: ink", "steps: 20", "seed `20`",
        "3 credits", f"asked <t:{int(NOON.timestamp())}:R>",
    ]  # fmt: skip


def test_without_a_prompt_the_endpoint_is_what_was_asked_for() -> None:
    job = make_job(request=make_request(values=(value("negative", "blurred"),)))
    assert draw(job).text.split("\n")[0] == "**CNY-SnakeYear**"
    assert facts(job)[0] == "negative: blurred"
    titled = Value(field_id="data[Negative#7][text]", name="text", kind=FieldKind.STRING, text="x")
    one = make_job(request=make_request(values=(titled, PROMPT)))
    assert draw(one).text.startswith("**a red fox")


@pytest.mark.parametrize(
    ("kind", "is_said"), [(kind, kind.value in {"button", "reaction"}) for kind in OriginKind]
)
def test_who_asked_is_said_where_it_does_not_stand_above(
    kind: OriginKind, *, is_said: bool
) -> None:
    job = make_job(origin=make_origin(kind=kind))
    assert ("<@7>" in draw(job).text) is is_said


@pytest.mark.parametrize(("guild_id", "place"), [(3, "3"), (None, "@me")])
def test_another_run_leads_to_the_result_that_it_came_from(
    guild_id: int | None, place: str
) -> None:
    origin = make_origin(kind=OriginKind.BUTTON, guild_id=guild_id, again_of=99)
    link = f"[the result before](<https://discord.com/channels/{place}/30/99>)"
    assert f"again, with a new seed: {link}" in facts(make_job(origin=origin))


def test_a_long_prompt_is_cut_and_told_whole_by_more() -> None:
    long = make_job(request=make_request(values=(value("prompt", "fox *" * 780),)))
    first = draw(long).text.split("\n")[0]
    assert len(first.replace("\\", "")) == 300 + len("****")
    assert first.endswith("…**")
    assert details(long).file == f"/cny-snakeyear image: me.png prompt: {'fox *' * 780}"
    short = details(make_job(request=make_request(values=(PROMPT, SEED), credits=3)))
    assert short.file is None
    assert "/cny-snakeyear image: me.png prompt: a red\nfox in the *snow* seed: 20" in short.text
    assert "cost: 3 credits" in short.text


@pytest.mark.parametrize(
    ("prompt", "is_in_text"),
    [("a `fox` in ``snow`` \\ *x*", True), ("```\nfox\n```", False), ("x" * 1700, True)],
)
def test_more_tells_what_was_asked_exactly_as_it_was_written(
    prompt: str, *, is_in_text: bool
) -> None:
    told = details(make_job(request=make_request(values=(value("prompt", prompt),), credits=1)))
    assert (f"prompt: {prompt}\n```" in told.text) is is_in_text
    assert (told.file is None) is is_in_text
    assert f"prompt: {prompt}" in (told.file or told.text)
    assert "cost: 1 credit ·" in told.text


def test_more_tells_who_sees_the_images_where_that_was_asked() -> None:
    hidden = make_job(request=replace(make_request(), is_spoiler=True))
    alone = make_job(origin=make_origin(is_alone=True))
    ends = [details(job).text.split("\n```")[1] for job in (make_job(), hidden, alone)]
    assert [each.partition(" show: ")[2] for each in ends] == ["", "behind a spoiler", "only me"]


@pytest.mark.parametrize("blank", ["\u3164", "\u2800 \u2800", "\u200d", " \u200c \u115f"])
def test_a_prompt_that_nobody_can_see_is_none(blank: str) -> None:
    assert draw(valued("prompt", blank)).text.startswith("**CNY-SnakeYear**\n")
    apart = draw(valued("prompt", f"a fox{blank * 50}Failed.")).text
    assert " ".join(apart.split("\n")[0].replace("\u200d", " ").split()) == "**a fox Failed.**"


def valued(name: str, text: str) -> Job:
    return make_job(request=make_request(values=(value(name, text),)))


def test_an_end_at_once_says_nothing_of_time() -> None:
    cancelled = make_job(status=JobStatus.CANCELLED, is_cancelled=True)
    assert not any("took" in text for text in (draw(cancelled).text, details(cancelled).text))
    assert "took 1 s" in draw(make_job(status=JobStatus.DELIVERED)).text  # but of images


@pytest.mark.parametrize("reason", Reason)
def test_the_longest_reply_fits_into_a_message(reason: Reason) -> None:
    many = tuple(value(f"{n}{'*' * 100}", "*" * 100, is_choice=True) for n in range(9))
    values = (value("prompt", "*" * 4000), *many, replace(SEED, text="9" * 100))
    origin = make_origin(kind=OriginKind.REACTION, guild_id=2**63, channel_id=2**63, again_of=2**63)
    request = make_request(values=values, endpoint_name="*" * 100, credits=1000)
    job = make_job(origin=origin, request=request, status=JobStatus.FAILED)
    failed = replace(job, failure=Failure(reason=reason, detail="*" * 500))
    outputs = tuple(Output(url=f"{URL}{'a' * 150}", is_too_large=True) for _ in range(40))
    done = replace(job, status=JobStatus.DELIVERED, outputs=outputs)
    assert max(len(draw(each).text) for each in (failed, done)) <= MAX_CHARACTERS
    assert len(draw(done).text.split("\n")) == 2 + 10
    assert SENTENCES[reason] in draw(failed).text or reason is Reason.BAD_INPUT


def test_an_image_says_what_it_shows() -> None:
    there, lost = Output(url=URL, stored=STORED), Output(url=URL, is_lost=True)
    job = make_job(outputs=(lost, there, there), request=make_request(values=(PROMPT,)))
    assert alt_text(job, 2) == "a red fox in the *snow* (2 of 2)"


def test_an_ended_job_shows_how_long_it_took_and_can_be_run_again() -> None:
    kept = replace(make_request().inputs[0], stored=STORED)
    job = make_job(
        status=JobStatus.DELIVERED,
        changed_at=NOON + timedelta(seconds=210),
        request=make_request(inputs=(kept,)),
    )
    drawing = draw(job)
    assert facts(job)[-1] == "took 3 min 30 s"
    assert [custom_id for _, custom_id in drawing.buttons] == [
        f"run-again:{job.id}",
        f"change:{job.id}",
        f"more:{job.id}:done",
    ]
    assert [label for label, _ in draw(make_job()).buttons] == ["Cancel", "More…"]


@pytest.mark.parametrize(
    ("status", "is_sent", "said"),
    [
        (JobStatus.CANCELLED, False, "**Cancelled.** Nothing was charged."),
        (JobStatus.CANCELLED, True, "so it was charged. Its images are kept, and not posted."),
        (JobStatus.SUBMITTING, False, "it goes on at the service, and was charged."),
        (JobStatus.RUNNING, True, "it goes on at the service, and was charged."),
        (JobStatus.DELIVERING, True, "it goes on at the service, and was charged."),
    ],
)
def test_a_cancelled_job_says_whether_it_was_charged_and_cannot_be_cancelled_again(
    status: JobStatus, said: str, *, is_sent: bool
) -> None:
    progress = Progress(job_id="j", state="pending", submitted_at=NOON, ask_at=NOON)
    job = make_job(status=status, is_cancelled=True, progress=progress if is_sent else None)
    assert said in description(job)
    assert {"Cancel", "Use as input…"}.isdisjoint(label for label, _ in draw(job).buttons)


def test_what_can_be_done_with_a_result_is_offered_once_it_has_ended() -> None:
    output = Output(url=URL, stored=STORED)
    ended = make_job(status=JobStatus.DELIVERED, outputs=(output,))
    failed = make_job().failed(Reason.FAILED, at=NOON)
    offered = [[label for label, _ in details(job).buttons] for job in (make_job(), failed, ended)]
    assert offered == [[], ["Delete"], ["Originals", "Delete"]]


def test_a_job_whose_picture_was_never_kept_has_no_button() -> None:
    failed = make_job().failed(Reason.BAD_INPUT, at=NOON, detail="me.png is empty.")
    assert [label for label, _ in draw(failed).buttons] == ["More…"]


def test_long_links_are_dropped_before_the_text_becomes_too_long() -> None:
    url = "https://studio.example/" + "a" * 600
    outputs = tuple(Output(url=url, stored=STORED, attached=SMALLER) for _ in range(10))
    job = make_job(status=JobStatus.DELIVERED, outputs=outputs)
    assert len(draw(job).text) <= MAX_CHARACTERS
    lines = description(job).split("\n")
    assert [
        line.startswith(f"-# Image {n} was made smaller") for n, line in enumerate(lines, 1)
    ] == [True] * 10
    assert "[the original](" in lines[0]
    assert lines[-1] == "-# Image 10 was made smaller to fit."


def test_images_that_discord_does_not_take_are_said_to_be_kept() -> None:
    assert description(make_job(status=JobStatus.UNDELIVERABLE)).startswith(
        "**Done**, but Discord did not take the images here."
    )


def test_what_was_made_smaller_lost_or_left_out_is_said_with_a_link() -> None:
    outputs = (
        Output(url=URL, stored=STORED, attached=STORED),
        Output(url=URL, stored=STORED, attached=SMALLER),
        Output(url=URL, stored=STORED),
        Output(url=URL, is_lost=True),
        Output(url=URL, stored=STORED, is_left_out=True),
    )
    job = make_job(status=JobStatus.DELIVERED, outputs=outputs)
    link = "[the original](<https://studio.example/a%20b%281%29.png>)"
    assert description(job).split("\n") == [
        f"-# Image 2 was made smaller to fit: {link}.",
        f"-# Image 3 is too large for Discord: {link}.",
        "-# Image 4 could not be saved from the service.",
        f"-# Image 5 could not be posted here: {link}.",
    ]


def test_what_is_no_picture_or_too_large_to_be_kept_is_linked_to_as_it_was_written() -> None:
    url = "https://a.example/f?filename*=UTF-8''x%2F.wav&sig=A~b%3D"
    outputs = (
        Output(url=url, stored=replace(STORED, media_type="audio/wav")),
        Output(url=url, is_too_large=True),
    )
    job = make_job(status=JobStatus.DELIVERED, outputs=outputs)
    assert description(job).split("\n") == [
        f"-# File 1 is too large for Discord: [the original](<{url}>).",
        f"-# Image 2 is too large to be kept: [the original](<{url}>).",
    ]


def test_of_a_thousand_images_the_first_forty_that_came_are_shown() -> None:
    lost, here = Output(url=URL, is_lost=True), Output(url=URL, stored=STORED, attached=STORED)
    job = make_job(status=JobStatus.DELIVERED, outputs=(here, lost, *[here] * 1000, lost))
    assert shown(job) == (0, *range(2, 41))
    assert description(job).split("\n") == [
        "-# 1,001 images came, and the first 40 are here. The others are kept: ask the bot's owner for them.",
        "-# Image 2 could not be saved from the service.",
        "-# Image 1003 could not be saved from the service.",
    ]


@pytest.mark.parametrize(
    ("hidden", "is_hidden"),
    [({"is_spoiler": True}, True), ({"filename": "SPOILER_a.png"}, True), ({}, False)],
)
def test_what_is_made_of_a_hidden_picture_is_called_so(
    hidden: dict[str, Any], *, is_hidden: bool
) -> None:
    plain_one = make_request().inputs[0]
    inputs = (plain_one, replace(plain_one, **hidden))
    output = Output(url="https://a.example/x.usdz?a", stored=STORED)
    job = make_job(request=make_request(inputs=inputs), outputs=(output, output))
    zipped = replace(STORED, media_type="application/zip")
    start = "SPOILER_" if is_hidden else ""
    assert file_name(job, 1, zipped) == f"{start}cny-snakeyear-seed20-2.usdz"
    assert file_name(job, 1, SMALLER) == f"{start}cny-snakeyear-seed20-2.webp"


@pytest.mark.parametrize("reason", [Reason.BAD_OUTPUT, Reason.IMAGES_GONE])
def test_nobody_is_told_to_pay_again_for_what_would_end_the_same(reason: Reason) -> None:
    for job in (
        make_job(status=JobStatus.FAILED, failure=Failure(reason=reason)),
        make_job(status=JobStatus.UNDELIVERABLE),
    ):
        assert "the bot's owner" in description(job)
        assert "run it again" not in description(job).lower()


def test_two_drawings_have_one_digest_exactly_when_they_look_the_same() -> None:
    job = make_job()
    assert draw(job).digest == draw(replace(job, status=JobStatus.SUBMITTING)).digest
    assert draw(job).digest != draw(running("pending")).digest


def test_a_busy_service_is_told_of_with_the_next_try() -> None:
    later = NOON + timedelta(minutes=5)
    job = make_job(busy_until=later)
    told = f"**The service is busy** · next try <t:{int(later.timestamp())}:R>"
    assert description(job) == told
    assert description(replace(job, status=JobStatus.RUNNING)) == "**Working**"


@pytest.mark.parametrize(
    ("usual_s", "words"),
    [
        (7.6, "8 s"),
        (18.0, "20 s"),
        (58.0, "1 min"),
        (203.0, "3 min 30 s"),
        (725.0, "12 min"),
        (7300.0, "2 h"),
    ],
)
def test_a_reply_says_about_how_long_such_jobs_take_and_when_this_one_is_ready(
    usual_s: float, words: str
) -> None:
    ready = f"<t:{int(NOON.timestamp()) + 9}:R>"
    assert (
        description(estimated(usual_s, 9)) == f"**Working** · usually about {words} · ready {ready}"
    )


def test_no_time_is_left_standing_that_is_over() -> None:
    late = estimated(20.0, None)
    assert description(late) == "**Working** · longer than usual"
    assert description(late.moved(JobStatus.DOWNLOADING, at=NOON)) == "**Saving the images**"
