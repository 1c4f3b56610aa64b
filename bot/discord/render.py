"""The texts that the bot says, and how it shows what others wrote. Pure.

What others wrote – members, the service, the owner in a document – is shown by `plain`, and in
code by `code`.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime

from bot.errors import BotError, Refused
from bot.jobs.job import Job, JobStatus

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
_IN_CODE = re.compile(r"[@:/](?=\S)|\.(?=[^\s\d])|\](?=\()")  # where a backslash would be seen
_PARTED = "\\g<0>\u200b"
_UNSEEN = {"Cc": " ", "Cf": "", "Cs": "", "Co": ""}  # kinds of characters
_JOINING = "\u200c\u200d"  # within words of some scripts, and within emojis
_BLANKS = str.maketrans("\u115f\u2800\u3164\uffa0", " " * 4)  # letters that nobody sees


def mention(user_id: int) -> str:
    """How a text names a user."""
    return f"<@{user_id}>"


def footer(job: Job) -> str:
    """How a job is named to people."""
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


def beginning(text: str, limit: int) -> str:
    """The text on one line, and no longer; of a much longer one only the beginning is looked at."""
    return _cut(" ".join(text[: 10 * limit].split()), limit)


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
    start = text[: 10 * limit].translate(_BLANKS)
    kept = (c if c in _JOINING else _UNSEEN.get(unicodedata.category(c), c) for c in start)
    return " ".join(word for word in "".join(kept).split() if word.strip(_JOINING))


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def in_credits(amount: float) -> str:
    """A price in words."""
    return f"{amount:g} {'credit' if amount == 1 else 'credits'}"


def took(job: Job) -> Iterator[str]:
    """How long it took, of an ended job, a second at least; nothing of what came to nothing at once."""
    span_s = (job.changed_at - job.created_at).total_seconds()
    if job.is_terminal and (round(span_s) or job.status is JobStatus.DELIVERED):
        yield f"took {_span(max(1.0, span_s))}"


def duration(start: datetime, end: datetime) -> str:
    """A time span in words, seconds rounded: `3 min 30 s`."""
    return _span((end - start).total_seconds())


def about(span_s: float) -> str:
    """The time span in round words: `8 s`, `20 s`, `3 min 30 s`, `12 min`."""
    step_s = next((step for limit, step in _ROUND if span_s < limit), 300)
    return _span(step_s * round(span_s / step_s))


_ROUND = ((10, 1), (60, 5), (600, 30), (3600, 60))  # seconds


def _span(span_s: float) -> str:
    minutes, seconds = divmod(max(0, round(span_s)), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{n} {unit}" for n, unit in parts if n) or "0 s"
