"""What *More…* tells of a job: all that was asked, to copy, and what it cost. Pure."""

from dataclasses import dataclass

from bot.discord.render import duration, footer, mention, plain
from bot.jobs.job import Job
from bot.jobs.request import Request

MAX_IN_TEXT = 1500  # characters; what is longer comes as a file
FILE_NAME = "settings.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """A text, and what did not fit into it, for a file."""

    text: str
    file: str | None


def details(job: Job) -> Details:
    """All that is to be told of the job."""
    asked = as_typed(job.request)
    is_short = len(asked) <= MAX_IN_TEXT
    shown = f"```\n{asked.replace('`', 'ˋ')}\n```" if is_short else "What was asked is in the file."
    facts = [f"asked by {mention(job.origin.user_id)}"]
    if job.request.credits:
        facts.append(f"cost: {job.request.credits:g} credits")
    if job.is_terminal:
        facts.append(f"took {duration(job.created_at, job.changed_at)}")
    facts.append(footer(job))
    lines = (f"**{plain(job.request.endpoint_name, 200)}**", shown, f"-# {' · '.join(facts)}")
    return Details(text="\n".join(lines), file=None if is_short else asked)


def as_typed(request: Request) -> str:
    """The request as the line that a member could type; pictures by their files' names."""
    name = " ".join(part for part in (request.group, request.command) if part)
    pictures = (f"{each.name}: {each.filename}" for each in request.inputs)
    options = (f"{each.name}: {each.text}" for each in request.values)
    line = " ".join([f"/{name}", *pictures, *options])
    return line.encode(errors="replace").decode()
