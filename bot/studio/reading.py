"""What a body of JSON says of a job, however it is laid out: its id, its state, its images.

Keys are read as `job_id`, `jobId` and `Job-Id` alike, at the top or within a `job`, `data` or
`result`, and each may stand there as a neighbour writes it: an id as a number, an address alone, in a
list, or with more about it.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from pydantic_core import from_json

Json = Any

PROCESSING = "processing"
WORKING = frozenset({"pending", "in_queue", PROCESSING})
SUCCEEDED = "succeeded"
FAILED = "failed"

# What others call the states that the service has names for.
_SPELLINGS: Mapping[str, str] = {
    **{word: word for word in (*WORKING, SUCCEEDED, FAILED)},
    "queued": "in_queue",
    "inqueue": "in_queue",
    "running": "processing",
    "in_progress": "processing",
    "success": SUCCEEDED,
    "successful": SUCCEEDED,
    "completed": SUCCEEDED,
    "complete": SUCCEEDED,
    "done": SUCCEEDED,
    "finished": SUCCEEDED,
    "failure": FAILED,
    "fail": FAILED,
    "error": "error",
    "errored": "error",
    "cancelled": "cancelled",
    "canceled": "cancelled",
    "aborted": "aborted",
    "timed_out": "timed out",
    "timeout": "timed out",
}
OVER = frozenset({FAILED, "error", "cancelled", "aborted", "timed out"})  # without an image
_IDS, _STATES = ("job_id", "id", "uuid"), ("job_state", "state", "status")
_BEGINNINGS = ("started_at", "began_at")
_ENDS = ("completed_at", "finished_at", "ended_at")
_IMAGES = ("image_urls", "images", "image_url", "urls", "outputs", "output", "results")
_ADDRESSES = ("url", "image_url", "href", "src", "download_url")
_LIKE_AN_ADDRESS = re.compile(r"\S*/\S*$")
_ID = re.compile(r"(?!\.+$)[\w:.~=+@-]{1,100}")  # it becomes a part of a path
_DEPTH = 4  # of addresses within addresses
_STAMP = re.compile(r"[ -~]{1,64}")


def whole(body: bytes | bytearray) -> Json:
    """The body's JSON; ValueError where it is none."""
    try:
        return json.loads(body)
    except RecursionError as error:
        raise ValueError("too deep") from error


def told(body: bytes | bytearray, *, is_whole: bool = True) -> Mapping[str, Json]:
    """What the body says of a job, by our names for its keys; ValueError where that is nothing."""
    found = whole(body) if is_whole else from_json(body, allow_partial=True)
    parts = [*_parts(found, _DEPTH)]
    if not parts:
        raise ValueError("no JSON object")
    room, job = next(
        chain(
            (each for each in parts if _IDS[0] in each[1]),
            (each for each in parts if names_an_id(each[1]) and state_in(each[1])),
            (each for each in parts if state_in(each[1])),
            parts,
        )
    )
    within = [part for other, part in parts if other < room]
    states = ({"state": state_in(part)} for part in within if state_in(part))
    beside = [part for _, part in parts if part is not job]
    return job | _lacking(job, beside) | ({} if state_in(job) else next(states, {}))


def _parts(found: Json, room: int) -> Iterator[tuple[int, dict[str, Json]]]:
    """The objects that may be the job, the likeliest first, each with the room for more within it."""
    if isinstance(found, list) and len(found) == 1:
        found = found[0]
    if not room or not isinstance(found, dict):
        return
    said = _named(found)
    if isinstance(job := said.get("job"), dict) and "id" in job:
        said["job"] = {"job_id": job["id"], **job}
    for key in ("job", "data"):  # what is around the job has an id and a status of its own
        yield from _parts(said.get(key), room - 1)
    yield room, said
    yield from _parts(said.get("result"), room - 1)


def _lacking(job: Mapping[str, Json], beside: Sequence[Mapping[str, Json]]) -> dict[str, Json]:
    """What the job itself does not say of its images and times, and something beside it does."""
    keys = [key for key in (*_BEGINNINGS, *_ENDS, *_IMAGES) if not job.get(key)]
    return {key: part[key] for part in beside[::-1] for key in keys if part.get(key)}


def names_an_id(said: Mapping[str, Json]) -> bool:
    """Whether something stands where the job's id does."""
    return any(key in said for key in _IDS)


def is_of_a_job(said: Mapping[str, Json]) -> bool:
    """Whether its state is a job's: a `status` alone may be that of the answer itself."""
    return any(key in said for key in (*_IDS, *_STATES[:2], *_BEGINNINGS, *_ENDS))


def id_in(said: Mapping[str, Json], *, is_whole: bool = True) -> str | None:
    """The job's id, or None; what is only called `id` is one where a state stands beside it."""
    keys = _IDS if state_in(said) else _IDS[:1]
    for key in keys:
        value = said.get(key)
        # Where the rest is missing a number may be longer than it looks.
        is_number = is_whole and isinstance(value, int) and not isinstance(value, bool)
        text = str(value) if is_number else value
        if isinstance(text, str) and _ID.fullmatch(text):
            return text
    return None


def state_in(said: Mapping[str, Json]) -> str | None:
    """The state's own word for what we know, as it is written for all else; None without one."""
    texts = (said.get(key) for key in _STATES)
    text = next((text.strip() for text in texts if isinstance(text, str) and text.strip()), None)
    return _SPELLINGS.get(_word(text), text) if text else None


def has_ended(said: Mapping[str, Json]) -> bool:
    """Whether it says when the job has ended."""
    return any(said.get(key) for key in _ENDS)


def stamps_in(said: Mapping[str, Json]) -> tuple[str | None, str | None]:
    """When work on it began and ended, as the service has written it; None for what it does not say."""
    return _stamp(said, _BEGINNINGS), _stamp(said, _ENDS)


def _stamp(said: Mapping[str, Json], keys: tuple[str, ...]) -> str | None:
    texts = (said.get(key) for key in keys)
    return next((t for t in texts if isinstance(t, str) and _STAMP.fullmatch(t)), None)


def addresses_in(said: Mapping[str, Json]) -> list[str]:
    """The images' addresses; ValueError where something else stands in their place."""
    for key in (*_IMAGES, "data", "result"):
        found = said.get(key)
        if found and (key in _IMAGES or not isinstance(found, dict)):  # that was looked into
            addresses = list(_addresses(found, _DEPTH))
            if key != _IMAGES[0]:  # other texts may stand there
                addresses = [each for each in addresses if _LIKE_AN_ADDRESS.match(each)]
            if addresses:
                return addresses
            if key == _IMAGES[0] and any(_leaves(found, _DEPTH)):
                raise ValueError(f"{key}: no addresses")
    return []


def _addresses(value: Json, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        if value.strip():
            yield _writable(value)
    elif depth and isinstance(value, list):
        for each in value:
            yield from _addresses(each, depth - 1)
    elif depth and isinstance(value, dict):
        said = _named(value)
        key = next((key for key in _ADDRESSES if said.get(key)), None)
        for each in [said[key]] if key else value.values():
            yield from _addresses(each, depth - 1)


def _writable(text: str) -> str:
    """The text without halves of signs, which JSON may name and no file can hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _leaves(value: Json, depth: int) -> Iterator[Json]:
    if depth and isinstance(value, list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _leaves(each, depth - 1)
    elif value is not None:
        yield value


def _named(found: Mapping[str, Json]) -> dict[str, Json]:
    return {_word(key): value for key, value in found.items()}


def _word(text: str) -> str:
    """The text in small letters, its words joined by `_`."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text.strip())
    return re.sub(r"[\s_.-]+", "_", parted).lower()
