"""What pydantic finds wrong with what the owner wrote, in words of ours. Pure."""

from pydantic_core import ErrorDetails

# https://docs.pydantic.dev/latest/errors/validation_errors
_WORDS = {
    "missing": "expected this key, and it is missing",
    "string_pattern_mismatch": "expected text that can be seen",
    "string_too_short": "expected at least {min_length} character",
    "string_too_long": "expected at most {max_length} characters",
    "too_short": "expected at least {min_length} item",
    "too_long": "expected at most {max_length} items",
    "greater_than": "expected more than {gt:,g}",
    "greater_than_equal": "expected at least {ge:,g}",
    "less_than_equal": "expected at most {le:,g}",
    "int_parsing": "expected a whole number",
    "int_parsing_size": "expected a whole number",
    "float_parsing": "expected a number",
    "literal_error": "expected one of {expected}",
}
MAX_TEXT = 150


def expected(error: ErrorDetails) -> str:
    """What was expected in place of the value that was given, which is not shown."""
    if words := _WORDS.get(error["type"]):
        return words.format(**error.get("ctx", {}))
    text = error["msg"].removeprefix("Value error, ")[:MAX_TEXT]
    return text.replace("Input should be", "expected", 1)
