"""A field's id, and what follows from it: its kind, and the name that a person would type. Pure."""

import re
import unicodedata
from dataclasses import dataclass

from bot.jobs.job import FieldKind

MAX_NAME = 32  # https://docs.discord.com/developers/interactions/application-commands

_PLAIN = re.compile(r"(?P<input>[^\W\d][\w-]*?)_(?P<node>\d+)")
_BRACKETED = re.compile(r"data\[(?P<title>[^\]]*)#(?P<node>\d+)\]\[(?P<input>[^\]\[]+)\]")

# ComfyUI's usual names of inputs, word by word.
_WORDS: dict[FieldKind, frozenset[str]] = {
    FieldKind.IMAGE: frozenset({"image", "images", "mask", "photo", "picture"}),
    FieldKind.SEED: frozenset({"seed"}),
    FieldKind.BOOLEAN: frozenset({"enable", "enabled", "disable", "disabled", "is", "use", "toggle", "boolean", "bool"}),
    FieldKind.STRING: frozenset({"text", "prompt", "positive", "negative", "string", "name", "sampler", "scheduler", "caption", "title"}),
    FieldKind.INTEGER: frozenset({"steps", "step", "width", "height", "size", "batch", "count", "length", "frames", "fps", "int", "index", "number", "skip", "seconds"}),
    FieldKind.NUMBER: frozenset({"cfg", "guidance", "denoise", "strength", "scale", "weight", "float", "ratio", "opacity", "sharpness", "factor", "shift", "temperature"}),
}  # fmt: skip
_ORDER = (
    FieldKind.SEED,
    FieldKind.BOOLEAN,
    FieldKind.NUMBER,
    FieldKind.INTEGER,
    FieldKind.STRING,
    FieldKind.IMAGE,
)
_DROPPED = ("load_", "input_", "upload_")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldId:
    """The parts of a field's id."""

    input: str
    node: str


def parse_field_id(text: str) -> FieldId:
    """The parts of an id of either spelling; ValueError for any other."""
    found = _BRACKETED.fullmatch(text) or _PLAIN.fullmatch(text)
    if not found or not text.isprintable():  # it stands in a header of the form
        raise ValueError(f"expected 'input_<node>' or 'data[title#<node>][input]', got {text!r}")
    return FieldId(input=found["input"], node=found["node"])


def infer_kind(input_name: str) -> FieldKind:
    """The kind that ComfyUI's conventions give an input of this name."""
    words = [word for word in re.split(r"[\W_\d]+", input_name.lower()) if word]
    if words and words[-1] in _WORDS[FieldKind.IMAGE]:
        return FieldKind.IMAGE
    for kind in _ORDER:
        if any(word in _WORDS[kind] for word in words) and kind is not FieldKind.IMAGE:
            return kind
    return FieldKind.STRING


def option_name(input_name: str) -> str:
    """What a person would type: `load_image` is `image`, `noise_seed` is `seed`."""
    name = input_name.lower().replace("-", "_")
    if name == "noise_seed":  # KSamplerAdvanced's
        return "seed"
    for prefix in _DROPPED:
        if name.startswith(prefix) and len(name) > len(prefix):
            name = name.removeprefix(prefix)
    return slug(name).replace("-", "_") or "value"


def slug(text: str) -> str:
    """The text as a name of a command or option; any script; may come out empty."""
    plain = unicodedata.normalize("NFKC", text).lower()
    kept = "".join(c if c in "_-" or _is_letter(c) else "-" for c in plain)
    return re.sub(r"-{2,}", "-", kept).strip("-")[:MAX_NAME].strip("-")


def _is_letter(character: str) -> bool:
    # Discord takes letters and digits of any script, and the marks of Devanagari and Thai.
    category = unicodedata.category(character)
    if category[0] == "M":
        return "\u0900" <= character <= "\u097f" or "\u0e00" <= character <= "\u0e7f"
    return category[0] in {"L", "N"} and bool(re.fullmatch(r"\w", character))
