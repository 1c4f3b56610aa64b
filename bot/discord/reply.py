"""A job's reply: what was asked, how far it is, what became of it, and its buttons. Pure.

It is a function of the job's row, so that whoever draws it last draws the same. Text comes first,
then the images as attachments, then one row of buttons: Discord draws attachments above embeds, so
that a card would jump below the images when they come.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import discord
from discord.utils import format_dt

from bot.discord.asks import Ask, Step
from bot.discord.presses import Action, Phase, Press
from bot.discord.render import about, beginning, code, in_credits, mention, plain, took
from bot.discord.results import MAX_SAID, about_images
from bot.discord.views import view_of
from bot.endpoints.remakes import usable
from bot.jobs.job import Job, JobStatus, OriginKind
from bot.jobs.request import FieldKind, Request, Value
from bot.reasons import SENTENCES, Reason

MAX_CHARACTERS = 2000  # of a message's text
MAX_PROMPT = 300  # characters of it, before what works in Discord is undone
MAX_OPTIONS = 4
MAX_OPTION = 40  # characters of a name or a value
SMALL = "-# "
NOBODY = discord.AllowedMentions.none()
OF_TEXT = "text-"  # a digest without it is of an embed, as earlier versions drew a reply

_UNDELIVERABLE = (
    "**Done**, but Discord did not take the images here. They are kept: ask the bot's owner for"
    " them."
)
_UNCHARGED = "**Cancelled.** Nothing was charged."
_GOES_ON = (
    "**Cancelled** after it was sent: it goes on at the service, and was charged. Its images will be"
    " kept, and not posted."
)
_UNPOSTED = (
    "**Cancelled** after it was sent, so it was charged. Its images are kept, and not posted."
)
_BY_A_PRESS = "Where this stands still after 15 minutes, press *Get the result*."
_WAITING, _SAVING = "Waiting for a turn", "Saving the images"
_WORDS = {
    JobStatus.ACCEPTED: _WAITING,
    JobStatus.SUBMITTING: _WAITING,
    JobStatus.DOWNLOADING: _SAVING,
    JobStatus.DELIVERING: _SAVING,
}
_STATES = {
    "pending": "Sent to the service",
    "in_queue": "In the service's queue",
    "processing": "Working",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """One message's look: its text, and its buttons as labels and custom ids."""

    text: str
    buttons: tuple[tuple[str, str], ...]

    @property
    def digest(self) -> str:
        """The same for two drawings exactly when they look the same."""
        look = json.dumps([self.text, self.buttons])
        return f"{OF_TEXT}{hashlib.sha256(look.encode()).hexdigest()[:16]}"

    def view(self) -> discord.ui.View:
        """The buttons."""
        return view_of(*(_button(*each) for each in self.buttons))


def _button(label: str, custom_id: str) -> discord.ui.Button[Any]:
    action = custom_id.partition(":")[0]
    emoji = "🔁" if action == Action.RUN_AGAIN else None
    style = discord.ButtonStyle.secondary
    if action == Action.DELETE_FOR_GOOD:
        style = discord.ButtonStyle.danger
    return discord.ui.Button(label=label, emoji=emoji, custom_id=custom_id, style=style)


def look(drawing: Drawing | None) -> dict[str, Any]:
    """What an edit says: without the embed of an earlier version, and anew that nobody is pinged."""
    if drawing is None:
        return {"allowed_mentions": NOBODY}
    view, text = drawing.view(), drawing.text
    return {"content": text, "embed": None, "view": view, "allowed_mentions": NOBODY}


def draw(job: Job) -> Drawing:
    """The job's first reply as it should look now."""
    if job.failure and job.failure.reason is Reason.BAD_INPUT:  # nothing has begun
        text = plain(job.failure.detail or SENTENCES[Reason.BAD_INPUT], 300)
        return Drawing(text=text, buttons=(_more(job),))
    lines = [f"**{title(job.request)}**", f"{SMALL}{' · '.join(_facts(job))}", *_state(job)]
    if job.is_by_token and not job.is_terminal:
        lines.append(f"{SMALL}{_BY_A_PRESS}")
    if job.status is JobStatus.DELIVERED:
        room = MAX_CHARACTERS - sum(len(line) + 1 for line in lines) - len(SMALL) * MAX_SAID
        lines += [f"{SMALL}{line}" for line in about_images(job, room)]
    return Drawing(text="\n".join(lines), buttons=(*_onwards(job), _more(job)))


def _onwards(job: Job) -> Iterator[tuple[str, str]]:
    """Whether it is still wanted, and once it is over what can be made of it."""
    if _may_need_a_press(job):
        yield button("Get the result", Action.GET, job)
    if not job.is_terminal:
        if not job.is_cancelled:
            yield button("Cancel", Action.CANCEL, job)
        return
    if job.can_run_again:
        yield button("Run again", Action.RUN_AGAIN, job)
    yield "Change…", str(Ask(step=Step.CHANGE, source_id=job.id))
    if usable(job) and job.status is not JobStatus.CANCELLED:  # nobody sees its images there
        yield "Use as input…", str(Ask(step=Step.USE, source_id=job.id))


def _may_need_a_press(job: Job) -> bool:
    """Whether a token alone reaches it, and not all is there for good: further messages are of one."""
    is_more = job.posted.is_owed or len(job.posted.message_ids) > 1
    may_be_more = is_more if job.status is JobStatus.DELIVERED else not job.is_terminal
    return job.is_by_token and may_be_more


def _more(job: Job) -> tuple[str, str]:
    return button("More…", Action.MORE, job, phase_of(job))


def button(label: str, action: Action, job: Job, phase: Phase | None = None) -> tuple[str, str]:
    """A button of a drawing."""
    return label, Press(action=action, job_id=job.id, phase=phase).custom_id


def phase_of(job: Job) -> Phase:
    """How far the job has come."""
    if job.status is JobStatus.DELIVERED:
        return Phase.DONE
    is_accepted = job.status in {JobStatus.ACCEPTED, JobStatus.SUBMITTING}
    return Phase.ACCEPTED if is_accepted else Phase.FURTHER


def title(request: Request) -> str:
    """What was asked for, in the member's words; where they had none, by the endpoint's name."""
    words = beginning(request.asked, MAX_PROMPT)
    return plain(words, 2 * MAX_PROMPT) or plain(request.endpoint_name, MAX_PROMPT) or "Untitled"


def settings(request: Request) -> list[Value]:
    """The options that differ from what the document has, without prompt and seeds."""
    return [
        value
        for value in request.values
        if value is not request.prompt
        and value.kind is not FieldKind.SEED
        and value.text
        and not value.is_default
    ]


def address_of(job: Job, message_id: int) -> str:
    """Where a message of the job's channel is found in Discord."""
    origin = job.origin
    return (
        f"https://discord.com/channels/{origin.guild_id or '@me'}/{origin.channel_id}/{message_id}"
    )


def _facts(job: Job) -> Iterator[str]:
    """Where from, who, what differs, the seed; what it costs, or how long it took."""
    request, origin = job.request, job.origin
    if request.prompt:
        yield plain(request.endpoint_name, 80)
    if origin.kind in {OriginKind.BUTTON, OriginKind.REACTION}:  # else it stands above the reply
        yield mention(origin.user_id)
    if origin.again_of:
        yield _came_of(request, f"(<{address_of(job, origin.again_of)}>)")
    elif origin.made_of and origin.is_alone:  # what is hidden has no address
        yield _came_of(request, "")
    changed = settings(request)
    for value in changed[:MAX_OPTIONS]:
        yield f"{plain(value.name, MAX_OPTION)}: {plain(value.text, MAX_OPTION)}"
    if len(changed) > MAX_OPTIONS:
        yield f"{len(changed) - MAX_OPTIONS} more"
    if request.seed is not None:
        yield f"seed `{code(request.seed, 40)}`"
    if job.is_terminal:
        yield from took(job)
        return
    if request.credits:
        yield in_credits(request.credits)
    yield f"asked {format_dt(job.created_at, 'R')}"


def _came_of(request: Request, link: str) -> str:
    """What it was made of, and where that is found."""
    before = f"[the result before]{link}" if link else "the result before"
    if request.is_of_message:
        return f"of [this {'picture' if request.inputs else 'message'}]{link}"
    if request.of_image is not None:
        return f"of image {request.of_image} of {before}"
    if not request.changed:
        return f"again, with a new seed: {before}"
    names = [plain(name, MAX_OPTION) for name in request.changed[:MAX_OPTIONS]]
    more = len(request.changed) - len(names)
    return f"changed {', '.join([*names, *[f'{more} more'] * bool(more)])}: {before}"


def _state(job: Job) -> list[str]:
    if job.failure:
        sentence, detail = SENTENCES[job.failure.reason], plain(job.failure.detail or "", 300)
        return [f"**Failed.** {sentence}", *([f"> {detail}"] if detail else [])]
    if job.is_cancelled or job.status is JobStatus.CANCELLED:
        return [about_cancel(job)]
    if job.is_terminal:
        return [_UNDELIVERABLE] * (job.status is JobStatus.UNDELIVERABLE)
    if job.line and job.status is JobStatus.ACCEPTED:
        return [f"**{_WAITING}** · {_in_line(job.line.place)}"]
    if job.busy_until and job.status in {JobStatus.ACCEPTED, JobStatus.SUBMITTING}:
        return [f"**The service is busy** · next try {format_dt(job.busy_until, 'R')}"]
    return [" · ".join([f"**{_words(job)}**", *_estimate(job)])]


def _estimate(job: Job) -> Iterator[str]:
    """How long such jobs take, and when this one is ready, while a time of ours is not over."""
    said = job.progress.estimate if job.status is JobStatus.RUNNING and job.progress else None
    if said is None:
        return
    if said.ready_at is None:
        yield "longer than usual"
        return
    yield f"usually about {about(said.usual_s)}"
    yield f"ready {format_dt(said.ready_at, 'R')}"


def about_cancel(job: Job) -> str:
    """What became of a job that was cancelled."""
    if not job.is_terminal:
        return _GOES_ON
    return _UNPOSTED if job.progress else _UNCHARGED


def _in_line(place: int) -> str:
    if place == 1:
        return "next in line"
    is_teen = place // 10 % 10 == 1
    ending = "th" if is_teen else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place:,}{ending} in line"


def _words(job: Job) -> str:
    if job.status is JobStatus.RUNNING and job.progress:
        return _STATES.get(job.progress.state) or plain(job.progress.state, 100) or "Working"
    return _WORDS.get(job.status, "Working")
