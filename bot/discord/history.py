"""A page of `/history`, and what it looks like. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import discord
from discord import ui
from discord.utils import format_dt

from bot.discord.customs import Only, custom_id_of
from bot.discord.details import Details, details
from bot.discord.presses import Action
from bot.discord.render import beginning, code, plain
from bot.discord.reply import address_of, button
from bot.discord.results import originals, shown
from bot.discord.views import view_of
from bot.jobs.history import Page
from bot.jobs.job import Job, JobStatus

MAX_TITLE, MAX_NAME = 80, 40  # characters of what was asked, and of an endpoint's name
MAX_LABEL = 100  # of a select's option, and of its description


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A page as it is shown."""

    text: str
    view: ui.View


def drawn(page: Page) -> Drawn:
    """The page's text, a select of its jobs, and the buttons that turn it."""
    lines = [f"**{number}.** {_lines(job)}" for number, job in enumerate(page.jobs, 1)]
    if not lines:
        lines = ["There is nothing here." if page.newer else "You have asked for nothing yet."]
    return Drawn(text="\n".join(lines), view=view_of(*_items(page)))


def _items(page: Page) -> Iterator[ui.Item[Any]]:
    if page.jobs:
        options = [_option(number, job) for number, job in enumerate(page.jobs, 1)]
        placeholder = "Show one again, run it again, delete it"
        yield ui.Select(custom_id=Only.ONE_OF_THEM, options=options, placeholder=placeholder)
    for label, mark in (("Newer", page.newer), ("Older", page.older)):
        if mark:
            yield ui.Button(label=label, custom_id=custom_id_of(mark))


def one_of_them(job: Job, left: Sequence[str] = (), *, may_be_seen: bool = True) -> Details:
    """What is told of one of the jobs, and what its member can do with it there."""
    buttons = _buttons(job, may_be_seen=may_be_seen)
    return replace(details(job, left), buttons=tuple(buttons))


def _buttons(job: Job, *, may_be_seen: bool) -> Iterator[tuple[str, str]]:
    if not job.is_terminal:
        return
    has_images = may_be_seen and bool(originals(job))
    if has_images:
        yield button("Show again here", Action.SHOW, job)
    if job.can_run_again:
        yield button("Run again", Action.RUN_AGAIN, job)
    if has_images:
        yield button("Originals", Action.ORIGINALS, job)
    yield button("Delete", Action.DELETE, job)


def _lines(job: Job) -> str:
    """Two lines about the job."""
    request, facts = job.request, [_became(job), format_dt(job.created_at, "R")]
    if request.prompt:
        facts.insert(0, plain(request.endpoint_name, MAX_NAME))
    elif request.seed is not None:  # by which several are told apart
        facts.insert(0, f"seed `{code(request.seed, MAX_NAME)}`")
    if job.message_id and not job.is_hidden:
        facts.append(f"[its message](<{address_of(job, job.message_id)}>)")
    return f"{plain(_asked(job), 2 * MAX_TITLE)}\n-# {' · '.join(facts)}"


def _option(number: int, job: Job) -> discord.SelectOption:
    described = f"{job.request.endpoint_name[:MAX_NAME]} · {_became(job)}"
    label = f"{number}. {_asked(job)}"
    return discord.SelectOption(
        label=label[:MAX_LABEL], description=described[:MAX_LABEL], value=job.id
    )


def _asked(job: Job) -> str:
    words = beginning(job.request.asked, MAX_TITLE)
    return words or job.request.endpoint_name[:MAX_TITLE] or "Untitled"


def _became(job: Job) -> str:
    """What became of it, in a word or two."""
    if job.status is JobStatus.FAILED:
        return "failed"
    images = len(shown(job))
    came = f"{images} image{'' if images == 1 else 's'}"
    kept = f", {came} kept" if originals(job) else ""
    if job.status is JobStatus.CANCELLED:
        return f"cancelled{kept}"
    if job.status is JobStatus.UNDELIVERABLE:
        return f"could not be posted{kept}"
    return came if job.is_terminal else "under way"
