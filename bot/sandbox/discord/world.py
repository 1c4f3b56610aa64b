"""The local Discord: all that is there, and what happens to it. It knows nothing of who serves it."""

import base64
from abc import ABC, abstractmethod
from collections.abc import Sequence
from copy import copy
from typing import Any
from uuid import uuid4

from bot.sandbox.clock import Clock
from bot.sandbox.discord import payloads
from bot.sandbox.discord.cdn import Cdn
from bot.sandbox.discord.client import ClientRefused
from bot.sandbox.discord.contents import kept_components, kept_embeds
from bot.sandbox.discord.files import Attachment, File, Part, sizes
from bot.sandbox.discord.forms.layouts import IS_COMPONENTS_V2
from bot.sandbox.discord.interactions import TYPED, Cause, InteractionHandle
from bot.sandbox.discord.limits import RateLimits
from bot.sandbox.discord.mentions import names_everyone, pings_author, roles_named, users_named
from bot.sandbox.discord.messages import MAX_REACTIONS, SENT, Message
from bot.sandbox.discord.offers import Offers
from bot.sandbox.discord.people import Application, Snowflakes, User
from bot.sandbox.discord.permissions import PERMISSIONS
from bot.sandbox.discord.places import Channel
from bot.sandbox.discord.refusals import Refusal
from bot.sandbox.discord.rules import EMPTY, check_message, kept_files, says_nothing

Json = Any
MIB = 2**20
# https://docs.discord.com/developers/reference#uploading-files, by how far a server is boosted
BOOSTED_LIMITS = {2: 50 * MIB, 3: 100 * MIB}
NITRO_LIMIT = 500 * MIB


class World(Offers, ABC):
    """A Discord with one server, one channel and one bot; whoever serves it sends its events."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        new_id = Snowflakes(clock.now)
        application_id, sam = new_id(), User(new_id(), "Sam")
        bot = User(new_id(), "studio", is_bot=True)
        super().__init__(Application(application_id, bot, sam), new_id)
        self.token = f"{base64.b64encode(str(self.bot_user.id).encode()).decode()}.sandbox.token"
        self.all_messages: dict[int, Message] = {}
        self.interactions: dict[str, InteractionHandle] = {}
        self.late_answers: list[InteractionHandle] = []
        self.cdn = Cdn(clock, new_id, lambda: self.url)
        self.announced_upload_limit_bytes = 20 * MIB
        self.real_upload_limit_bytes = 20 * MIB
        self.deliver_twice = False
        self.limits = RateLimits(clock.now)
        self.developer = sam  # of the application
        self.guild = self.add_guild("Sandbox", sam)
        self.channel = self.add_channel("general")

    # -- by whoever serves it

    @property
    @abstractmethod
    def url(self) -> str:
        """Where files can be fetched."""

    # -- what is there

    @property
    def files(self) -> dict[int, tuple[bytes, str | None]]:
        """All files by their ids, with their types."""
        return self.cdn.files

    def store_file(self, channel_id: int, file: File) -> Attachment:
        """A member's file, as Discord keeps and describes it."""
        return self.cdn.store(channel_id, file)

    def messages(self, channel: Channel | None = None) -> list[Message]:
        """What stands in a channel, oldest first; ephemeral messages left out."""
        place = channel or self.channel
        return [
            message
            for message in self.all_messages.values()
            if message.channel is place and not message.is_deleted and not message.is_ephemeral
        ]

    def upload_limit(self, channel: Channel) -> int:
        """How many bytes a file of the bot may have there."""
        return max(self.real_upload_limit_bytes, self._boosted(channel))

    def announced_limit(self, user: User, channel: Channel) -> int:
        """What an interaction says of it: the most of a server's, a member's and everybody's."""
        own = NITRO_LIMIT if user.has_nitro else 0
        return max(self.announced_upload_limit_bytes, own, self._boosted(channel))

    def _boosted(self, channel: Channel) -> int:
        guild = self.guild_of(channel)
        return BOOSTED_LIMITS.get(guild.premium_tier, 0) if guild else 0

    # -- what happens

    def new_message(
        self, author: User, channel: Channel, body: Json, files: Sequence[Part], *, flags: int = 0
    ) -> Message:
        """A message that nobody has seen yet."""
        message = Message(self.new_id(), channel, author, self.clock.now(), flags=flags)
        self._write(message, body, files)
        return message

    async def publish(self, message: Message, allowed: Json = None) -> None:
        """Let everybody see it; it mentions whom its `allowed_mentions` lets it."""
        is_reply = message.answered is not None and message.metadata is None
        message.pings_author = is_reply and pings_author(allowed)
        self._mention(message, allowed)
        message.payload()  # what cannot be written down is never there
        self.all_messages[message.id] = message
        if message.channel.thread:
            message.channel.thread.message_count += 1
        message.keep(self.clock.now())
        self.news.tell("message", message)
        await self._show_message("MESSAGE_CREATE", message)

    async def edit(
        self, message: Message, body: Json, files: Sequence[Part], *, usual: Json = None
    ) -> None:
        """Change what the body names; files that `attachments` leaves out are gone. Or Refusal.

        It mentions whom its `allowed_mentions` lets it, or (without any) whom the `usual` ones do.
        """
        before = message.before()
        limit = self.upload_limit(message.channel)
        check_message(body, sizes(files), limit_bytes=limit, before=before)
        changed = copy(message)
        kept = kept_files(body, before.files)
        changed.attachments = [each for each in message.attachments if each.id in kept]
        self._write(changed, body, files)
        parts = (changed.attachments, changed.embeds, changed.components)
        if not changed.forwarded and says_nothing(changed.content, *parts):
            raise Refusal(*EMPTY)
        if "content" in body or (changed.flags & IS_COMPONENTS_V2 and "components" in body):
            said = body.get("allowed_mentions")
            self._mention(changed, usual if said is None else said)
        changed.edited_at = self.clock.now()
        changed.payload()  # what cannot be written down changes nothing
        vars(message).update(vars(changed))
        message.keep(changed.edited_at)
        await self.show_change(message)

    async def show_change(self, message: Message) -> None:
        """Tell everybody of what has changed in a message though nobody wrote it."""
        self.news.tell("edit", message)
        await self._show_message("MESSAGE_UPDATE", message)

    async def delete_message(self, message: Message) -> None:
        """Take a message away."""
        message.is_deleted = True
        self.news.tell("delete", message)
        await self._show("MESSAGE_DELETE", payloads.deletion(message), message.channel)

    async def delete_channel(self, channel: Channel) -> None:
        """Take a channel away."""
        channel.is_deleted = True
        await self.dispatch("CHANNEL_DELETE", channel.payload(self.bot_user), channel.guild_id)

    async def reopen(self, channel: Channel) -> None:
        """Let an archived thread be open again."""
        channel.is_archived = False
        await self.dispatch("THREAD_UPDATE", channel.payload(self.bot_user), channel.guild_id)

    async def say(self, message: Message, files: Sequence[File], allowed: Json = None) -> Message:
        """A message that did not come over HTTP, with its files."""
        message.attachments = [self.store_file(message.channel.id, file) for file in files]
        await self.publish(message, allowed)
        return message

    async def set_reaction(
        self, user: User, message: Message, emoji: str, *, is_there: bool
    ) -> None:
        """Put a reaction there, or take it away."""
        if message.is_ephemeral:
            raise ClientRefused("ephemeral messages take no reactions")
        if is_there and emoji not in message.reactions and len(message.reactions) >= MAX_REACTIONS:
            raise ClientRefused(f"a message takes {MAX_REACTIONS} kinds of reactions")
        ids = message.reactions.get(emoji, [])
        if is_there == (user.id in ids):
            return  # nothing changes, and nobody is told
        changed = [*ids, user.id] if is_there else [each for each in ids if each != user.id]
        message.reactions[emoji] = changed
        if not changed:
            del message.reactions[emoji]
        self.news.tell("reaction", message)
        data = payloads.reaction_event(
            user, message, emoji, self.guild_of(message.channel), is_there=is_there
        )
        name = "MESSAGE_REACTION_ADD" if is_there else "MESSAGE_REACTION_REMOVE"
        await self._show(name, data, message.channel)

    async def interact(
        self, user: User, channel: Channel, data: Json, cause: Cause = TYPED
    ) -> InteractionHandle:
        """A command, a press or a modal's answer, on its way to the bot."""
        handle = InteractionHandle(
            clock=self.clock,
            news=self.news,
            id=self.new_id(),
            token=f"interaction-{uuid4().hex}",
            member=user,
            channel=channel,
            created_at=self.clock.now(),
            kind=cause.kind,
            metadata=None,
            cause=cause,
        )
        handle.metadata = payloads.metadata(handle, data)
        self.interactions[handle.token] = handle
        self.news.tell("interaction", handle)
        payload = payloads.interaction(handle, data, self.announced_limit(user, channel), self)
        await self._send("INTERACTION_CREATE", payload, channel)
        return handle

    def answered(self, handle: InteractionHandle) -> None:
        """Tell everybody that an interaction got its first response."""
        self.news.tell("interaction", handle)

    def _mention(self, message: Message, allowed: Json) -> None:
        ids = users_named(message.text, allowed)
        message.mentioned = [self.users[i] for i in ids if i in self.users]
        author = message.answered.author if message.answered else None
        if author and message.pings_author and author not in message.mentioned:
            message.mentioned.append(author)
        guild = self.guild_of(message.channel)
        may = self.permissions_of(message.author, message.channel) & PERMISSIONS["mention_everyone"]
        message.mentions_everyone = bool(may) and names_everyone(message.text, allowed)
        known = {role.id for role in guild.roles} if guild else set()
        roles = roles_named(message.text, allowed)
        message.mentioned_roles = [role_id for role_id in roles if role_id in known]

    async def _show_message(self, name: str, message: Message) -> None:
        guild = None if message.is_ephemeral else self.guild_of(message.channel)
        data = payloads.message_event(message, self.bot_user, guild)
        await self._show(name, data, message.channel)

    async def _show(self, name: str, data: Json, channel: Channel) -> None:
        if not self.lacks(channel, "view_channel"):
            await self._send(name, data, channel)

    async def _send(self, name: str, data: Json, channel: Channel) -> None:
        is_asked = name == "INTERACTION_CREATE"
        if channel.guild_id and not is_asked and not self.knows_guild(channel.guild_id):
            return  # nobody tells a bot of a server that it has left
        # What one member alone sees is sent as if it were in no server, its interaction is not.
        is_hidden = name.startswith("MESSAGE_") and "guild_id" not in data
        for _time in range(2 if self.deliver_twice else 1):
            await self.dispatch(name, data, None if is_hidden else channel.guild_id)
        self.news.changes.tell()

    def _write(self, message: Message, body: Json, files: Sequence[Part]) -> None:
        """Let a message hold what the body names, and the files beside those that it has."""
        message.attachments = message.attachments + self._stored(message, body, files)
        if "content" in body:
            message.content = body["content"] or ""
        if "embeds" in body:
            message.embeds = kept_embeds(body["embeds"])
        if "components" in body:
            message.components = kept_components(body["components"])
        if (flags := body.get("flags")) is not None:
            message.flags = message.flags & ~SENT | flags & (SENT | IS_COMPONENTS_V2)

    def _stored(self, message: Message, body: Json, files: Sequence[Part]) -> list[Attachment]:
        # `files[0]` is described by the entry of `attachments` whose id is 0.
        told = {f"files[{each['id']}]": each for each in body.get("attachments") or []}
        return [self._uploaded(message, part, told.get(part.name) or {}) for part in files]

    def _uploaded(self, message: Message, part: Part, told: Json) -> Attachment:
        file = File(part.filename, part.data, is_spoiler=bool(told.get("is_spoiler")))
        hidden = message.is_ephemeral
        return self.cdn.store(message.channel.id, file, told, is_ephemeral=hidden)
