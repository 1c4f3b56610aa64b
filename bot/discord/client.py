"""The Discord client: what it asks Discord for, and what it does with what nobody foresaw."""

import logging
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.ext import commands

from bot.discord.events import check_event, is_unheard
from bot.discord.handing import Handing
from bot.discord.mentions import Mentions
from bot.discord.messenger import Messenger
from bot.discord.owners import Owners
from bot.discord.pace import LONGEST_S, Pace
from bot.discord.permissions import Permissions
from bot.discord.publishing import Publisher, scopes_of
from bot.discord.reports import Reports
from bot.discord.requests import note_refusal
from bot.discord.responses import explain
from bot.discord.slash import AnyCommand
from bot.discord.speech import Speech
from bot.discord.whose import Whose
from bot.endpoints.catalogue import Endpoint
from bot.endpoints.own import NAMES
from bot.endpoints.shelf import Shelf
from bot.errors import Refused
from bot.files.archive import Archive
from bot.files.pictures import Pictures
from bot.files.texts import Texts
from bot.jobs.clocks import Clocks
from bot.jobs.observer import NOBODY, Observer
from bot.jobs.rush import Rush
from bot.jobs.store import JobStore
from bot.jobs.wishes import Wishes
from bot.service import Service
from bot.settings import Settings

log = logging.getLogger(__name__)

REACTION = "MESSAGE_REACTION_ADD"
KNOWN_S = 1.8  # until the other processes have read of a change, too
COGS = (
    "cogs.endpoints",
    "cogs.chat",
    "cogs.results",
    "cogs.buttons",
    "cogs.forms",
    "cogs.uses",
    "cogs.history",
    "cogs.own",
    "cogs.studio",
    "cogs.here",
    "cogs.shelf",
)

# Guilds, messages and reactions, in servers and direct messages; none of them is privileged.
INTENTS = discord.Intents(
    guilds=True,
    guild_messages=True,
    dm_messages=True,
    guild_reactions=True,
    dm_reactions=True,
)
PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    attach_files=True,
    read_message_history=True,
    add_reactions=True,
)


class Tree(app_commands.CommandTree["StudioBot"]):
    """Commands whose errors end in a sentence for the member."""

    async def on_error(
        self, interaction: discord.Interaction["StudioBot"], error: app_commands.AppCommandError
    ) -> None:
        """Say what went wrong, to the member alone."""
        if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
            await explain(interaction, Refused("This command has changed. Reload Discord."))
        else:
            await explain(interaction, getattr(error, "original", error))


# Nothing of Discord's is kept but servers and channels, and nobody is pinged.
OPTIONS: Mapping[str, Any] = {
    "command_prefix": commands.when_mentioned,
    "help_command": None,
    "tree_cls": Tree,
    "intents": INTENTS,
    "max_messages": None,
    "member_cache_flags": discord.MemberCacheFlags.none(),
    "chunk_guilds_at_startup": False,
    "allowed_mentions": discord.AllowedMentions.none(),
    "max_ratelimit_timeout": LONGEST_S,
}


class StudioBot(commands.AutoShardedBot):
    """The Discord client, with what its cogs need."""

    service: Service
    wishes: Wishes
    archive: Archive
    pictures: Pictures
    texts: Texts

    def __init__(
        self,
        settings: Settings,
        shelf: Shelf,
        store: JobStore,
        clocks: Clocks,
        **options: Any,  # noqa: ANN401 - discord.py's own
    ) -> None:
        trace = options.setdefault("http_trace", aiohttp.TraceConfig())
        if settings.shard_ids:
            options["shard_ids"] = list(settings.shard_ids)
        super().__init__(**OPTIONS, shard_count=settings.shard_count, **options)
        self.pace = Pace(clocks.steady)
        trace.on_request_end.append(note_refusal)
        self.pace.set_up(self.http, trace)
        self.settings = settings
        self.shelf = shelf
        self.store = store
        self.rush = Rush()
        self.handing = Handing()
        self.messenger = Messenger(self, clocks.early, store.by_message)
        self.speech = Speech(self, clocks.steady)
        self.whose = Whose(store.known.is_ours)
        self.permissions = Permissions(self, settings.guild_ids)
        self.publisher = Publisher(self, store, settings, self.permissions.forget_names)
        self.reports = Reports(self, store.house, self.publisher, self.permissions, clocks.now)
        self.mentions = Mentions(store, settings.guild_ids, clocks.steady)
        self.owners = Owners(self, settings, clocks.steady)
        self.observer: Observer = NOBODY
        self.clocks = clocks
        self.now = clocks.now
        self._guard_events()

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        """Those that are offered now."""
        return self.shelf.endpoints

    def _guard_events(self) -> None:
        """Let an event that discord.py cannot read cost itself alone: it would end the client."""
        parsers = self._connection.parsers
        for name in parsers.keys() - {"READY", "RESUMED"}:
            parsers[name] = self._guarded(name, parsers[name])

    def _guarded(self, name: str, parse: Callable[[Any], None]) -> Callable[[Any], None]:
        def guarded(event: Any) -> None:  # noqa: ANN401 - whatever came over the gateway
            try:
                if is_unheard(name, event) or (name == REACTION and self._is_anothers(event)):
                    return
                check_event(name, event)
                parse(event)
            except Exception:
                log.exception("an event that cannot be read is left out: %s", name)

        return guarded

    def _is_anothers(self, reaction: Any) -> bool:  # noqa: ANN401 - the same
        return self.user is not None and self.whose.is_anothers(reaction, self.user.id)

    async def setup_hook(self) -> None:
        """Load the cogs; a broken one stops the start."""
        for name in COGS:
            await import_module(name).setup(self)
        self.shelf.follow(self._publish_anew)

    def _publish_anew(self) -> None:
        """Have other commands published once all processes serve them, and their rules learned."""
        self.permissions.forget_names()
        if self.settings.is_publisher:
            self.loop.call_later(KNOWN_S, self.publisher.wake)

    def dispatch(self, event_name: str, /, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - discord.py's
        """Tell whoever listens; of a command nobody does, as the tree has it, and a burst is many."""
        is_interaction = event_name == "interaction"
        if is_interaction and args[0].type is discord.InteractionType.application_command:
            return
        super().dispatch(event_name, *args, **kwargs)

    def offer(self, command: AnyCommand) -> None:
        """Have it published: to the servers that are served, or everywhere."""
        guilds = [discord.Object(guild_id) for guild_id in self.settings.guild_ids]
        self.tree.add_command(command, guilds=guilds or discord.utils.MISSING)

    def withdraw(self, command: AnyCommand) -> None:
        """Have it published no longer."""
        kind = discord.AppCommandType.chat_input
        if isinstance(command, app_commands.ContextMenu):
            kind = command.type
        for guild in self._homes:
            self.tree.remove_command(command.name, guild=guild, type=kind)

    def offered_commands(self) -> list[AnyCommand]:
        """Those of endpoints, as they are published."""
        found = self.tree.get_commands(guild=self._homes[0], type=discord.AppCommandType.chat_input)
        return [each for each in found if each.name not in NAMES]

    @property
    def _homes(self) -> list[discord.Object | None]:
        """Where the commands are: in these servers, or everywhere."""
        return [
            None if each is None else discord.Object(each)
            for each in scopes_of(self.settings.guild_ids)
        ]

    async def on_shard_connect(self, shard_id: int) -> None:
        """Ask anew for the rules of this shard's servers: nobody told us of changes meanwhile."""
        self.permissions.forget([g.id for g in self.guilds if g.shard_id == shard_id])

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Ask for a new server's rules, and for its commands."""
        self.permissions.forget([guild.id])
        if self.settings.is_publisher:
            self.publisher.joined(guild.id)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Forget a server's rules."""
        self.permissions.drop(guild.id)

    async def on_raw_app_command_permissions_update(
        self, event: discord.RawAppCommandPermissionsUpdateEvent
    ) -> None:
        """Ask anew for rules that have changed."""
        self.permissions.changed(event)

    async def on_message(self, message: discord.Message, /) -> None:
        """Nothing: there are no commands with a prefix."""


def point_discord(settings: Settings) -> None:
    """Send discord.py to the addresses of the settings; for the whole process."""
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # it never speaks
    # discord.py has no setting for these; both are read whenever they are used.
    if settings.discord_api_url:
        discord.http.Route.BASE = settings.discord_api_url
    if settings.discord_gateway_url:
        gateway = yarl.URL(settings.discord_gateway_url)
        discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = gateway
