"""The way out: what the settings name is trusted, and all else has to be on the public internet.

Pictures are at addresses that others chose. They are fetched by a session that connects to public
addresses alone: it looks at the very address that it connects to, so neither a redirect, nor an
odd way to write an address, nor a name that changes its address leads into the private network.
A proxy would look names up by itself, so it is told the number that was looked at.
"""

import asyncio
import ipaddress
import logging
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import yarl
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.errors import BotError
from bot.files.addresses import joined, web_address
from bot.files.lookups import Lookups
from bot.files.proxies import NO_PROXIES, Connector, Proxies

log = logging.getLogger(__name__)

REDIRECTS = 5
READ_S = 10.0  # so long a body may pause
UNSENT_BYTES = 2**16  # the system keeps no more than that of what it did not send yet

# What Python takes for public, in one version or another, and is not to be connected to.
# https://www.iana.org/assignments/iana-ipv6-special-registry
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(text)
    for text in (
        "168.63.129.16/32",  # Azure's own services, as a virtual machine there sees them
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # 6to4 relays
        "2001::/23",  # protocol assignments, Teredo among them
        "2002::/16",  # 6to4: any IPv4 address is within it
        "3fff::/20",  # documentation
    )
)
_UNICAST = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class BadAddress(BotError):
    """An address that nothing is fetched from; its text says why, and not which it is."""


class NotByProxy(aiohttp.ClientError):
    """A proxy cannot be asked for it in a way that keeps it off the private network."""


class _Private(OSError):
    """What is connected to is not on the public internet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The one scheme, host and port that may be in a private network, and alone get the headers.

    `under`: how the paths begin that may be asked for there.
    """

    url: yarl.URL
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    under: tuple[str, ...] = ("",)

    def holds(self, url: yarl.URL) -> bool:
        """Whether the address is there."""
        mine, path = self.url, url.path
        if not path.startswith(self.under) or (any(self.under) and ".." in path):
            return False
        return (url.scheme, url.raw_host, url.port) == (mine.scheme, mine.raw_host, mine.port)


class Outside:
    """A session for the hosts that the settings name, and a guarded one for all others."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        guarded: aiohttp.ClientSession,
        public: "_Public",
        proxies: Proxies,
    ) -> None:
        self.session = session
        self._guarded = guarded
        self._public = public
        self.proxies = proxies

    @classmethod
    @asynccontextmanager
    async def open(
        cls, resolver: AbstractResolver | None = None, proxies: Proxies = NO_PROXIES
    ) -> AsyncIterator["Outside"]:
        """Both sessions, closed at the end; neither keeps cookies."""
        public = _Public(resolver or Lookups())
        connector = aiohttp.TCPConnector(
            resolver=public, socket_factory=_public_socket, use_dns_cache=False, limit=0
        )
        # Whoever asks is bounded; a limit here would let those who wait for one hold all others.
        trusted = Connector(proxies, socket_factory=_socket, limit=0)
        no_cookies = aiohttp.DummyCookieJar()  # a flood of them would be kept for ever
        async with (
            aiohttp.ClientSession(connector=trusted, cookie_jar=no_cookies) as session,
            aiohttp.ClientSession(connector=connector, cookie_jar=no_cookies) as guarded,
        ):
            try:
                yield cls(session, guarded, public, proxies)
            finally:
                await public.close()

    @asynccontextmanager
    async def get(
        self,
        address: str,
        *,
        home: Home | None,
        connect_s: float,
        total_s: float,
        patience: float = 1.0,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """What is at the address or where it redirects to, its body still to be read; BadAddress.

        The deadline holds for the body, too; `patience` makes all of them longer. aiohttp's errors
        and TimeoutError come through.
        """
        waits = aiohttp.ClientTimeout(
            total=None, sock_connect=connect_s, sock_read=READ_S * patience
        )
        async with asyncio.timeout(total_s * patience):
            async with await self._followed(_web_address(address), home, waits) as response:
                yield response

    async def _followed(
        self, url: yarl.URL, home: Home | None, waits: aiohttp.ClientTimeout
    ) -> aiohttp.ClientResponse:
        for _redirect in range(REDIRECTS + 1):
            response = await self._asked(url, home, waits)
            if response.status not in {301, 302, 303, 307, 308}:
                return response
            location = response.headers.get("Location", "")
            response.release()
            url = _web_address(location, seen_from=url)
        raise BadAddress("too many redirects")

    async def _asked(
        self, url: yarl.URL, home: Home | None, waits: aiohttp.ClientTimeout
    ) -> aiohttp.ClientResponse:
        options: dict[str, Any] = {"allow_redirects": False, "timeout": waits}
        headers = {"Accept-Encoding": "identity"}
        try:
            if home and home.holds(url):
                return await self.session.get(url, headers=headers | dict(home.headers), **options)
            if proxy := self.proxies.of(url):
                return await self._by_proxy(proxy, url, headers, options)
            return await self._guarded.get(url, headers=headers, **options)
        except NotByProxy as error:
            log.warning("%s is not fetched: %s", url.raw_host, error)
            raise
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.__cause__, _Private):
                raise BadAddress("a private address") from error
            raise
        except ValueError as error:  # of aiohttp, and of the encoding of names
            raise BadAddress("no web address") from error

    async def _by_proxy(
        self, proxy: yarl.URL, url: yarl.URL, headers: dict[str, str], options: dict[str, Any]
    ) -> aiohttp.ClientResponse:
        """Ask a proxy for the number of the host, and the host within TLS for its name."""
        name = url.raw_host or ""
        if url.scheme != "https":
            raise NotByProxy("without TLS it cannot be asked for by number")
        try:
            number = await self._public.number_of(name, url.port or 0)
        except _Private as error:
            raise BadAddress("a private address") from error
        except OSError as error:
            raise NotByProxy("this machine cannot look its name up") from error
        options |= {"proxy": proxy, "server_hostname": name}
        headers |= {"Host": url.host_port_subcomponent or name}
        try:
            return await self.session.get(url.with_host(number), headers=headers, **options)
        except aiohttp.ClientHttpProxyError as error:
            raise NotByProxy(f"the proxy answers {error.status} to its number") from error


class _Public(AbstractResolver):
    """Leaves out a name's private addresses."""

    def __init__(self, resolver: AbstractResolver) -> None:
        self._resolver = resolver

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        public = [each for each in found if is_public(each["host"])]
        if not public:
            raise _Private
        return public

    async def number_of(self, host: str, port: int) -> str:
        """A public address of the host, rather of the older kind; OSError."""
        if _is_number(host):
            if not is_public(host):
                raise _Private
            return host
        found = await self.resolve(host, port, socket.AF_UNSPEC)
        return min((each["host"] for each in found), key=lambda number: ":" in number)

    async def close(self) -> None:
        await self._resolver.close()


def is_public(host: str) -> bool:
    """Whether this is the number of an address on the public internet."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False  # a name, or a form of a number that only the system would understand
    if isinstance(address, ipaddress.IPv6Address):
        address = _within(address)
    if isinstance(address, ipaddress.IPv6Address) and (address.scope_id or address not in _UNICAST):
        return False
    is_special = address.is_multicast or address.is_reserved
    return address.is_global and not is_special and not any(address in net for net in _NOT_PUBLIC)


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _within(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The IPv4 address that packets to this one end at, or itself."""
    if address in _NAT64:
        return ipaddress.IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address


def _socket(info: aiohttp.AddrInfoType) -> socket.socket:
    family, kind, protocol, *_ = info
    made = socket.socket(family, kind, protocol)
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):  # else an upload looks sent that has hardly begun
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
    return made


def _public_socket(info: aiohttp.AddrInfoType) -> socket.socket:
    if not is_public(str(info[4][0])):
        raise _Private
    return _socket(info)


def _web_address(text: str, *, seen_from: yarl.URL | None = None) -> yarl.URL:
    try:
        return web_address(joined(str(seen_from), text) if seen_from else text)
    except ValueError as error:
        raise BadAddress("no web address") from error
