"""The custom ids of the buttons: which job a press is about, and what is to be done. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What a button is for."""

    RUN_AGAIN = "run-again"
    CANCEL = "cancel"
    GET = "get"
    MORE = "more"
    ORIGINALS = "originals"
    SHOW = "show"
    DELETE = "delete"
    DELETE_FOR_GOOD = "delete-for-good"


class Phase(StrEnum):
    """How far a reply says that its job has come."""

    ACCEPTED = "accepted"
    FURTHER = "further"
    DONE = "done"


_JOB = "(?P<job>[0-9a-f]{32})"
_OTHERS = "|".join(action for action in Action if action is not Action.MORE)
# *More…* is under every reply: by it a reply is known, and how far its job has come.
FORM = re.compile(
    rf"(?:(?P<action>{_OTHERS})|{Action.MORE}):{_JOB}(?(action)|:(?P<phase>{'|'.join(Phase)}))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A button of ours; `phase` is said by *More…* alone."""

    action: Action
    job_id: str
    phase: Phase | None = None

    @property
    def custom_id(self) -> str:
        """What Discord is given for it; at most 100 characters."""
        return ":".join(filter(None, (self.action, self.job_id, self.phase)))
