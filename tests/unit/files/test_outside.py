"""What the bot fetches, and from where it does not: over real sockets, all on loopback."""

import asyncio
import socket
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import aiohttp
import pytest
import yarl
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.files import outside as module
from bot.files.outside import BadAddress, Home, Outside, is_public
from tests.counted import Counted

NOWHERE = "2d00::1"  # a public address that nobody has
PRIVATE = "a private address"
NO_ADDRESS = "no web address"


class Names(AbstractResolver):
    """Answers each question with the next of these lists of addresses, and the last for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        del family
        found = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [
            ResolveResult(
                hostname=host,
                host=each,
                port=port,
                family=socket.AF_INET6 if ":" in each else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for each in found
        ]

    async def close(self) -> None:
        pass


async def fetched(
    address: str,
    home: str | None = None,
    *,
    names: AbstractResolver | None = None,
    total_s: float = 5,
    **headers: str,
) -> bytes:
    there = Home(url=yarl.URL(home), headers=headers) if home else None
    async with (
        Outside.open(names) as outside,
        outside.get(address, home=there, connect_s=0.3, total_s=total_s) as response,
    ):
        return await response.read()


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """The origin of a server that answers everything like this."""
    app = web.Application()
    app.router.add_get("/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def saying(*parts: bytes, again: bytes = b"") -> AsyncIterator[str]:
    """The origin of a server that writes these bytes, and then one part again and again."""
    said: list[asyncio.Task[None] | None] = []

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said.append(asyncio.current_task())
        with suppress(OSError, asyncio.IncompleteReadError):  # whoever hangs up hears nothing
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"".join(parts))
            while again and not writer.is_closing():
                writer.write(again)
                await asyncio.sleep(0.01)
            writer.close()
            await writer.wait_closed()

    server = await asyncio.start_server(say, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await asyncio.gather(*filter(None, said))


@pytest.mark.parametrize(
    "host",
    [
        *("8.8.8.8", "1.1.1.1", "162.159.135.233", "2606:4700::6810:84e5", NOWHERE),
        *("::ffff:8.8.8.8", "64:ff9b::808:808"),
    ],
)
def test_what_the_whole_internet_reaches_is_public(host: str) -> None:
    assert is_public(host)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3"),  # noqa: S104 - a question
        *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1"),
        *("169.254.169.254", "100.100.100.200", "192.0.0.192", "168.63.129.16"),
        *("192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "192.88.99.1"),
        *("224.0.0.1", "239.1.2.3", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1"),
        *("ff02::1", "ff0e::1", "100::1", "2001:db8::1", "3fff::1", "5f00::1", "4000::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:7f00:1", "::7f00:1"),
        *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "64:ff9b:1::808:808"),
        *("2002:7f00:1::1", "2002:808:808::1", "2001::1", "2001:0:7f00:1::1", "2606::1%eth0"),
        *("127.1", "2130706433", "0x7f.1", "0177.0.0.1", "localhost", ""),
    ],
)
def test_what_is_anywhere_else_is_not(host: str) -> None:
    assert not is_public(host)


HOSTS = {
    "loopback": ("127.0.0.1", PRIVATE),
    "other loopback": ("127.0.0.2", PRIVATE),
    "unspecified": ("0.0.0.0", PRIVATE),  # noqa: S104 - a question
    "short": ("127.1", NO_ADDRESS),
    "zero": ("0", NO_ADDRESS),
    "decimal": ("2130706433", NO_ADDRESS),
    "octal": ("0177.0.0.1", NO_ADDRESS),
    "octal as one": ("017700000001", NO_ADDRESS),
    "hex": ("0x7f.0.0.1", PRIVATE),
    "hex as one": ("0x7f000001", PRIVATE),
    "in circles": ("①②⑦.⓪.⓪.①", PRIVATE),
    "its name": ("localhost", PRIVATE),
    "v6": ("[::1]", PRIVATE),
    "v6 unspecified": ("[::]", PRIVATE),
    "v4 in v6": ("[::ffff:127.0.0.1]", PRIVATE),
    "v4 in v6, in hex": ("[::ffff:7f00:1]", PRIVATE),
    "v4 in v6, of old": ("[::127.0.0.1]", PRIVATE),
    "NAT64": ("[64:ff9b::127.0.0.1]", PRIVATE),
    "6to4": ("[2002:7f00:1::1]", PRIVATE),
    "with a scope": ("[fe80::1%25lo]", PRIVATE),
    "private": ("192.168.0.1", PRIVATE),
    "metadata": ("169.254.169.254", PRIVATE),
    "metadata in v6": ("[fd00:ec2::254]", PRIVATE),
    "with a user": ("someone:secret@127.0.0.1", NO_ADDRESS),
    "an empty name": ("..", NO_ADDRESS),
    "a name that is too long": (f"{'a' * 70}.example", NO_ADDRESS),
}


@pytest.mark.parametrize("host", HOSTS)
async def test_nothing_connects_to_a_private_address_however_it_is_written(
    private: Counted, host: str
) -> None:
    written, why = HOSTS[host]
    with pytest.raises(BadAddress, match=why):
        await fetched(f"http://{written}:{private.port}/latest/meta-data")
    assert private.connections == 0


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["::1", "127.0.0.1"], ["::ffff:127.0.0.1"], ["64:ff9b::7f00:1"], ["127.1"]],
    ids=" ".join,
)
async def test_nothing_connects_to_a_name_of_a_private_address(
    private: Counted, addresses: list[str]
) -> None:
    with pytest.raises(BadAddress, match=PRIVATE):
        await fetched(f"http://a.example:{private.port}/", names=Names(addresses))
    assert private.connections == 0


@pytest.mark.parametrize("order", [1, -1], ids=["private first", "public first"])
async def test_of_a_name_with_both_only_the_public_address_is_tried(
    private: Counted, order: int
) -> None:
    addresses = ["127.0.0.1", NOWHERE, "::1"][::order]
    with pytest.raises((aiohttp.ClientConnectionError, TimeoutError)):
        await fetched(f"http://a.example:{private.port}/", names=Names(addresses))
    assert private.connections == 0


async def test_a_name_that_changes_its_address_gains_nothing(private: Counted) -> None:
    names = Names([NOWHERE], ["127.0.0.1"])
    address = f"http://a.example:{private.port}/"
    async with Outside.open(names) as outside:
        with pytest.raises((aiohttp.ClientConnectionError, TimeoutError)):
            async with outside.get(address, home=None, connect_s=0.3, total_s=5):
                pass
        with pytest.raises(BadAddress, match=PRIVATE):
            async with outside.get(address, home=None, connect_s=0.3, total_s=5):
                pass
    assert private.connections == 0


async def test_what_is_connected_to_counts_and_not_what_was_looked_up(
    private: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([True, False])  # when the name is resolved, and when it is connected to
    monkeypatch.setattr(module, "is_public", lambda _host: next(answers))
    with pytest.raises(BadAddress, match=PRIVATE):
        await fetched(f"http://a.example:{private.port}/", names=Names(["127.0.0.1"]))
    assert private.connections == 0


@pytest.mark.parametrize("hops", [1, 3])
async def test_no_redirect_leads_from_home_into_the_private_network(
    private: Counted, hops: int
) -> None:
    async def redirect(request: web.Request) -> web.Response:
        left = int(request.path[1:])
        target = f"/{left - 1}" if left > 1 else f"http://127.0.0.1:{private.port}/"
        return web.Response(status=307, headers={"Location": target})

    async with serving(redirect) as home:
        with pytest.raises(BadAddress, match=PRIVATE):
            await fetched(f"{home}/{hops}", home)
    assert private.connections == 0


async def test_no_redirect_leads_from_a_public_host_into_the_private_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "is_public", lambda host: host == "127.0.0.1")

    async def redirect(request: web.Request) -> web.Response:
        target = "/further" if request.path == "/" else f"http://127.0.0.2:{inner.port}/"
        return web.Response(status=302, headers={"Location": target})

    async with Counted().listening("127.0.0.2") as inner, serving(redirect) as public:
        with pytest.raises(BadAddress, match=PRIVATE):
            await fetched(public)
    assert inner.connections == 0


@pytest.mark.parametrize("location", ["/", "", "//", "file:///etc/passwd", "http://[1", "http://"])
async def test_redirects_that_lead_nowhere_end(location: str) -> None:
    async def redirect(_request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": location})

    async with serving(redirect) as home:
        with pytest.raises(BadAddress):
            await fetched(home, home)


async def test_home_may_be_private_and_alone_gets_its_headers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str | None] = []

    async def look(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization"))
        return web.Response(body=request.headers["Accept-Encoding"].encode())

    async with serving(look) as home:
        assert await fetched(f"{home}/a.png", f"{home}/api", Authorization="key") == b"identity"
        monkeypatch.setattr(module, "is_public", bool)
        other = home.replace("127.0.0.1", "127.0.0.2")  # where nobody listens
        assert await fetched(f"{home}/a.png", other, Authorization="key") == b"identity"
    assert seen == ["key", None]


async def test_a_host_without_encryption_keeps_its_error(private: Counted) -> None:
    address = f"https://127.0.0.1:{private.port}/"
    with pytest.raises(aiohttp.ClientConnectorError):
        await fetched(address, address)
    assert private.connections == 1


def test_the_usual_port_need_not_be_named() -> None:
    home = Home(url=yarl.URL("https://a.example:443/api"))
    assert home.holds(yarl.URL("https://A.example/files/1"))
    assert not home.holds(yarl.URL("http://a.example/files/1"))
    assert not home.holds(yarl.URL("https://a.example:8443/files/1"))


@pytest.mark.parametrize(
    ("path", "is_held"),
    [
        ("/attachments/1/2/a.png", True),
        ("/api/v10/users/@me?a.png", False),
        ("/attachments/../api/v10/users/@me", False),
        ("/attachments/%2e%2e/api/v10/users/@me", False),
        ("/", False),
    ],
)
def test_a_home_may_be_a_part_of_a_host(path: str, *, is_held: bool) -> None:
    home = Home(url=yarl.URL("http://proxy:8080/api/v10"), under=("/attachments/",))
    url = yarl.URL(f"http://proxy:8080{path}", encoded=True)
    assert home.holds(url) is is_held
    assert Home(url=home.url).holds(url)


async def test_no_cookies_are_kept() -> None:
    cookies: list[dict[str, str]] = []

    async def bake(request: web.Request) -> web.Response:
        cookies.append(dict(request.cookies))
        return web.Response(headers={"Set-Cookie": "a=b"})

    async with serving(bake) as home, Outside.open() as outside:
        for _time in range(2):
            there = Home(url=yarl.URL(home))
            async with outside.get(home, home=there, connect_s=1, total_s=5):
                pass
    assert cookies == [{}, {}]


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("parts", "again"),
    [
        ([OK, b"Content-Length: 100000\r\n\r\n"], b"."),
        ([OK, b"Content-Length: 0\r\nA: "], b"."),
        ([b""], b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["body", "header", "promises"],
)
async def test_what_comes_drop_by_drop_has_a_deadline(parts: list[bytes], again: bytes) -> None:
    async with saying(*parts, again=again) as home:
        with pytest.raises(TimeoutError):
            await fetched(home, home, total_s=0.3)


async def test_a_body_that_nobody_reads_is_not_waited_for() -> None:
    parts = [b"HTTP/1.1 500 Sorry\r\n", b"Content-Length: 100000\r\n\r\n"]
    async with saying(*parts, again=b".") as address, Outside.open() as outside:
        home = Home(url=yarl.URL(address))
        async with outside.get(address, home=home, connect_s=1, total_s=2) as response:
            assert response.status == 500


@pytest.mark.parametrize(
    "flood",
    [b"A: " + b"a" * 2**20, b"A: b\r\n" * 10_000, b"a" * 2**20 + b": b", b"A: \0\r\n"],
    ids=["value", "many", "name", "zero"],
)
async def test_a_flood_of_headers_is_cut_off(flood: bytes) -> None:
    async with saying(OK, flood, b"\r\n\r\n") as home:
        with pytest.raises(aiohttp.ClientError):
            await fetched(home, home)


def packed(wbits: int, size_bytes: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    zeros = bytes(2**20)
    return b"".join(packer.compress(zeros) for _ in range(size_bytes // 2**20)) + packer.flush()


@pytest.mark.parametrize(("encoding", "wbits"), [("gzip", 31), ("deflate", 15)])
async def test_what_unpacks_to_much_more_takes_little_memory(encoding: str, wbits: int) -> None:
    size_bytes = 32 * 2**20
    bomb = packed(wbits, size_bytes)

    async def explode(_request: web.Request) -> web.Response:
        return web.Response(body=bomb, headers={"Content-Encoding": encoding})

    async with serving(explode) as home, Outside.open() as outside:
        there, count = Home(url=yarl.URL(home)), 0
        tracemalloc.start()
        async with outside.get(home, home=there, connect_s=1, total_s=30) as response:
            async for chunk in response.content.iter_chunked(2**16):
                count += len(chunk)
        peak_bytes = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert count == size_bytes
    assert peak_bytes < size_bytes / 8
