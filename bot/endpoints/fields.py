"""A field's id, and what follows from it: its kind, and the name that a person would type. Pure."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.jobs.request import FieldKind

MAX_NAME = 32  # https://docs.discord.com/developers/interactions/application-commands

# A node of a sub-workflow has the numbers of all that it stands in: 57:62:174.
_PLAIN = re.compile(r"(?P<input>.+)_(?P<node>\d+(?::\d+)*)")
_BRACKETED = re.compile(r"data\[(?P<title>.*)#(?P<node>[^\[\]#]+)\]\[(?P<input>.+)\]")

# ComfyUI's usual names of inputs, word by word.
_WORDS: dict[FieldKind, frozenset[str]] = {
    FieldKind.IMAGE: frozenset({"image", "images", "mask", "photo", "picture"}),
    FieldKind.SEED: frozenset({"seed"}),
    FieldKind.BOOLEAN: frozenset({"enable", "enabled", "disable", "disabled", "is", "use", "toggle", "boolean", "bool", "invert"}),
    FieldKind.STRING: frozenset({"text", "prompt", "positive", "negative", "string", "name", "sampler", "scheduler", "caption", "title"}),
    FieldKind.INTEGER: frozenset({"steps", "step", "width", "height", "size", "batch", "count", "length", "frames", "fps", "int", "index", "number", "num", "skip", "seconds"}),
    FieldKind.NUMBER: frozenset({"cfg", "guidance", "denoise", "strength", "scale", "by", "weight", "float", "ratio", "opacity", "sharpness", "factor", "shift", "temperature", "percent", "megapixels", "threshold", "rate"}),
}  # fmt: skip
_ORDER = (
    FieldKind.SEED,
    FieldKind.BOOLEAN,
    FieldKind.NUMBER,
    FieldKind.INTEGER,
    FieldKind.STRING,
)
_DROPPED = ("load_", "input_", "upload_")
# An input whose name ends so is chosen by a word, whatever else is in it: `weight_dtype`.
_CHOSEN = frozenset(
    {"dtype", "format", "interpretation", "method", "mode", "name", "style", "type"}
)
_COUNTED = frozenset({"max", "min", "num", "number"})  # `number of images` is no picture
_UNWRITTEN = frozenset({"Cc", "Cs", "Zl", "Zp"})  # it stands in a header of the form


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldId:
    """The parts of a field's id; one of no known spelling is an input without a node."""

    input: str
    node: str = ""
    title: str = ""

    @property
    def kind(self) -> FieldKind:
        """What the input's name says; a text where it cannot be read."""
        return infer_kind(self.input) if self.node else FieldKind.STRING


def parse_field_id(text: str) -> FieldId:
    """The parts of an id; ValueError where it cannot stand in a header of the form."""
    if not text or any(unicodedata.category(each) in _UNWRITTEN for each in text):
        raise ValueError(f"expected text in one line, got {text!r}")
    found = _BRACKETED.fullmatch(text) or _PLAIN.fullmatch(text)
    return FieldId(**found.groupdict()) if found else FieldId(input=text)


def infer_kind(input_name: str) -> FieldKind:
    """The kind that ComfyUI's conventions give an input of this name."""
    words = _words(input_name)
    if not words or words[-1] in _CHOSEN or "aspect" in words:
        return FieldKind.STRING
    kinds = [kind for kind in _ORDER if not _WORDS[kind].isdisjoint(words)]
    if words[-1] in _WORDS[FieldKind.IMAGE] and FieldKind.BOOLEAN not in kinds:
        return FieldKind.IMAGE if _COUNTED.isdisjoint(words) else FieldKind.INTEGER
    return kinds[0] if kinds else FieldKind.STRING


def option_names(ids: Sequence[FieldId], own: Sequence[str | None]) -> list[str]:
    """What each is called: as its owner says, after its input, or else by its title or node.

    They differ, but for those that the owner calls alike.
    """
    names = [mine or option_name(each.input) for each, mine in zip(ids, own, strict=True)]
    for better in (_titled, _numbered):
        counts = Counter(names)
        names = [
            better(each, name, counts) if counts[name] > 1 and not mine else name
            for each, name, mine in zip(ids, names, own, strict=True)
        ]
    taken = Counter(filter(None, own))
    return [mine or _free(name, taken) for name, mine in zip(names, own, strict=True)]


def option_name(input_name: str) -> str:
    """What a person would type: `load_image` is `image`, `noise_seed` is `seed`."""
    name = _apart(input_name).replace("-", "_")
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


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[\W_\d]+", _apart(name)) if word]


def _apart(name: str) -> str:
    """In small letters: `negativePrompt` is `negative_prompt`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _titled(field: FieldId, name: str, taken: Mapping[str, int]) -> str:
    title = slug(field.title)
    return name if title in taken else title or name


def _numbered(field: FieldId, _name: str, _taken: Mapping[str, int]) -> str:
    # The last digits of a node's number tell more than the end of a long name.
    name, number = option_name(field.input)[:24], slug(field.node).replace("-", "_")
    if not number:
        return name
    is_short = len(name) + len(number) < MAX_NAME
    return f"{name}_{number if is_short else number[-7:].strip('_')}"


def _free(name: str, taken: Counter[str]) -> str:
    """The name, or with a number where it is taken; it is taken then."""
    found, number = name, 2
    while taken[found]:
        found, number = f"{name[:28]}_{number}", number + 1
    taken[found] += 1
    return found


def _is_letter(character: str) -> bool:
    # Discord takes letters and digits of any script, and the marks of Devanagari and Thai.
    category = unicodedata.category(character)
    if category[0] == "M":
        is_deva = "\u0900" <= character <= "\u097f" and not "\u0951" <= character <= "\u0954"
        return is_deva or "\u0e00" <= character <= "\u0e7f"  # those of no script are none
    return category[0] in {"L", "N"} and bool(re.fullmatch(r"\w", character))
