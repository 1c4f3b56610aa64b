"""Which address is asked by which proxy, and that by none anything private is reached."""

import logging

import aiohttp
import pytest
import yarl
from aiohttp import web

from bot.files.outside import BadAddress, Home, Outside
from bot.files.proxies import Proxies, proxies_of
from bot.settings import Settings
from tests.proxy import Proxy, proxying
from tests.unit.files.test_outside import Names, serving

NEEDED = {"DISCORD_TOKEN": "a.b.c", "INSTANT_STUDIO_API_KEY": "key"}
SAFE, PLAIN = "http://safe:8080", "http://plain:3128"


def named(**settings: str) -> Proxies:
    return proxies_of(Settings.from_env(NEEDED | settings))


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("https://discord.com/api", SAFE),
        ("wss://gateway.discord.gg", SAFE),
        ("http://studio.example/v1", PLAIN),
        ("ws://nirn:8081", PLAIN),
        ("https://example.com", None),
        ("https://a.example.com", None),
        ("https://notexample.com", SAFE),
        ("https://cdn.example.org", None),
        ("https://example.org", None),
        ("https://host.example:8443", None),
        ("https://host.example", SAFE),
        ("http://10.1.2.3:9000", None),
        ("http://11.1.2.3", PLAIN),
        ("http://[fd00::5]/x", None),
        ("http://[fe00::5]/x", PLAIN),
        ("http://192.168.1.7", None),
        ("https://bücher.example", None),
        ("https://xn--bcher-kva.example", None),
        ("https://a.dotted.example.", None),
        ("https://dotted.example", None),
        ("http://[fd12::7]:81", PLAIN),
        ("http://[fd12::7]:80", None),
        ("http://172.20.0.1", None),
        ("http://localhost:5", None),
        ("http://studio.localhost", None),
        ("http://LOCALHOST.", None),
        ("http://127.0.0.1:5", None),
        ("http://127.9.9.9", None),
        ("http://[::1]:5", None),
        ("http://[::ffff:127.0.0.1]", None),
        ("http://0.0.0.0", None),
    ],
)
def test_an_address_has_the_proxy_of_its_scheme_where_nothing_exempts_it(
    url: str, proxy: str | None
) -> None:
    exempt = "Example.com, *.example.org host.example:8443,10.0.0.0/8 fd00::/16,192.168.1.7"
    exempt += ",Bücher.example .dotted.example. [fd12::7]:80 172.16.0.0/255.240.0.0 ü@ü:x"
    proxies = named(HTTPS_PROXY=SAFE, HTTP_PROXY=PLAIN, NO_PROXY=exempt)
    assert proxies.of(yarl.URL(url)) == (yarl.URL(proxy) if proxy else None)


def test_a_proxy_is_named_as_other_programs_name_it() -> None:
    discord, service = yarl.URL("https://discord.com"), yarl.URL("http://studio.example")
    assert named().of(discord) is None
    assert named(HTTP_PROXY=PLAIN).of(discord) is None
    assert named(https_proxy="safe:8080").of(discord) == yarl.URL(SAFE)
    assert named(HTTP_PROXY=SAFE, http_proxy=PLAIN).of(service) == yarl.URL(PLAIN)
    assert named(http_proxy=PLAIN, HTTP_PROXY=SAFE).of(service) == yarl.URL(PLAIN)
    assert named(HTTP_PROXY=PLAIN, NO_PROXY="*").of(service) is None


PICTURE = "https://pictures.example/a%20b.png?sign=c%2Fd"


async def asked(proxy: Proxy, url: str, *numbers: str, home: str | None = None) -> None:
    """Fetch it by the proxy, on a machine that finds these numbers for every name."""
    there = yarl.URL(proxy.url)
    proxies = Proxies(https=there, http=there)
    mine = Home(url=yarl.URL(home)) if home else None
    async with (
        Outside.open(Names([*numbers]), proxies) as outside,
        outside.get(url, home=mine, connect_s=2, total_s=10),
    ):
        pass


async def test_others_are_asked_for_by_a_number_that_was_looked_at_and_by_name_within_tls() -> None:
    async with proxying({}) as proxy:
        for numbers in (("10.0.0.1", "2606:4700::1", "8.8.8.8"), ("2606:4700::1",)):
            with pytest.raises(aiohttp.ClientError):
                await asked(proxy, PICTURE, *numbers)  # nobody goes on with the handshake
    assert proxy.asked == ["CONNECT 8.8.8.8:443 HTTP/1.1", "CONNECT [2606:4700::1]:443 HTTP/1.1"]
    assert all(b"pictures.example" in hello for hello in proxy.hellos)
    assert "Proxy-Authorization: Basic bWU6cGFzc0B3b3Jk" in proxy.heads[0]


@pytest.mark.parametrize(
    ("url", "numbers"),
    [
        (PICTURE, ["10.0.0.1", "169.254.169.254"]),
        (PICTURE, ["127.0.0.1"]),
        ("https://169.254.169.254/latest", ["8.8.8.8"]),
        ("https://[::ffff:10.0.0.1]/", ["8.8.8.8"]),
        ("https://127.0.0.1/", ["8.8.8.8"]),
        ("http://localhost/", ["127.0.0.1"]),
    ],
)
async def test_nothing_private_is_asked_of_a_proxy(url: str, numbers: list[str]) -> None:
    async with proxying({}) as proxy:
        with pytest.raises(BadAddress, match="a private address"):
            await asked(proxy, url, *numbers)
    assert proxy.asked == []


async def test_what_a_proxy_cannot_be_asked_for_safely_is_refused_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    async with proxying({}, status=403) as proxy:
        with pytest.raises(aiohttp.ClientError):
            await asked(proxy, "http://pictures.example/a.png?secret=5", "8.8.8.8")
        assert proxy.asked == []
        with pytest.raises(aiohttp.ClientError):
            await asked(proxy, PICTURE, "8.8.8.8")
    assert [record.getMessage() for record in caplog.records] == [
        "pictures.example is not fetched: without TLS it cannot be asked for by number",
        "pictures.example is not fetched: the proxy answers 403 to its number",
    ]


async def test_what_the_settings_name_is_asked_by_name_and_this_machine_by_no_proxy() -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response()

    async with serving(answer) as origin:
        port = yarl.URL(origin).port or 0
        async with proxying({"studio.example": port}) as proxy:
            await asked(proxy, "http://studio.example/a", home="http://studio.example")
            await asked(proxy, f"{origin}/a", home=origin)
    assert proxy.asked == ["GET http://studio.example/a HTTP/1.1"]
