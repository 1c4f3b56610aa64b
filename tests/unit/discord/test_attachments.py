"""The addresses of pictures in a text."""

import time

import pytest

from bot.discord.attachments import linked

AT_ONCE_S = 5.0  # of this thread's own time, for what takes a few milliseconds


@pytest.mark.parametrize(
    ("text", "rest", "urls"),
    [
        ("make it blue https://a.test/x.png", "make it blue", ["https://a.test/x.png"]),
        ("<https://a.test/x.JPG?y=1> now", "now", ["https://a.test/x.JPG?y=1"]),
        ("see:http://a.test/x.webp", "see:", ["http://a.test/x.webp"]),
        ("a<b<http://a.test/x.png>", "a<b", ["http://a.test/x.png"]),
        ("http://a.test<http://b.test/x.png", "http://a.test", ["http://b.test/x.png"]),
        (
            "a fox\n in the snow  https://a.test/x.png",
            "a fox\n in the snow",
            ["https://a.test/x.png"],
        ),
        (
            "a\nhttps://a.test/x.png\nb  c http://b.test/y.png d\n\ne",
            "a\nb  c d\n\ne",
            ["https://a.test/x.png", "http://b.test/y.png"],
        ),
        ("https://a.test/x.png, please", "https://a.test/x.png, please", []),
        ("https://a.test/x.png>more", "https://a.test/x.png>more", []),
        ("https://a.test/page?of=x.html", "https://a.test/page?of=x.html", []),
        ("https://.png", "https://.png", []),
    ],
)
def test_a_words_end_is_an_addresss_end(text: str, rest: str, urls: list[str]) -> None:
    found, pictures = linked(text)
    assert (found, [each.url for each in pictures]) == (rest, urls)


def test_what_is_linked_behind_a_spoiler_is_hidden() -> None:
    _, (apart,) = linked("a fox || https://a.test/x.png ||")
    assert apart.is_spoiler
    rest, pictures = linked("a fox ||https://a.test/x.png|| and https://a.test/y.png || here")
    assert rest == "a fox and || here"
    assert [(each.url, each.is_spoiler) for each in pictures] == [
        ("https://a.test/x.png", True),
        ("https://a.test/y.png", False),
    ]


@pytest.mark.parametrize(
    "url", ["http://[a/x.png", "http://a.test:999999/x.png", "http://\u2100.png"]
)
def test_an_address_that_nobody_could_ask_is_told_of_later_and_not_lost(url: str) -> None:
    _, (picture,) = linked(f"make it blue {url}")
    assert (picture.url, picture.filename) == (url, "picture")


@pytest.mark.parametrize("part", ["http://.png?", "http://", "http://.png", "<", ".png?"])
def test_nothing_that_is_written_takes_long(part: str) -> None:
    text = (f"https://{part}" + part * 1000)[:6000] + "<x"
    began = time.thread_time()
    assert linked(text) == (text, [])
    assert time.thread_time() - began < AT_ONCE_S
