"""What a message says beside an endpoint's name: options by name, and the prompt. Pure.

An option is `name=value` or `name: value`, up to the next of these, or `name value` at the very end.
All else is the prompt, in order and as it was written.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.endpoints.options import Field
from bot.jobs.request import FieldKind, is_negative

_POLITE = """
please pls plz kindly thanks thank you thx ty tysm cheers bitte danke dankeschön merci beaucoup
s'il te vous plaît plait svp stp gracias por favor obrigado obrigada grazie prego proszę dziękuję
dzięki lütfen teşekkürler пожалуйста плиз спасибо 请 請 拜托 拜託 麻烦 麻煩 麻烦了 麻煩了 谢谢 謝謝
谢谢你 謝謝你 多谢 多謝 お願い お願いします お願いいたします お願い致します ください 下さい ありがとう
ありがとうございます 부탁해 부탁해요 부탁합니다 부탁드려요 부탁드립니다 고마워 고마워요 감사합니다
من فضلك شكرا בבקשה תודה कृपया धन्यवाद โปรด ขอบคุณ
"""
WIDE_SIGNS = "，；。！？、"  # behind which nobody leaves a space
_SIGNS = f",;.!?{WIDE_SIGNS}"  # that end a part of a sentence
_MENTION = re.compile(r"<@[!&]?\d+>")
_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})


@dataclass(slots=True)
class Said:
    """The options that were named, in order and maybe twice, and all else."""

    options: list[tuple[str, str]]
    prompt: str


def said(fields: Sequence[Field], text: str) -> Said:
    """The options and the prompt that a text is made of; all of it is in one of them."""
    named = {each.name: each for each in fields if each.kind is not FieldKind.IMAGE}
    prompted = prompt_field(fields)
    if not takes_words(fields):
        text = _without_manners(text)
    text, last = _ending(named, prompted, text)
    options: list[tuple[str, str]] = []
    starts = list(_starts(named, text))
    ends = [*(start for _, start, _ in starts[1:]), len(text)]
    pieces = [text[: starts[0][1]] if starts else text]
    for (name, _, begin), end in zip(starts, ends[: len(starts)], strict=True):
        value, rest = _own_part(named[name], text[begin:end])
        options.append((name, value))
        pieces.append(rest)
    options += last
    prompt = joined(pieces)
    if prompted is None or prompted.name in dict(options):
        prompt = _without_manners(prompt)
    return Said(options, prompt)


def prompt_field(fields: Sequence[Field]) -> Field | None:
    """The field that takes what belongs to no option: a text, and none of what is not wanted."""
    texts = [each for each in fields if each.kind is FieldKind.STRING]
    return min(texts, key=_strangeness, default=None)


def _strangeness(field: Field) -> tuple[bool, bool, bool]:
    """How little a text looks like the prompt."""
    return bool(field.choices), is_negative(field.id, field.name), not field.required


def takes_words(fields: Sequence[Field]) -> bool:
    """Whether any words at all may be its prompt."""
    field = prompt_field(fields)
    return field is not None and not field.choices


def names_option(fields: Sequence[Field], text: str) -> bool:
    """Whether an option is written out in it: `name=` or `name:`."""
    named = {each.name: each for each in fields if each.kind is not FieldKind.IMAGE}
    return any(_starts(named, text))


def is_polite(word: str) -> bool:
    """Whether a word asks for nothing: a courtesy, a mention, a sign."""
    plain = _bare(_MENTION.sub("", word))
    return not plain or plain in _COURTESIES


def _bare(word: str) -> str:
    """Its letters and digits, in small ones."""
    return re.sub(r"[\W_]+", "", word).lower()


_COURTESIES = frozenset(map(_bare, _POLITE.split()))


def yes_or_no(text: str) -> bool | None:
    """What the word means, or None."""
    word = text.strip().lower()
    return True if word in _TRUE else False if word in _FALSE else None


def is_any_seed(text: str) -> bool:
    """Whether these are words for a seed at random, as elsewhere."""
    return text.strip().lower() in {"random", "-1"}


def _ending(
    named: Mapping[str, Field], prompted: Field | None, text: str
) -> tuple[str, list[tuple[str, str]]]:
    """The text before each `name value` at its very end, and these."""
    found: list[tuple[str, str]] = []
    taken = {name for name, _, _ in _starts(named, text)}
    while last := _last(named, text):
        before, option, value = last
        if option.name in taken or any(_starts(named, text[len(before) :])):
            break
        if option is prompted and before:
            break  # a sign with text hello
        if prompted and not _could_be(option, value):
            break  # a road of great width at dusk
        taken.add(option.name)
        found.insert(0, (option.name, _trimmed(option, value)))
        text = before
    return text, found


def _last(named: Mapping[str, Field], text: str) -> tuple[str, Field, str] | None:
    """What is before a `name value` at the very end, and these; a choice may be of several words."""
    for name, option in named.items():
        long = [re.escape(each) for each in map(str, option.choices) if len(each.split()) > 1]
        form = rf"(?<!\S)(?i:{re.escape(name)})\s+({'|'.join(long)})[{_SIGNS}]*\s*$"
        if long and (found := re.search(form, text)):
            return text[: found.start()].rstrip(), option, found[1]
    before, name, value = ("", "", "", *text.rsplit(maxsplit=2))[-3:]
    meant = named.get(name.lower())
    return (before, meant, value) if meant else None


def _starts(named: Mapping[str, Field], text: str) -> Iterator[tuple[str, int, int]]:
    """Each `name=` or `name:`: which it is, where it begins, and where its value does."""
    names = sorted(named, key=len, reverse=True)
    if names:
        forms = "|".join(f"({re.sub(r'[-_]', '[-_ ]', name)})" for name in names)
        for each in re.finditer(
            rf"(?<![^\s{WIDE_SIGNS}])(?:{forms})[^\S\n]*[=:＝：]", text, re.IGNORECASE
        ):
            yield names[(each.lastindex or 1) - 1], each.start(), each.end()


def _own_part(option: Field, text: str) -> tuple[str, str]:
    """The option's value of what stands behind its name, and the rest: only a text has no end."""
    behind = text.lstrip()
    for choice in sorted(map(str, option.choices), key=len, reverse=True):
        if re.match(rf"{re.escape(choice)}(?![\w-])", behind):
            return choice, behind_sign(behind.removeprefix(choice))
    if option.kind is FieldKind.STRING:
        return text.strip(), ""
    word = re.match(rf"[^\s{WIDE_SIGNS}]*", behind)
    value = word[0] if word else ""
    return _trimmed(option, value), behind_sign(behind.removeprefix(value))


def behind_sign(text: str) -> str:
    """The text without the sign that a part of a sentence before it ends with."""
    return re.sub(rf"^(?:[{_SIGNS}]+(?!\S)|[{WIDE_SIGNS}]+)", "", text)


def _could_be(option: Field, word: str) -> bool:
    value = _trimmed(option, word)
    if option.choices:
        return value in map(str, option.choices)
    if option.kind is FieldKind.STRING:
        return True
    if option.kind is FieldKind.BOOLEAN:
        return yes_or_no(value) is not None
    if option.kind is FieldKind.SEED and is_any_seed(value):
        return True
    try:
        float(value) if option.kind is FieldKind.NUMBER else int(value)
    except ValueError:
        return False
    return True


def _trimmed(option: Field, word: str) -> str:
    """A value without the sign that ends a part of a sentence; a text keeps it."""
    return word if option.kind is FieldKind.STRING else word.rstrip(_SIGNS) or word


def joined(pieces: Iterable[str]) -> str:
    """The pieces in order; of what parted two of them a line's end is kept, or else a space."""
    whole = ""
    for piece in pieces:
        between = whole[len(whole.rstrip()) :] + piece[: len(piece) - len(piece.lstrip())]
        gap = "\n" if "\n" in between else " "
        whole = whole.rstrip() + gap + piece.lstrip()
    return whole.strip()


def _without_manners(text: str) -> str:
    """The text without the words at its ends that ask for nothing."""
    words = text.split()
    while words and is_polite(words[-1]):
        words.pop()
    while words and is_polite(words[0]):
        words.pop(0)
    return " ".join(words)
