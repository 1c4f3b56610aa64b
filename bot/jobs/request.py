"""What was asked of an endpoint: values, pictures, and what they are called. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

# The largest INTEGER option: https://docs.discord.com/developers/interactions/application-commands
MAX_SEED = 2**53 - 1
# Nodes of 32 bits fail with a larger seed; of those that take it nobody misses the others.
MAX_DRAWN = 2**32 - 1
SPOILER = "SPOILER_"  # a file that is called so is hidden in Discord until it is clicked
MAX_TYPED = 4000  # characters of a text that a form takes; a command's option takes more
Draw = Callable[[int, int], int]  # of low and high: a whole number at random, both included


class FieldKind(StrEnum):
    """What a member gives for a field, and how the service gets it."""

    IMAGE = "image"
    SEED = "seed"
    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One field that is posted as text, exactly as it will be written."""

    field_id: str
    name: str
    kind: FieldKind
    text: str
    is_default: bool = False  # as the document has it
    is_choice: bool = False  # one of those that the document lists


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A file in the archive: `key` finds it; `media_type` is what the bytes really are."""

    key: str
    size_bytes: int
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One field that is posted as a picture: Discord's link to it, and later our copy."""

    field_id: str
    name: str
    filename: str
    url: str
    stored: Stored | None = None
    is_spoiler: bool = False  # its sender hid it


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Everything that the POST needs, so that a changed endpoint breaks no job under way."""

    endpoint_id: str
    endpoint_name: str
    command: str
    cover_url: str | None
    credits: float | None
    values: tuple[Value, ...]
    inputs: tuple[Input, ...]
    group: str | None = None  # of its command
    is_spoiler: bool = False  # who asked wants its images hidden
    changed: tuple[str, ...] = ()  # the options that are not as in the result that it came from
    of_image: int | None = None  # of the result that it came from, counted from one
    is_of_message: bool = False  # of somebody's, and not of a result
    is_restricted: bool = False  # to age-restricted channels

    @property
    def hides_images(self) -> bool:
        """Whether what is made of it is behind a spoiler."""
        # Of a row of an earlier version the name alone says so.
        return self.is_spoiler or any(
            each.is_spoiler or each.filename.startswith(SPOILER) for each in self.inputs
        )

    @property
    def seed(self) -> str | None:
        """The first seed's text, or None where the endpoint takes none."""
        return next((v.text for v in self.values if v.kind is FieldKind.SEED), None)

    @property
    def prompt(self) -> Value | None:
        """The first text in the member's own words that does not say what they do not want."""
        own = (v for v in self.values if v.kind is FieldKind.STRING and not v.is_choice)
        wanted = (v for v in own if not is_negative(v.field_id, v.name))
        return next((v for v in wanted if v.text.strip()), None)

    @property
    def asked(self) -> str:
        """The prompt; where there is none, the endpoint's name."""
        return self.prompt.text if self.prompt else self.endpoint_name


def is_negative(field_id: str, name: str) -> bool:
    """Whether a text says what is not wanted, by its title (which its id holds) or its name."""
    return "negative" in f"{field_id} {name}".lower()
