"""What is asked for is what was written, sign for sign; and how relative addresses are read."""

import pytest

from bot.files.addresses import joined, web_address

BASE = "https://studio.example/api/v1/"


@pytest.mark.parametrize(
    "rest",
    [
        "/a%2Fb/%E5%89%AF.png?X-Amz-Signature=q%2FZ0ARj~dg-1%2BPP2g%3D&name=a%20b+c",
        "/a?filename%2A%3DUTF-8%27%27x.png",
        "/it's(1)!*.png?filename*=UTF-8''it's(1)@2:3,4;5$",
        "/a%2fb?lower=%e5%3d&upper=%E5%3D&plain=%41%7E&broken=%zz%",
        "/a//b/./c/../d;p=1/?q?r=/s&&t&=",
        '/a?list[]=1&{x}|^`\\"<>',
        "/?Expires=1&Signature=x==&",
    ],
)
def test_an_address_goes_out_as_it_was_written(rest: str) -> None:
    assert web_address(f"https://files.example{rest}#part").raw_path_qs == rest


@pytest.mark.parametrize(
    ("written", "asked_for"),
    [
        ("/a b\tc\n?d e\x7f", "/a%20b%09c%0A?d%20e%7F"),
        ("/副本.png?名=a%20b", "/%E5%89%AF%E6%9C%AC.png?%E5%90%8D=a%20b"),
        ("/\udce5\udc89\udcaf", "/%E5%89%AF"),  # as a header's bytes come
        ("", "/"),
        ("?a=1", "/?a=1"),
        ("/a \r\n", "/a"),
    ],
)
def test_spaces_and_what_is_not_ascii_are_encoded_once(written: str, asked_for: str) -> None:
    url = web_address(f" HTTPS://Files.example{written}")
    assert (url.scheme, url.raw_host, url.raw_path_qs) == ("https", "files.example", asked_for)
    assert web_address(str(url)).raw_path_qs == asked_for


def test_a_name_in_any_script_and_a_port_are_understood() -> None:
    url = web_address("http://bücher.example:8080/ü")
    assert (url.raw_host, url.port) == ("xn--bcher-kva.example", 8080)


@pytest.mark.parametrize(
    "text",
    [
        *("", "/a", "a.png", "//a.example/b", "file:///etc/passwd", "javascript:alert(1)"),
        *("http://", "http:///a", "http:a", "http://[/1", "http://a.example:port/"),
        *("http://me@a.example/", "http://me:secret@a.example/", "http://b.example\\@a.example/"),
        *("https://a.example/\ud83d", "http://a.example:99999/"),
    ],
)
def test_what_is_no_address_of_the_web_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        web_address(text)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://a.example/x%2Fy?z#w", "https://a.example/x%2Fy?z#w"),
        ("//a.example/x%2Fy?z", "https://a.example/x%2Fy?z"),
        ("/x%2Fy?z='%27", "https://studio.example/x%2Fy?z='%27"),
        ("x%2Fy?z", "https://studio.example/api/v1/x%2Fy?z"),
        ("../../files//1?a=/../b", "https://studio.example/files//1?a=/../b"),
        ("../../../../x/./", "https://studio.example/x/"),
        ("..", "https://studio.example/api/"),
        ("?a=1", "https://studio.example/api/v1/?a=1"),
        ("", BASE),
        ("file:///a", "file:///a"),
        ("http://[/1", "http://[/1"),
    ],
)
def test_a_relative_address_is_seen_from_where_it_stands(text: str, address: str) -> None:
    assert joined(BASE, text) == address


def test_what_is_relative_to_an_odd_address_leaves_that_as_it_is() -> None:
    assert joined("https://a.example/x%2Fy/%7Ez?q=1", "w") == "https://a.example/x%2Fy/w"
    assert joined("https://a.example/%7Ez?q='", "#w") == "https://a.example/%7Ez?q='"
