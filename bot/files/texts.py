"""A small text file of others', fetched from where Discord keeps it."""

import aiohttp

from bot.errors import DiscordBusy, Refused
from bot.files.outside import BadAddress, Home, Outside

MAX_BYTES = 2**20
CONNECT_S, TOTAL_S = 5.0, 20.0


class Texts:
    """Fetches them; `home` is where Discord's files are, if not on the public internet."""

    def __init__(self, outside: Outside, home: Home | None = None) -> None:
        self._outside = outside
        self._home = home

    async def read(self, url: str, filename: str) -> bytes:
        """What is in it; Refused where that is too much, DiscordBusy where it cannot be had."""
        try:
            async with self._outside.get(
                url, home=self._home, connect_s=CONNECT_S, total_s=TOTAL_S
            ) as response:
                if response.status != 200:
                    raise DiscordBusy(f"Discord's file: status {response.status}")
                content = bytearray()
                async for chunk in response.content.iter_chunked(2**16):
                    content += chunk
                    if len(content) > MAX_BYTES:
                        raise too_large(filename)
                return bytes(content)
        except (aiohttp.ClientError, OSError, TimeoutError, BadAddress) as error:
            raise DiscordBusy(f"Discord's file: {type(error).__name__}") from error


def too_large(filename: str) -> Refused:
    """The refusal of a file that no document is as large as."""
    return Refused("{name} is larger than a document can be: 1 MiB.", name=filename)
