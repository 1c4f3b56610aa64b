"""Discord's list of commands, held against the configured endpoints, and put right where it differs."""

import asyncio
import json
import logging
from collections.abc import Callable, Collection
from typing import Any

import aiohttp
import discord
from discord.ext import commands

from bot.discord.requests import refusals, why
from bot.discord.slash import differing, digest, for_users, form, payload
from bot.errors import BotError
from bot.jobs.store import JobStore
from bot.settings import Settings

log = logging.getLogger(__name__)

PUBLISH_S = 60.0  # deadline of a server's commands
AGAIN_S = 3600.0
RETRY_S = (60.0, 300.0, 900.0)  # and then as all others
SCOPES = "published scopes"  # the note with the servers that have commands of their own
USERS = "1"  # https://docs.discord.com/developers/resources/application, integration types
NO_USERS = (
    "USER_INSTALL is on, but the application is not set up for it, so its commands are for servers"
    " alone: turn on User Install in the developer portal, under Installation"
)
NAMED = 10  # commands of a log line
ANOTHER = (
    "somebody else has changed the commands: %s: %s. Where another process or version of the bot"
    " runs with this token, each takes back what the other one publishes: stop one of them"
)
Scope = int | None  # a server's id, or None for everywhere


class Publisher:
    """Tells Discord of the commands, and takes back those of servers that no longer have any."""

    def __init__(
        self,
        bot: commands.AutoShardedBot,
        store: JobStore,
        settings: Settings,
        changed: Callable[[], None],
    ) -> None:
        self._bot = bot
        self._store = store
        self._served = scopes_of(settings.guild_ids)
        self._wanted = frozenset((*settings.guild_ids, *owners_guild(settings)))
        self._changed = changed
        self._is_for_users = settings.user_install
        self._has_users: bool | None = None  # as Discord said last
        self._joined: set[int] = set()
        self._woken = asyncio.Event()
        self._taken: dict[Scope, tuple[str, str]] = {}  # what was sent, and what became of it
        self._stood: dict[Scope, list[Any]] = {}  # what was right the last time
        self._ids: dict[Scope, dict[str, int]] = {}  # as they were noted
        self._faults: dict[Scope, str] | None = None  # None until it was first asked

    @property
    def unpublished(self) -> int:
        """How many servers, or everywhere, lack their commands."""
        return 1 if self._faults is None else len(self._faults)

    def fault(self) -> str | None:
        """Where Discord does not have the commands, and why not; or None."""
        if self._faults is None:
            return "Discord was not asked for them yet"
        told = [f"{named(scope)}: {reason}" for scope, reason in self._faults.items()]
        return "; ".join(told) or None

    def fault_in(self, guild_id: int) -> str | None:
        """Why Discord does not have the commands that members of this server use; or None."""
        scope = guild_id if guild_id in self._served else None
        return (self._faults or {}).get(scope) if scope in self._served else None

    def joined(self, guild_id: int) -> None:
        """Look at this server next: Discord forgets its commands with the bot's leaving."""
        self._joined.add(guild_id)
        self.wake()

    def wake(self) -> None:
        """Hold what Discord has against the commands next: they may be others now."""
        self._woken.set()

    async def run(self) -> None:
        """Ask once the bot is connected, and again each hour; sooner where something fails."""
        await asyncio.create_task(self._begin(), name="publish")
        failures = 0
        while True:
            failures = failures + 1 if self._faults else 0
            await self._pause(pause_s(failures))
            await self._turn()

    async def _begin(self) -> None:
        await self._bot.wait_until_ready()
        await self._turn()

    async def _pause(self, delay_s: float) -> None:
        """Return after a while, or once it was woken."""
        waits = {
            asyncio.ensure_future(asyncio.sleep(delay_s)),
            asyncio.ensure_future(self._woken.wait()),
        }
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()

    async def _turn(self) -> None:
        self._woken.clear()
        try:
            await self.publish_changes()
        except BotError as error:
            self._note(None, f"{error}")

    async def publish_changes(self) -> bool:
        """Whether Discord has everything as it should be now."""
        known = {int(text) for text in (await self._store.note(SCOPES) or "").split()}
        known |= self._wanted | self._joined
        self._joined.clear()
        await self._store.write_note(SCOPES, " ".join(map(str, sorted(known))))
        failed = {scope for scope in self._served if not await self._is_right(scope)}
        left = {None, *known} - set(self._served)  # the owner's own server, too
        # What members want comes first: they always have the commands somewhere.
        if len(failed) < len(self._served):
            left = {scope for scope in left if not await self._is_right(scope)}
        noted = self._wanted.union(scope for scope in left if scope is not None)
        await self._store.write_note(SCOPES, " ".join(map(str, sorted(noted))))
        self._faults = {s: r for s, r in (self._faults or {}).items() if s in failed | left}
        return not failed and not left

    async def _is_right(self, scope: Scope) -> bool:
        """Whether Discord has the commands of this scope now; why not is noted."""
        with refusals() as said:
            try:
                async with asyncio.timeout(PUBLISH_S):
                    await self._put_right(scope)
            except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as error:
                self._note(scope, said[-1] if said else why(error))
                return False
            except (AttributeError, KeyError, TypeError, ValueError):
                self._note(scope, "an answer that cannot be read")
                return False
        return True

    async def _put_right(self, scope: Scope) -> None:
        guild = None if scope is None else discord.Object(scope)
        wanted = payload(self._bot.tree.get_commands(guild=guild), self._bot.tree)
        if scope is None and self._is_for_users and await self._can_have_users():
            wanted = for_users(wanted)
        try:
            found = await published(self._bot, scope)
            if self._is_as_wanted(scope, wanted, found):
                self._stood[scope] = wanted
                await self._note_ids(scope, found)
                return
            self._tell_of_another(scope, wanted, found)
            answer = await self._overwritten(scope, wanted)
        except (discord.Forbidden, discord.NotFound):
            if wanted:
                raise
            return  # the bot has left this server: there is nothing to clear
        await self._note_ids(scope, answer)
        self._taken[scope] = self._digests(scope, wanted, answer)
        self._stood[scope] = wanted
        self._changed()
        log.info("published %d commands: %s", len(wanted), named(scope))

    async def _can_have_users(self) -> bool:
        """Whether Discord would take commands for them: else it would refuse all commands."""
        can = await can_have_users(self._bot)
        if not can and self._has_users is not False:
            log.warning(NO_USERS)
        self._has_users = can
        return can

    async def _note_ids(self, scope: Scope, found: Collection[Any]) -> None:
        """Let all processes know by which ids the commands are mentioned."""
        ids = {str(each["name"]): int(each["id"]) for each in found if each.get("type", 1) == 1}
        if self._ids.get(scope) != ids:
            await self._store.write_note(ids_of(scope), json.dumps(ids))
            self._ids[scope] = ids

    async def _overwritten(self, scope: Scope, wanted: list[Any]) -> list[Any]:
        http, ours = self._bot.http, self._bot.application_id or 0
        if scope is None:
            return [*await http.bulk_upsert_global_commands(ours, payload=wanted)]
        return [*await http.bulk_upsert_guild_commands(ours, scope, payload=wanted)]

    def _is_as_wanted(self, scope: Scope, wanted: list[Any], found: list[Any]) -> bool:
        # Where Discord makes something else of what it is sent, that is as good.
        digests = self._digests(scope, wanted, found)
        return digests[0] == digests[1] or digests == self._taken.get(scope)

    def _tell_of_another(self, scope: Scope, wanted: list[Any], found: list[Any]) -> None:
        """A line in the log where what was right has been overwritten, and not by us."""
        if found and self._stood.get(scope) == wanted:  # a server that was left has none
            log.warning(ANOTHER, named(scope), ", ".join(differing(wanted, found)[:NAMED]))

    def _digests(self, scope: Scope, wanted: list[Any], found: list[Any]) -> tuple[str, str]:
        ours = self._bot.application_id or 0
        mine, theirs = form(wanted, found), form(found, found)
        return digest(mine, ours, named(scope)), digest(theirs, ours, named(scope))

    def _note(self, scope: Scope, reason: str) -> None:
        self._faults = {**(self._faults or {}), scope: reason}
        log.warning("the commands could not be published: %s: %s", named(scope), reason)


def pause_s(failures: int) -> float:
    """How long to wait after so many failures in a row, before Discord is asked again."""
    return (AGAIN_S, *RETRY_S)[failures] if failures <= len(RETRY_S) else AGAIN_S


async def published(client: discord.Client, scope: Scope) -> list[Any]:
    """The commands that Discord has there."""
    http, ours = client.http, client.application_id or 0
    if scope is None:
        return [*await http.get_global_commands(ours)]
    return [*await http.get_guild_commands(ours, scope)]


async def can_have_users(client: discord.Client) -> bool:
    """Whether people may install the application for themselves, as its owner has set it."""
    route = discord.http.Route("GET", "/applications/@me")
    try:
        application: Any = await client.http.request(route)
    except (discord.Forbidden, discord.NotFound):
        return False
    return USERS in (application.get("integration_types_config") or {})


def scopes_of(guild_ids: Collection[int]) -> list[Scope]:
    """Where the commands belong: to these servers, or everywhere."""
    return [*sorted(guild_ids)] or [None]


def owners_guild(settings: Settings) -> tuple[int, ...]:
    """The server that has the owner's command, where there is one."""
    return () if settings.owner_guild_id is None else (settings.owner_guild_id,)


def ids_of(scope: Scope) -> str:
    """The key of the note with the ids of a scope's commands."""
    return f"command ids {named(scope)}"


def named(scope: Scope) -> str:
    """How a scope is called in the log and elsewhere."""
    return "everywhere" if scope is None else f"server {scope}"
