"""A request's pictures: from Discord, looked at, converted where needed, and into the archive."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp

from bot.errors import BadImage, DiscordBusy, DiscordError
from bot.files.archive import Archive
from bot.files.arrivals import Arrival, OverLimit, fill, filled
from bot.files.bounds import MAX_INPUT_BYTES
from bot.files.names import picture_name, safe_name
from bot.files.outside import BadAddress, Home, Outside
from bot.files.results import ending_of
from bot.jobs.request import Input
from bot.studio.client import CHUNK_BYTES
from bot.studio.form import Upload
from bot.work.held import Held
from bot.work.looks import Looks
from bot.work.room import Room

CONNECT_S = 10.0
TOTAL_S = 60.0  # the body included


class LinkGone(DiscordError):
    """Discord no longer hands out the file behind the link."""


class Intake:
    """Fetches inputs from Discord, and hands them to the service as files.

    `home` is the origin of a proxy that stands for Discord, where there is one.
    """

    def __init__(
        self, outside: Outside, archive: Archive, looks: Looks, room: Room, home: Home | None = None
    ) -> None:
        self._outside = outside
        self._archive = archive
        self._looks = looks
        self._room = room
        self._home = home

    async def fetch(self, held: Held, wanted: Input) -> Input:
        """The input with our copy of it: a picture of a type that the service takes.

        Raises BadImage, LinkGone, DiscordBusy, StorageError, Postponed.
        """
        self._looks.check_turn(held.job)
        await self._room.check_input(held.job)
        blank = self._archive.arrivals.blank
        async with blank() as path, blank() as out:
            arrival = await self._download(wanted, path)
            seen = await self._looks.input(held, arrival, out, wanted.filename)
            kept = await filled(out) if seen.made else arrival
            stored = await self._archive.keep(kept, seen.made or seen.media_type)
        self._room.took(held.job, stored.size_bytes)
        return replace(wanted, stored=stored)

    @asynccontextmanager
    async def uploads(self, inputs: tuple[Input, ...]) -> AsyncIterator[list[Upload]]:
        """The inputs as files for the service, at hand while the block runs; NotKept."""
        async with AsyncExitStack() as stack:
            found = []
            for wanted in inputs:
                if wanted.stored is None:
                    raise BadImage("The picture was never fetched.")
                path = await stack.enter_async_context(self._archive.local(wanted.stored))
                media_type = wanted.stored.media_type
                found.append(
                    Upload(
                        field_id=wanted.field_id,
                        filename=picture_name(wanted.filename, ending_of(media_type)),
                        media_type=media_type,
                        path=path,
                    )
                )
            yield found

    async def _download(self, wanted: Input, path: Path) -> Arrival:
        try:
            async with self._outside.get(
                wanted.url, home=self._home, connect_s=CONNECT_S, total_s=TOTAL_S
            ) as response:
                if response.status in {401, 403, 404, 410}:
                    raise LinkGone(f"Discord's file: status {response.status}")
                if response.status != 200:
                    raise DiscordBusy(f"Discord's file: status {response.status}")
                chunks = response.content.iter_chunked(CHUNK_BYTES)
                return await fill(path, chunks, limit_bytes=MAX_INPUT_BYTES)
        except OverLimit as error:
            raise BadImage(
                "{name} is larger than {most} MiB. Nothing was charged; send a smaller picture.",
                name=safe_name(wanted.filename),
                most=MAX_INPUT_BYTES // 2**20,
            ) from error
        except BadAddress as error:
            raise BadImage(
                "{name} is at an address that the bot may not fetch from."
                " Nothing was charged; please send another picture.",
                name=safe_name(wanted.filename),
            ) from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise DiscordBusy(f"Discord's file: {type(error).__name__}") from error
