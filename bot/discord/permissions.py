"""Each server's rules for the bot's commands, as its owner sets them under *Integrations*.

Read in the background, one server after the other; sooner where somebody waits for them.
"""

import asyncio
import logging
from collections.abc import Collection, Sequence
from typing import Any

import discord
from pydantic import BaseModel, TypeAdapter, ValidationError

from bot.discord.requests import request
from bot.errors import DiscordBusy, DiscordError
from bot.gate import Overwrite, Rules

log = logging.getLogger(__name__)

PAUSE_S = 0.2  # between two servers that nobody waits for
RETRY_S = 30.0  # until a server that could not be read is tried again by itself
AGAIN_S = 5.0  # and sooner than that by nobody


class _Line(BaseModel):
    id: int
    type: int
    permission: bool


class _Entry(BaseModel):
    """https://docs.discord.com/developers/interactions/application-commands#permissions."""

    id: int  # a command's, or the application's
    permissions: list[_Line]


class _Named(BaseModel):
    id: int
    name: str


_ENTRIES, _NAMED = TypeAdapter(list[_Entry]), TypeAdapter(list[_Named])


class Permissions:
    """What is known of the rules of the servers that are served, and the task that learns them."""

    def __init__(self, client: discord.Client, guild_ids: Collection[int]) -> None:
        self._client = client
        self._guild_ids = frozenset(guild_ids)
        self._names: dict[int, str] = {}  # of the commands, by their ids
        self._known: dict[int, Rules] = {}  # by server
        self._unread: dict[int, None] = {}  # servers, in order
        self._wanted: list[int] = []  # those that somebody waits for, the latest last
        self._not_before: dict[int, float] = {}  # by server, on the loop's clock
        self._hidden: set[int] = set()  # servers whose rules could not be read at the last try
        self._learning: int | None = None
        self._woken = asyncio.Event()
        self._learnt = asyncio.Condition()

    def of(self, guild_id: int) -> Rules | None:
        """A server's rules, or None while they are not known; from any thread."""
        return self._known.get(guild_id)

    def are_hidden(self, guild_id: int) -> bool:
        """Whether the server's rules could not be read when they were last asked for."""
        return guild_id in self._hidden

    def want(self, guild_id: int) -> None:
        """Read this server's rules next, but not right after that has failed."""
        now = asyncio.get_running_loop().time()
        if guild_id not in self._wanted and self._not_before.get(guild_id, 0.0) <= now:
            self._wanted.append(guild_id)
            self._woken.set()

    async def learned(self, guild_id: int) -> None:
        """Return once the server's rules are known, which may be never."""
        async with self._learnt:
            await self._learnt.wait_for(lambda: guild_id in self._known)

    def forget(self, guild_ids: Collection[int]) -> None:
        """Read the rules of these servers anew: they may have changed unheard."""
        for guild_id in guild_ids:
            if not self._guild_ids or guild_id in self._guild_ids:
                self._known.pop(guild_id, None)
                self._unread[guild_id] = None
        self._woken.set()

    def drop(self, guild_id: int) -> None:
        """The bot has left the server."""
        self._known.pop(guild_id, None)
        self._unread.pop(guild_id, None)
        self._not_before.pop(guild_id, None)
        self._hidden.discard(guild_id)

    def forget_names(self) -> None:
        """Ask for the commands' ids anew: Discord has been told of other commands."""
        self._names.clear()
        self.forget([guild_id for guild_id, rules in self._known.items() if rules.commands])

    def changed(self, event: discord.RawAppCommandPermissionsUpdateEvent) -> None:
        """Read the rules that this event is about anew."""
        if event.application_id == self._application_id:
            self.forget([event.guild.id])
            if self._learning == event.guild.id:  # what is on its way may be older
                self._learning = None

    async def run(self) -> None:
        """Learn, for as long as the bot runs."""
        while True:
            guild_id = self._next()
            if guild_id is None:
                self._woken.clear()
                await self._woken.wait()
                continue
            try:
                await self._learn(guild_id)
            except DiscordError as error:
                log.warning("server %d: its rules for commands are not known: %s", guild_id, error)
                self._hidden.add(guild_id)
                loop = asyncio.get_running_loop()
                self._not_before[guild_id] = loop.time() + AGAIN_S
                loop.call_later(RETRY_S, self._again, guild_id)
            if not self._wanted:
                await asyncio.sleep(PAUSE_S)

    def _again(self, guild_id: int) -> None:
        """Try once more, where the bot is still in the server and nobody was quicker."""
        if guild_id not in self._known and self._client.get_guild(guild_id):
            self.forget([guild_id])

    def _next(self) -> int | None:
        while self._wanted:
            guild_id = self._wanted.pop()
            if guild_id not in self._known:
                return guild_id
        return next(iter(self._unread), None)

    async def _learn(self, guild_id: int) -> None:
        self._learning = guild_id
        self._unread.pop(guild_id, None)
        http, ours = self._client.http, self._application_id
        async with request():
            entries = _read(
                _ENTRIES, await http.get_guild_application_command_permissions(ours, guild_id)
            )
            if any(each.id != ours and each.id not in self._names for each in entries):
                everywhere: Sequence[Any] = await http.get_global_commands(ours)
                here: Sequence[Any] = await http.get_guild_commands(ours, guild_id)
                self._names |= {c.id: c.name for c in _read(_NAMED, [*everywhere, *here])}
        self._hidden.discard(guild_id)
        if self._learning != guild_id:
            self.want(guild_id)  # it has changed meanwhile
            return
        found = {each.id: tuple(map(_overwrite, each.permissions)) for each in entries}
        self._known[guild_id] = Rules(
            application=found.get(ours, ()),
            commands={self._names[i]: lines for i, lines in found.items() if i in self._names},
        )
        async with self._learnt:
            self._learnt.notify_all()

    @property
    def _application_id(self) -> int:
        return self._client.application_id or 0


def _overwrite(line: _Line) -> Overwrite:
    return Overwrite(id=line.id, target=line.type, is_allowed=line.permission)


def _read(form: TypeAdapter[list[Any]], found: object) -> list[Any]:
    try:
        return form.validate_python(found)
    except ValidationError as error:
        raise DiscordBusy("Discord: an answer that cannot be read") from error
