"""The reader of Discord's markdown that other tests rely on: it finds what works, and says where it leads."""

import pytest

from tests.markdown import Found, kinds, seen, sent, works


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("**b** *i* _i_ __u__ ~~s~~ ||x|| `c`", ["bold", "italic", "italic", "underline", "struck", "spoiler", "code"]),
        ("**a [b](https://c.example)**", ["bold", "link"]),
        ("```\n# x\n```", ["code"]),
        ("# big\n## less\n-# small\n> said\n>>> all", ["heading", "heading", "small", "quote", "quote"]),
        ("- one\n* two\n+ three\n1. four\n> - five", ["list", "list", "list", "list", "quote", "list"]),
        ("<@1> <@!1> <@&1> <#1> </a b:1> <id:browse> @everyone @here", ["mention"] * 8),
        ("<t:0:R> <t:-1>", ["time", "time"]),
        ("<:a:1> <a:a:1> :smile:", ["emoji"] * 3),
        ("a \u202e\x1b\ud83d", ["unseen"] * 3),
        (r"\*\*a\*\* \[x\](y) \<@1\> \# \_x\_", []),
        ("a # b - c 1. d > e", []),
        ("it is 5:30 – see (the end)", []),
        ("me.png is 20,000 × 10 pixels; a_b and 2 * 3 * 4", []),
    ],
)  # fmt: skip
def test_what_works_is_found(text: str, found: list[str]) -> None:
    assert kinds(text) == found


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("[a](https://b.example/c)", "https://b.example/c"),
        ("[a](<https://b.example>)", "https://b.example"),
        ('[a](https://b.example "title")', "https://b.example"),
        ("[a [b] c](https://d.example)", "https://d.example"),
        ("[ours](https://a.example/](https://evil.example/)", "https://evil.example/"),
        ("<https://b.example>", "https://b.example"),
        ("<me@b.example>", "me@b.example"),
        ("see steam://run/1", "steam://run/1"),
        ("HTTPS://b.example", "HTTPS://b.example"),
        ("www.b.example", "www.b.example"),
        ("discord.gg/abc", "discord.gg/abc"),
        ("me@b.example", "me@b.example"),
        ("mailto:me", "mailto:me"),
    ],
)
def test_a_link_is_found_with_where_it_leads(text: str, target: str) -> None:
    assert works(text) == [Found("link", target)]


def test_what_a_backslash_does_not_undo_is_found_too() -> None:
    assert sent(r"\@everyone \<@5> x https://a.example discord.gg/x") == [
        "@everyone", "<@5>", "https://a", "discord.gg/x",
    ]  # fmt: skip
    assert sent("`https://a.example` https\\://a.example @\u200bhere") == []


def test_a_person_sees_no_backslash_that_undoes_something() -> None:
    assert seen("\\*a\\* C:\\dir @\u200bhere \\\\") == "*a* C:\\dir @here \\"
