"""What is wrong with what the owner wrote, in words of ours, and what was probably meant. Pure."""

from collections.abc import Iterable
from difflib import get_close_matches

from pydantic_core import ErrorDetails

# https://docs.pydantic.dev/latest/errors/validation_errors
_WORDS = {
    "missing": "expected this key, and it is missing",
    "string_pattern_mismatch": "expected text that can be seen",
    "string_too_short": "expected at least {min_length} character",
    "string_too_long": "expected at most {max_length} characters",
    "too_short": "expected at least {min_length} item",
    "too_long": "expected at most {max_length} items",
    "greater_than": "expected more than {gt:,.16g}",
    "greater_than_equal": "expected at least {ge:,.16g}",
    "less_than": "expected less than {lt:,}",
    "less_than_equal": "expected at most {le:,.16g}",
    "int_parsing": "expected a whole number",
    "int_parsing_size": "expected a whole number",
    "float_parsing": "expected a number",
    "literal_error": "expected one of {expected}",
    "bool_type": "expected true or false",
    "bool_parsing": "expected on or off",
    "dict_type": "expected an object",
    "model_type": "expected an object",
    "list_type": "expected a list",
}
MAX_TEXT = 150


def expected(error: ErrorDetails) -> str:
    """What was expected in place of the value that was given, which is not shown."""
    if words := _WORDS.get(error["type"]):
        return words.format(**error.get("ctx", {}))
    text = error["msg"].removeprefix("Value error, ")[:MAX_TEXT]
    return text.replace("Input should be", "expected", 1)


def nearest(word: str, known: Iterable[str], *, likeness: float = 0.75) -> str | None:
    """The known word that this one was probably meant to be, whatever its capitals; or None."""
    spelled = {each.casefold(): each for each in known}
    found = get_close_matches(word.casefold(), spelled, n=1, cutoff=likeness)
    return spelled[found[0]] if found else None


def guess(word: str, known: Iterable[str]) -> str:
    """A question to put behind what is wrong with the word; nothing where no other is near."""
    meant = nearest(word, known)
    return f"; did you mean {meant}?" if meant else ""
