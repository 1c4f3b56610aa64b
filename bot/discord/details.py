"""What *More…* tells of a job: all that was asked, to copy, and what it cost. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.discord.bounds import amount
from bot.discord.presses import Action
from bot.discord.render import footer, in_credits, mention, plain, took
from bot.discord.reply import MAX_CHARACTERS, Drawing, button
from bot.discord.results import originals
from bot.endpoints.showing import ONLY_ME, SHOW, SPOILER
from bot.jobs.job import Job
from bot.jobs.limits import OF_ALL, OF_CREDITS, Left, Limits, Measure, Usage, left_of

MAX_IN_TEXT = 1900  # characters; what is longer comes as a file
_FENCE = "```"
FILE_NAME = "settings.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """A text and its buttons, and what did not fit into it, for a file."""

    text: str
    file: str | None
    buttons: tuple[tuple[str, str], ...] = ()

    @property
    def drawing(self) -> Drawing:
        """How it looks."""
        return Drawing(text=self.text, buttons=self.buttons)


def details(job: Job, left: Sequence[str] = ()) -> Details:
    """All that is to be told of the job, and what is left to who wants to know it."""
    asked = as_typed(job)
    text = _text(job, f"{_FENCE}\n{asked}\n{_FENCE}", left)
    is_short = len(asked) <= MAX_IN_TEXT and len(text) <= MAX_CHARACTERS and _FENCE not in asked
    if not is_short:
        text = _text(job, "What was asked is in the file.", left)
    return Details(text=text, file=None if is_short else asked, buttons=tuple(_buttons(job)))


def _text(job: Job, asked: str, left: Sequence[str]) -> str:
    facts = [f"asked by {mention(job.origin.user_id)}"]
    if job.request.credits:
        facts.append(f"cost: {in_credits(job.request.credits)}")
    facts += [*took(job), footer(job)]
    small = [f"-# {line}" for line in (" · ".join(facts), *left)]
    return "\n".join((f"**{plain(job.request.endpoint_name, 200)}**", asked, *small))


def question(job: Job) -> Drawing:
    """What is asked before a result is deleted."""
    return Drawing(
        text=(
            "Delete this for good? Its messages and pictures go, for everybody, and what was made"
            " of it loses the picture that it was made of."
        ),
        buttons=(button("Delete", Action.DELETE_FOR_GOOD, job),),
    )


def _buttons(job: Job) -> Iterator[tuple[str, str]]:
    if not job.is_terminal:
        return
    if originals(job):
        yield button("Originals", Action.ORIGINALS, job)
    yield button("Delete", Action.DELETE, job)


def left(limits: Limits, usage: Usage) -> Iterator[str]:
    """What is left to a member, and to all together where that is limited."""
    mine = [f"{left_of(limits.jobs, usage.unfinished):g} of {limits.jobs} jobs at a time"]
    if limits.credits_per_day is not None:
        mine.append(f"{_credits(limits.credits_per_day, usage.credits)} for these 24 hours")
    yield f"you have left: {' · '.join(mine)}"
    ours = []
    if limits.all_credits_per_day is not None:
        ours.append(_credits(limits.all_credits_per_day, usage.all_credits))
    if (most := limits.all_jobs_per_day) is not None:
        ours.append(f"{left_of(most, usage.all_jobs):g} of {most} jobs")
    if ours:
        yield f"all members together have left: {' · '.join(ours)} for these 24 hours"
    for each in usage.quotas:
        yield from _left_of(each)


def _left_of(left: Left) -> Iterator[str]:
    """The same of a limit that is set in Discord."""
    where = " in this server" if left.quota.is_here else ""
    for who, measures in (
        ("you have left", [each for each in Measure if each not in OF_ALL]),
        ("all members together have left", [each for each in Measure if each in OF_ALL]),
    ):
        told = [_part_of(left, each) for each in measures if each in left.used]
        if told:
            yield f"{who}{where}: {' · '.join(told)}"


def _part_of(left: Left, measure: Measure) -> str:
    most = left.quota.most[measure]
    what = "credits" if measure in OF_CREDITS else "jobs"
    when = "at a time" if measure is Measure.JOBS else "in 24 hours"
    return f"{amount(left_of(most, left.used[measure]))} of {amount(most)} {what} {when}"


def _credits(most: float, used: float) -> str:
    return f"{left_of(most, used):g} of {most:g} credits"


def as_typed(job: Job) -> str:
    """The request as the line that a member could type; pictures by their files' names."""
    request = job.request
    name = " ".join(part for part in (request.group, request.command) if part)
    pictures = (f"{each.name}: {each.filename}" for each in request.inputs)
    options = (f"{each.name}: {each.text}" for each in request.values)
    seen_by = ONLY_ME if job.origin.is_alone else SPOILER if request.is_spoiler else ""
    shown = [f"{SHOW.name}: {seen_by}"] if seen_by else []
    line = " ".join([f"/{name}", *pictures, *options, *shown])
    return line.encode(errors="replace").decode()
