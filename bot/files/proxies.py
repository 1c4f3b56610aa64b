"""The proxies of this machine, as HTTPS_PROXY, HTTP_PROXY and NO_PROXY name them: what is asked by which."""

import ipaddress
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import aiohttp
import yarl
from aiohttp.tracing import Trace

from bot.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxies:
    """The proxy of each scheme, and what is asked without one."""

    https: yarl.URL | None = None
    http: yarl.URL | None = None
    exempt: Sequence[str] = ()

    def of(self, url: yarl.URL) -> yarl.URL | None:
        """The proxy by which this address is asked, or None; this machine itself never is."""
        proxy = self.https if url.scheme in {"https", "wss"} else self.http
        host = (url.raw_host or "").rstrip(".").lower()
        if proxy is None or _is_here(host) or any(_holds(each, host, url) for each in self.exempt):
            return None
        return proxy


NO_PROXIES = Proxies()


class Connector(aiohttp.TCPConnector):
    """Connects to each address by its proxy, where it has one."""

    def __init__(self, proxies: Proxies, **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type]  # aiohttp's own
        self._proxies = proxies

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's
    ) -> aiohttp.connector.Connection:
        """A connection for the request, which may name a proxy of its own."""
        if req.proxy is None and (proxy := self._proxies.of(req.url)):
            req.update_proxy(proxy, None, None)
        return await super().connect(req, traces, timeout)


def proxies_of(settings: Settings) -> Proxies:
    """The proxies that the settings name."""
    https, http = settings.https_proxy, settings.http_proxy
    return Proxies(
        https=yarl.URL(https) if https else None,
        http=yarl.URL(http) if http else None,
        exempt=[each for each in re.split(r"[\s,]+", settings.no_proxy.lower()) if each],
    )


def _is_here(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    with suppress(ValueError):
        address = ipaddress.ip_address(host)
        mapped = getattr(address, "ipv4_mapped", None) or address
        return mapped.is_loopback or mapped.is_unspecified
    return False


def _holds(entry: str, host: str, url: yarl.URL) -> bool:
    """Whether an entry of NO_PROXY is about the host: `*`, a name, a number or a range of them."""
    if entry == "*":
        return True
    if found := re.fullmatch(r"(\[.+\]|[^:]+):(\d+)", entry):
        entry = found[1]
        if int(found[2]) != url.port:
            return False
    with suppress(ValueError):
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry.strip("[]"), strict=False)
    name = entry.removeprefix("*").strip(".")
    with suppress(ValueError):  # no name of a host: it is like none
        name = yarl.URL.build(scheme="http", host=name).raw_host or name
    return host == name or host.endswith(f".{name}")
