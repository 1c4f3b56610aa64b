"""What a member sees of a job: its embed, its buttons, its texts. Pure.

A reply is a function of the job's row, so that whoever draws it last draws the same. What others
wrote – members, the service, the owner in a document – is shown by `plain`, and in code by `code`.
"""

import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

import discord
from discord.utils import format_dt

from bot.discord.results import about_images
from bot.errors import SENTENCES, BotError, Reason, Refused
from bot.jobs.job import Job, JobStatus

RUN_AGAIN = "run-again"  # the custom id's first part; the job's id is the second
MAX_TEXT = 400  # of what others wrote
MAX_SENTENCE = 1900  # a message may have 2,000 characters, and a mention goes before
SHORTER = (MAX_TEXT, 100, 50, 20)  # of each text in a sentence that quotes many

# What Discord would make something of, each undone by a backslash, which nobody sees.
# https://support.discord.com/hc/en-us/articles/210298617
_MARKUP = re.compile(
    r"[\\`*_~|<>\[\]]"  # styles, code, spoilers, masked links, mentions, times, emojis
    r"|(?<=\])\("  # by which a link of ours, further in front, would lead elsewhere
    r"|:(?=\S)|(?<=\S)/"  # addresses, also those without a scheme; emojis by name
    r"|(?<=www)\.|\.(?=[\w.-]*/)"
    r"|^\#|^[-+](?=[\s\#]|$)",  # headings, small text, lists
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^(\d+)(?=[.)](?:\s|$))")  # a list's
_MENTION = re.compile(r"@(?=\S)")  # which Discord finds behind a backslash, too
_IN_CODE = re.compile(r"[@:/.](?=\S)|\](?=\()")  # where a backslash would be seen
_PARTED = "\\g<0>\u200b"
_UNSEEN = {"Cc": " ", "Cf": "", "Cs": "", "Co": ""}  # kinds of characters
_JOINING = "\u200c\u200d"  # within words of some scripts, and within emojis

_WORDS = {
    JobStatus.ACCEPTED: "Accepted",
    JobStatus.SUBMITTING: "Accepted",
    JobStatus.DOWNLOADING: "Succeeded, saving the images",
    JobStatus.DELIVERING: "Succeeded, saving the images",
    JobStatus.DELIVERED: "Done",
    JobStatus.UNDELIVERABLE: "Done",
    JobStatus.FAILED: "Failed",
}
_UNDELIVERABLE = (
    "**Done**, but Discord did not take the images here. They are kept: ask the bot's owner for"
    " them."
)
_STATES = {"pending": "Pending", "in_queue": "In queue", "processing": "Processing"}
_COLOURS = {
    JobStatus.DELIVERED: discord.Colour.green(),
    JobStatus.FAILED: discord.Colour.red(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """One message's look: its embed, and the custom id of its *Run again* button."""

    embed: discord.Embed
    run_again: str | None

    @property
    def digest(self) -> str:
        """The same for two drawings exactly when they look the same."""
        text = json.dumps([self.embed.to_dict(), self.run_again], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def view(self) -> discord.ui.View | None:
        """The buttons; they answer by their custom ids, so nothing of them is kept in memory."""
        if self.run_again is None:
            return None
        view = discord.ui.View(timeout=None)
        view.add_item(discord.ui.Button(label="Run again", emoji="🔁", custom_id=self.run_again))
        view.stop()  # discord.py keeps no view that is stopped
        return view


def draw(job: Job) -> Drawing:
    """The job's first reply as it should look now."""
    request = job.request
    embed = discord.Embed(
        title=plain(request.endpoint_name, 256),
        description=_described(job),
        colour=_COLOURS.get(job.status, discord.Colour.blurple()),
    )
    embed.set_footer(text=footer(job))
    if request.cover_url:
        embed.set_thumbnail(url=request.cover_url)
    embed.add_field(name="Asked by", value=mention(job.origin.user_id))
    if request.seed is not None:
        embed.add_field(name="Seed", value=f"`{code(request.seed, 100)}`")
    if job.is_terminal:
        embed.add_field(name="Took", value=duration(job.created_at, job.changed_at))
    else:
        embed.add_field(name="Since", value=format_dt(job.created_at, "R"))
    can_run_again = job.is_terminal and job.can_run_again
    return Drawing(embed=embed, run_again=f"{RUN_AGAIN}:{job.id}" if can_run_again else None)


def mention(user_id: int) -> str:
    """How a text names a user."""
    return f"<@{user_id}>"


def footer(job: Job) -> str:
    """The line by which a job's reply is told from all others, by people and by the bot."""
    return f"job {job.id[:12]}"


def further_text(job: Job, number: int, total: int) -> str:
    """The line of text of a further message of a result that one message cannot hold."""
    return f"{plain(job.request.endpoint_name, 100)}, part {number} of {total} ({footer(job)})"


def nothing_more(job: Job) -> str:
    """The line of text of a further message that turned out not to be needed."""
    return f"{plain(job.request.endpoint_name, 100)}: all of it is above ({footer(job)})"


def notice(job: Job) -> str:
    """The line that tells who asked that a long job has ended."""
    end = "is done" if job.status is JobStatus.DELIVERED else "has ended without images"
    return f"{mention(job.origin.user_id)} Your {plain(job.request.endpoint_name, 100)} {end}."


def sentence_to(user_id: int, sentence: str) -> str:
    """The sentence with a mention of who is meant, where it is no answer to a message of theirs."""
    return f"{mention(user_id)} {sentence}"


def error(exception: BaseException, reference: str) -> str:
    """The sentence for a member: ours where we raised it, else one with a reference to the log."""
    if isinstance(exception, Refused):
        return _told(exception)
    if isinstance(exception, BotError):
        return _cut(exception.user_message, MAX_SENTENCE)
    return f"Something went wrong in the bot. Its owner can find it in the log as {reference}."


def plain(text: str, limit: int = MAX_TEXT) -> str:
    """Others' text on one line of at most `limit` characters, that reads as they wrote it.

    Nothing in it works: no link, mention or time, and no style.
    """
    escaped = _NUMBERED.sub(r"\1\\", _MARKUP.sub(r"\\\g<0>", _line(text, limit)))
    return _cut(_MENTION.sub(_PARTED, escaped), limit)


def code(text: str, limit: int = MAX_TEXT) -> str:
    """As `plain`, for within backticks."""
    return _cut(_IN_CODE.sub(_PARTED, _line(text, limit).replace("`", "ˋ")), limit) or " "


def _told(refused: Refused) -> str:
    def shown(limit: int) -> str:
        return refused.told(lambda text, in_code: (code if in_code else plain)(text, limit))

    fitting = (sentence for sentence in map(shown, SHORTER) if len(sentence) <= MAX_SENTENCE)
    return next(fitting, _cut(shown(SHORTER[-1]), MAX_SENTENCE))


def _line(text: str, limit: int) -> str:
    """The text on one line, without what turns a line around or cannot be seen.

    Of a text that is much longer than the limit only the beginning is looked at.
    """
    kept = (
        c if c in _JOINING else _UNSEEN.get(unicodedata.category(c), c) for c in text[: 10 * limit]
    )
    return " ".join("".join(kept).split())


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def duration(start: datetime, end: datetime) -> str:
    """A time span in words, seconds rounded: `3 min 30 s`."""
    minutes, seconds = divmod(max(0, round((end - start).total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{n} {unit}" for n, unit in parts if n) or "0 s"


def _described(job: Job) -> str:
    if job.failure:
        sentence, detail = SENTENCES[job.failure.reason], plain(job.failure.detail or "")
        if job.failure.reason is Reason.BAD_INPUT and detail:
            sentence, detail = detail, ""  # our own words, which say it all
        lines = [f"**{_words(job)}.** {sentence}", f"> {detail}" if detail else ""]
    elif job.status is JobStatus.UNDELIVERABLE:
        lines = [_UNDELIVERABLE]
    else:
        about = about_images(job) if job.status is JobStatus.DELIVERED else []
        lines = [f"**{_words(job)}**", *about]
    return "\n".join(line for line in lines if line)


def _words(job: Job) -> str:
    if job.status is JobStatus.RUNNING and job.progress:
        state = _STATES.get(job.progress.state) or plain(job.progress.state, 100) or "Running"
        # By our own words a reply says how far it has come.
        return f"Running: {state}" if state in _WORDS.values() else state
    return _WORDS.get(job.status, "Running")
