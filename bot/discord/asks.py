"""What a form, or a part of the way to one, asks for, as its custom id says it. Pure."""

from dataclasses import dataclass
from enum import StrEnum

DRAFT = "draft-"  # before a draft's id


class Step(StrEnum):
    """Where on the way to another job a member is."""

    CHANGE = "change"  # the button, and the form that it opens
    WHICH = "change-which"  # options, where there are more than a form holds
    USE = "use"  # the button, and the form at the end of its way
    IMAGE = "use-image"
    WITH = "use-with"  # which endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A step on the way from a job or a draft: with which picture of it, and with which endpoint.

    `number` counts pictures from one; `endpoint` is how a custom id names one.
    """

    step: Step
    source_id: str
    is_draft: bool = False
    number: int = 0
    endpoint: str = ""

    def __str__(self) -> str:
        """The custom id that says so; Discord takes 100 characters."""
        more = f":{self.number}" * bool(self.number) + f":{self.endpoint}" * bool(self.endpoint)
        return f"{self.step}:{DRAFT * self.is_draft}{self.source_id}{more}"
