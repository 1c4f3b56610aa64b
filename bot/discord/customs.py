"""What the custom ids of all our buttons, selects and forms mean: one function reads them. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bot.discord.asks import DRAFT, Ask, Step
from bot.discord.presses import FORM, Action, Phase, Press
from bot.jobs.history import Mark


class Only(StrEnum):
    """A custom id that says all by itself."""

    ONE_OF_THEM = "history-one"  # the select of a page's jobs
    FORGET_ME = "forget-me"  # the button by which a member means it
    ADD = "studio-add"  # the form by which the owner adds an endpoint


@dataclass(frozen=True, slots=True)
class ForgetMember:
    """The button by which the owner means to forget this member."""

    user_id: int


Meaning = Press | Ask | Mark | Only | ForgetMember

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def meaning_of(custom_id: str) -> Meaning | None:
    """What a custom id means; None where it is none of ours."""
    for form, read in _FORMS:
        if found := form.fullmatch(custom_id):
            return read(found)
    return None


def custom_id_of(meaning: Meaning) -> str:
    """The custom id that means it; Discord takes 100 characters."""
    if isinstance(meaning, Press):
        return meaning.custom_id
    if isinstance(meaning, Mark):
        where, at = "newer" if meaning.is_newer else "older", max(meaning.at, _EPOCH) - _EPOCH
        return f"history-{where}:{at // timedelta(microseconds=1)}:{meaning.job_id}"
    if isinstance(meaning, ForgetMember):
        return f"forget-member:{meaning.user_id}"
    return str(meaning)


def _press(found: re.Match[str]) -> Press:
    phase = Phase(found["phase"]) if found["phase"] else None
    return Press(action=Action(found["action"] or Action.MORE), job_id=found["job"], phase=phase)


def _ask(found: re.Match[str]) -> Ask:
    return Ask(
        step=Step(found["step"]),
        source_id=found["source_id"],
        is_draft=bool(found["draft"]),
        number=int(found["number"] or 0),
        endpoint=found["endpoint"] or "",
    )


def _mark(found: re.Match[str]) -> Mark:
    """Where a page goes on."""
    at = _EPOCH + timedelta(microseconds=int(found["at"]))
    return Mark(at=at, job_id=found["job"] or "", is_newer=found["where"] == "newer")


def _member(found: re.Match[str]) -> ForgetMember:
    return ForgetMember(int(found[1]))


def _only(found: re.Match[str]) -> Only:
    return Only(found[0])


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Meaning]], ...] = (
    (FORM, _press),
    (
        re.compile(
            rf"(?P<step>{'|'.join(Step)}):(?P<draft>{DRAFT})?(?P<source_id>[0-9a-f]{{32}})"
            r"(?::(?P<number>[1-9][0-9]{0,3}))?(?::(?P<endpoint>[0-9a-f]{12}))?"
        ),
        _ask,
    ),
    (
        re.compile(
            r"history-(?P<where>newer|older):(?P<at>0|[1-9][0-9]{0,15}):(?P<job>[0-9a-f]{32})?"
        ),
        _mark,
    ),
    (re.compile("|".join(Only)), _only),
    (re.compile(r"forget-member:(0|[1-9][0-9]{0,19})"), _member),
)
