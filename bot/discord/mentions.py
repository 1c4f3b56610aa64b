"""How commands are named to members: so that they can be clicked, where Discord's ids are known."""

import json
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from bot.discord.publishing import Scope, ids_of
from bot.endpoints.catalogue import Endpoint
from bot.errors import StorageError, Working
from bot.jobs.store import JobStore

READ_AGAIN = timedelta(seconds=10)


class Mentions:
    """Knows the ids that the publishing process has noted; `guild_ids` are the servers served."""

    def __init__(
        self, store: JobStore, guild_ids: Collection[int], now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._guild_ids = frozenset(guild_ids)
        self._now = now
        self._known: dict[Scope, tuple[datetime, Mapping[str, int]]] = {}

    async def of(self, endpoint: Endpoint, guild_id: int | None) -> str:
        """The command as a mention, or as it is typed where its id is not known there."""
        return await self.typed(endpoint.qualified_name, guild_id)

    async def typed(self, name: str, guild_id: int | None) -> str:
        """The same of the command that is typed so."""
        ids = await self._ids(guild_id if self._guild_ids else None)
        found = ids.get(name.partition(" ")[0])
        return Working(f"</{name}:{found}>") if found else f"/{name}"

    async def _ids(self, scope: Scope) -> Mapping[str, int]:
        read_at, ids = self._known.get(scope, (None, {}))
        if read_at is None or self._now() - read_at > READ_AGAIN:
            with suppress(StorageError, ValueError):
                ids = dict(json.loads(await self._store.note(ids_of(scope)) or "{}"))
            self._known[scope] = self._now(), ids
        return ids
