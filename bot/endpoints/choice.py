"""Which endpoint a message means, by the words that it begins with. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache

from bot.endpoints.catalogue import Endpoint
from bot.endpoints.words import is_polite, names_option, prompt_field, takes_words
from bot.errors import Refused, Unfinished
from bot.jobs.request import FieldKind

MOST_WORDS = 100  # that may name an endpoint
MOST_POLITE = 10  # words that are passed over before its name


def choose(endpoints: Sequence[Endpoint], text: str) -> tuple[Endpoint, str]:
    """The endpoint that the first words name, or the only one; and what stands behind its name.

    Refused where several could be meant, or none is named.
    """
    places = [each.span() for each in re.finditer(r"\S+", text)]
    words = [text[start:end] for start, end in places]
    endpoint, count = _meant(endpoints, words[:MOST_WORDS])
    return endpoint, text[places[count - 1][1] :] if count else text


def is_of_the_prompt(endpoint: Endpoint, text: str, rest: str) -> bool:
    """Whether what stands before the rest, and says which endpoint is meant, may be more than that.

    It is a part of the name alone, and nothing sets it apart from what follows.
    """
    before = text[: len(text) - len(rest)]
    if not before.split() or _named(endpoint, before.split()):
        return False
    gap = rest[: -len(rest.lstrip())] if rest.strip() else ""
    return "\n" not in gap and unicodedata.category(before[-1])[0] not in {"P", "S"}


def named_in(endpoints: Sequence[Endpoint], text: str) -> list[Endpoint]:
    """Those whose whole name the first words spell; else those of which an option is written out."""
    words = text.split()[:MOST_WORDS]
    found = [each for each in endpoints if _named(each, words)]
    return found or [each for each in endpoints if names_option(each.fields, text)]


def _meant(
    endpoints: Sequence[Endpoint], words: Sequence[str], polite: int = MOST_POLITE
) -> tuple[Endpoint, int]:
    """The endpoint, and how many of the words name it, so many polite ones before them at most."""
    named = [_named(endpoint, words) for endpoint in endpoints]
    is_option = any(_is_option(endpoint, words[0]) for endpoint in endpoints if words)
    if is_option and len(endpoints) == 1 and named[0] < 2:
        return endpoints[0], 0
    if not is_option and not any(named):
        named = [_begun(endpoint, words) for endpoint in endpoints]
    most = max(named, default=0)
    found = [e for e, count in zip(endpoints, named, strict=True) if count == most > 0]
    if len(found) > 1:
        raise Unfinished("Which one is meant: `{names}`{more}?", **listed(found))
    if found:
        return found[0], most
    if words and polite and is_polite(words[0]):
        with suppress(Refused):
            endpoint, count = _meant(endpoints, words[1:], polite - 1)
            if not takes_words(endpoint.fields):
                return endpoint, count + 1
    if len(endpoints) == 1:
        return endpoints[0], 0
    raise Unfinished("Say which one to run: `{names}`{more}.", **listed(endpoints))


def _named(endpoint: Endpoint, words: Sequence[str]) -> int:
    """How many of the first words spell the whole name or command; 0: they do not."""
    texts = (endpoint.name, endpoint.command, endpoint.qualified_name)
    names = {_spelled(text) for text in texts}
    longest, spelled, found = max(map(len, names)), "", 0
    for count, word in enumerate(words, 1):
        letters = _spelled(word)
        spelled += letters
        if len(spelled) > longest:
            break
        if letters and spelled in names:
            found = count
    return found


def _begun(endpoint: Endpoint, words: Sequence[str]) -> int:
    """How many of the first words are parts of the name, one after the other."""
    name = _letters(endpoint.name)
    parts = [_spelled(word) for word in words]
    rest = _rest(name, parts[0]) if parts and _is_part(parts[0], name) else None
    if rest is None:
        return 0
    count = 1
    for part, word in zip(parts[1:], words[1:], strict=True):
        goes_on = _is_part(part, name) and rest.startswith(part)
        if not goes_on or _is_option(endpoint, word):
            break
        rest = rest.removeprefix(part)
        count += 1
    return count


def _rest(name: Sequence[str], part: str) -> str | None:
    """What follows the part in the name, or None where it is not in any of its words."""
    for index, word in enumerate(name):
        if part in word:
            return word.partition(part)[2] + "".join(name[index + 1 :])
    return None


def _is_part(part: str, name: Sequence[str]) -> bool:
    # Two characters are a word in scripts that write without spaces, as 新年.
    return part in name or len(part) >= (3 if part.isascii() else 2)


def _is_option(endpoint: Endpoint, word: str) -> bool:
    """Whether it begins an option; the prompt's own name does only with its sign."""
    name, *signed = re.split("[=:＝：]", word, maxsplit=1)
    named = [f for f in endpoint.fields if f.name == name.lower() and f.kind is not FieldKind.IMAGE]
    return any(signed or each is not prompt_field(endpoint.fields) for each in named)


@lru_cache(maxsize=1000)  # the same words are held against each endpoint
def _spelled(text: str) -> str:
    return "".join(_letters(text))


def _letters(text: str) -> list[str]:
    """The words of a text in small letters, without what stands between them."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return [word for word in re.split(r"[\W_]+", plain) if word]


def listed(endpoints: Sequence[Endpoint]) -> dict[str, object]:
    """What a sentence says of them, as they are written."""
    return {
        "names": [endpoint.command for endpoint in endpoints[:20]],
        "more": ", …" if len(endpoints) > 20 else "",
    }
