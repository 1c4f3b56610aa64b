"""What others wrote, in each place where the bot's own messages show it: it is read, and it never works."""

import re
from collections.abc import Callable, Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.discord import overview, render, shelf
from bot.discord.history import drawn
from bot.discord.render import code, further_text, nothing_more, notice, plain
from bot.discord.reply import draw
from bot.discord.telling import help_text
from bot.endpoints.documents import Place
from bot.endpoints.offer import Offer
from bot.errors import BadImage, Refused
from bot.jobs.history import Page
from bot.jobs.job import Failure, Job, JobStatus, Output
from bot.jobs.ledger import Account, Accounts
from bot.jobs.progress import Progress
from bot.jobs.request import FieldKind, Stored, Value
from bot.reasons import Reason
from tests.endpoints import make_endpoint
from tests.fuzz.strategies import odd_texts, texts
from tests.jobs import NOON, make_job, make_request
from tests.markdown import Found, kinds, seen, sent, works

UNKIND = (
    "[free nitro](https://evil.example)",
    "[a](<https://evil.example>)",
    "[x\\](y)](https://evil.example)",
    "[a] (https://evil.example)",
    "https://ok.example/[x](https://evil.example)",
    "https://a.b/) [x](https://evil.example)",
    "[\u200b](https://evil.example)",
    "[a\nb](https://evil.example)",
    "x](https://evil.example)[y",
    "[![i](https://e.x/i.png)](https://evil.example)",
    "<https://evil.example> HTTPS://evil.example steam://run/1 <mailto:a@b.example>",
    "discord.gg/abc discord.com/invite/abc www.evil.example a.b.example/c me@evil.example",
    "h\u200bttps://evil.example d\u200biscord.gg/x @\u200beveryone",
    "@everyone @here <@&1> <@1> <@!1> <#1> </snake:1> <id:browse>",
    "<t:0:R> <:a:1> <a:a:1> :smile: a:smile:",
    "`x` ```y``` ||z|| ~~s~~ __u__ **b** *i* _i_",
    "# big",
    "\u200b# big",
    "-# small",
    "- list",
    "+ list",
    "12345. list",
    "1)",
    "-",
    "> quote",
    ">>> all",
    "a\n# b\n> c\n- d",
    "\u202egnp.exe \u2066x\u2069 \x1b[31m \x00 \ud83d",
    "\\",
    "\\\\",
    "a\\*b\\",
    "`",
    "``",
    "{0} {name} {name!r:>99} {}",
    "¯\\_(ツ)_/¯",
    "*" * 5000,
    "\\" * 5000,
    "<@1>" * 5000,
    "https://evil.example/" * 500,
)
short = [text for text in UNKIND if len(text) < 200]
unkind = st.lists(st.sampled_from(short) | texts, max_size=4).map("".join) | odd_texts

STORED = Stored(key="a" * 64, size_bytes=10, media_type="image/png")


def told(template: str, text: str, kind: type[Refused] = Refused) -> str:
    return render.error(kind(template, text=text, texts=[text] * 25), "5")


def described(job: Job) -> str:
    return draw(job).text


def failed(reason: Reason, detail: str) -> str:
    failure = Failure(reason=reason, detail=detail)
    return described(make_job(status=JobStatus.FAILED, failure=failure))


def running(state: str) -> str:
    progress = Progress(job_id="j", state=state, submitted_at=NOON, ask_at=NOON)
    return described(make_job(status=JobStatus.RUNNING, progress=progress))


def named(name: str) -> Job:
    return make_job(request=make_request(endpoint_name=name))


def valued(*values: Value) -> Job:
    return make_job(request=make_request(values=values))


def prompted(text: str) -> Job:
    return valued(Value(field_id="p", name="prompt", kind=FieldKind.STRING, text=text))


def opted(text: str) -> Job:
    one = Value(field_id="o", name=text, kind=FieldKind.STRING, text=text, is_choice=True)
    return valued(*[one] * 9)


def seeded(text: str) -> Job:
    return valued(Value(field_id="s", name="seed", kind=FieldKind.SEED, text=text))


def offered(text: str) -> str:
    name = text if plain(text) else "-"
    one = make_endpoint(name, command="a-b", place=Place(f"all/{text.replace('/', '')}", 3))
    offer = Offer(endpoints=(one,), outdated=(text,), left_out=(text,))
    return shelf.told(offer, {}, f"here: {text}")[0]


def used(text: str) -> str:
    of_one = Accounts(members={}, endpoints={"a": Account()}, total=Account())
    return overview.usage(of_one, {"a": text})


PLACES: Mapping[str, tuple[int, Callable[[str], str]]] = {
    "a sentence": (2000, lambda text: told("It has **no** option “{text}”.", text)),
    "its beginning": (2000, lambda text: told("{text} is damaged.", text, BadImage)),
    "its end": (2000, lambda text: told("Discord does not say what it is: {text}", text)),
    "code in it": (2000, lambda text: told("Write `{text} value`, {text}.", text)),
    "a list in it": (2000, lambda text: told("It needs {texts: and } of **all**.", text)),
    "a list in code": (2000, lambda text: told("It has: `{texts}`, <@1>.", text)),
    "a name": (2000, lambda text: described(named(text))),
    "a prompt": (2000, lambda text: described(prompted(text))),
    "options": (2000, lambda text: described(opted(text))),
    "a seed": (2000, lambda text: described(seeded(text))),
    "a notice": (2000, lambda text: notice(named(text))),
    "a further message": (2000, lambda text: further_text(named(text), 2, 3)),
    "an emptied message": (2000, lambda text: nothing_more(named(text))),
    "a reason": (2000, lambda text: failed(Reason.FAILED, text)),
    "a picture's sentence": (2000, lambda text: failed(Reason.BAD_INPUT, text)),
    "a state": (2000, running),
    "a page of history": (2000, lambda text: drawn(Page(jobs=(prompted(text), named(text)))).text),
    "help": (2000, lambda text: help_text([("/x", text)], [(text, text)])),
    "what was used": (2000, used),
    "what is offered": (2000, offered),
}
in_each_place = pytest.mark.parametrize("place", PLACES)


def check(place: str, text: str) -> None:
    limit, shown_in = PLACES[place]
    shown, harmless = shown_in(text), shown_in("x")
    if not plain(text):
        harmless = shown_in("")
    assert works(shown) == works(harmless), (text, shown)
    assert sent(shown) == sent(harmless), (text, shown)
    assert shown.count("\n") == harmless.count("\n")
    assert len(shown) <= limit
    shown.encode()  # no half a character


@in_each_place
def test_what_is_known_to_work_in_discord_never_works(place: str) -> None:
    for text in UNKIND:
        check(place, text)


@in_each_place
@given(text=unkind)
def test_nothing_that_others_wrote_works(place: str, text: str) -> None:
    check(place, text)


@given(text=unkind, limit=st.integers(1, 300))
@example(text="a b", limit=2)
def test_a_text_is_cut_where_it_is_long_and_works_no_more_than_whole(text: str, limit: int) -> None:
    for shown in (plain(text, limit), code(text, limit)):
        assert len(shown) <= limit
    assert works(plain(text, limit)) == []
    assert works(f"`{code(text, limit)}`") == [Found("code")]


@given(text=unkind)
def test_a_text_reads_as_it_was_written(text: str) -> None:
    shown = plain(text, 100_000)
    assert letters(seen(shown)) == letters(text)
    in_code = code(text, 100_000).replace("\u200b", "").replace("ˋ", "`")
    assert letters(in_code) == letters(text)


def letters(text: str) -> str:
    return "".join(c for c in text if c.isprintable() and not c.isspace())


ADDRESSES = (
    "https://ok.example/a)[x](https://evil.example",
    "https://ok.example/a\\)[x](https://evil.example/",
    "https://ok.example/](https://evil.example/",
    "https://ok.example/a\n[x](https://evil.example)",
    'https://ok.example/a "[x](https://evil.example)"',
    "https://ok.example/> @everyone <@1>",
    "https://ok.example/(((((",
    "https://ok.example/\u202e\ud83d",
    "HTTPS://ok.example",
)


def left_out(url: str) -> str:
    output = Output(url=url, stored=STORED, is_left_out=True)
    return described(make_job(status=JobStatus.DELIVERED, outputs=(output, output)))


@given(text=st.sampled_from(ADDRESSES) | unkind.map("https://ok.example/{}".format))
@example(text=ADDRESSES[0])
@example(text=ADDRESSES[1])
@example(text=ADDRESSES[2])
def test_no_address_gets_out_of_its_link(text: str) -> None:
    shown = left_out(text[:300])
    assert kinds(shown) == ["bold", "small", "code", "small", "link", "small", "link"]
    assert all(
        re.match(r"https://ok\.example[^\s()<>\[\]]*$", f.target, re.IGNORECASE)
        for f in works(shown)
        if f.kind == "link"
    )
    assert len(shown) <= 2000
    assert shown.isprintable() or shown.count("\n") == 3


@given(
    text=unkind | st.sampled_from(["javascript:alert(1)", "https://", "https:///x", "ftp://a/b"])
)
def test_what_is_no_address_of_the_web_is_no_link(text: str) -> None:
    if not re.match("https?://", text, re.IGNORECASE) or not text[8:].strip(" /"):
        assert left_out(text).split("\n")[2:] == [
            f"-# Image {n} could not be posted here." for n in (1, 2)
        ]


@given(text=unkind)
@example(text="x](https://evil.example)[y")
def test_what_is_ours_in_a_sentence_works_whatever_is_quoted(text: str) -> None:
    shown = told("**Look**: [here](https://ours.example) <@1>, not “{text}” but `{text}`.", text)
    assert works(shown) == [
        Found("bold"), Found("link", "https://ours.example"), Found("mention"), Found("code"),
    ]  # fmt: skip
