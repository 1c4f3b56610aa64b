"""What Discord gets of a job's images: which of them, by which names, and what is said of the rest. Pure."""

import re
from collections.abc import Iterator
from itertools import chain, islice
from urllib.parse import quote

from bot.files.names import output_name
from bot.files.results import ending_of
from bot.jobs.job import Job, Output
from bot.jobs.request import SPOILER, Stored

MOST_SHOWN = 40  # images of one result; all are kept
MAX_SAID = 10  # lines
MAX_ALT = 900  # characters of what was asked; Discord takes 1,024
SHORT = 80  # characters of a line without its link

_IN_LINK = "%/:?#!$&*+,;=~'"  # all else but letters and digits is written as its code


def shown(job: Job) -> tuple[int, ...]:
    """The indexes of the images that are posted, or linked to: the first of those that came."""
    return tuple(islice(_came(job), MOST_SHOWN))


def originals(job: Job) -> tuple[int, ...]:
    """The indexes of the images that are here as the service made them."""
    return tuple(index for index in shown(job) if job.outputs[index].stored)


def file_name(job: Job, index: int, stored: Stored) -> str:
    """What an image is called in Discord; what is made of a hidden picture is hidden."""
    request = job.request
    ending = ending_of(stored.media_type, job.outputs[index].url)
    name = output_name(request.command, request.endpoint_id, request.seed, index + 1, ending)
    return f"{SPOILER}{name}" if request.hides_images else name


def alt_text(job: Job, index: int) -> str:
    """What an image is, for who cannot see it: what was asked, and which of how many."""
    of = shown(job)
    words = " ".join(job.request.asked[:MAX_ALT].split()).encode(errors="replace").decode()
    return f"{words} ({of.index(index) + 1} of {len(of)})"


def about_images(job: Job, room: int) -> list[str]:
    """What is to be said of a result beside its images, a line each, in so many characters."""
    in_sight = set(shown(job))
    about = chain.from_iterable(
        _about(number, output)
        for number, output in enumerate(job.outputs, 1)
        if output.is_lost or number - 1 in in_sight
    )
    kept: list[str] = []
    for line in islice(chain(_about_the_rest(job), about), MAX_SAID):
        short = line.partition(": [")[0].removesuffix(".") + "."
        fitting = line if len(line) + SHORT * (MAX_SAID - len(kept) - 1) <= room else short
        room -= len(fitting) + 1
        kept.append(fitting)
    return kept


def unattached(job: Job, index: int, why: str) -> str:
    """The line about an original that no message takes."""
    output = job.outputs[index]
    return f"{_noun(output)} {index + 1} {why}{_linked(output.url)}."


def _came(job: Job) -> Iterator[int]:
    return (index for index, output in enumerate(job.outputs) if not output.is_lost)


def _about_the_rest(job: Job) -> list[str]:
    came = sum(1 for _ in _came(job))
    rest = "The others are kept: ask the bot's owner for them."
    is_too_much = came > MOST_SHOWN
    return [f"{came:,} images came, and the first {MOST_SHOWN} are here. {rest}"] * is_too_much


def _about(number: int, output: Output) -> list[str]:
    if output.is_lost:
        return [f"Image {number} could not be saved from the service."]
    if output.is_too_large:
        said = "is too large to be kept"
    elif output.is_left_out:
        said = "could not be posted here"
    elif output.attached is None:
        said = "is too large for Discord"
    elif output.is_reduced:
        said = "was made smaller to fit"
    else:
        return []
    return [f"{_noun(output)} {number} {said}{_linked(output.url)}."]


def _noun(output: Output) -> str:
    is_picture = output.stored is None or output.stored.media_type.startswith("image/")
    return "Image" if is_picture else "File"


def _linked(url: str) -> str:
    """A link to the original; nothing where its address is none of the web."""
    if not re.match(r"https?://[^\s/?#]", url, re.IGNORECASE):
        return ""
    # What could end a link early, or the line, is written as its code.
    return f": [the original](<{quote(url, safe=_IN_LINK, errors='replace')}>)"
