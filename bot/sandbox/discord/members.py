"""A member at work: what a test, the demo and the page can make people do."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any

from bot.sandbox.discord.client import BUTTON, ClientRefused
from bot.sandbox.discord.commands import MESSAGE, USER
from bot.sandbox.discord.contents import kept_modal, walked
from bot.sandbox.discord.files import File
from bot.sandbox.discord.filling import Filled, chosen
from bot.sandbox.discord.forms.components import SELECTS
from bot.sandbox.discord.interactions import Cause, InteractionHandle
from bot.sandbox.discord.messages import HAS_SNAPSHOT, Message
from bot.sandbox.discord.people import USER_INSTALL, User
from bot.sandbox.discord.permissions import Role
from bot.sandbox.discord.places import POSTS_ONLY, WITHOUT_MESSAGES, Channel, Guild
from bot.sandbox.discord.resolving import Resolver
from bot.sandbox.discord.typed import Typed
from bot.sandbox.discord.world import World

Json = Any
MAX_CONTENT, MAX_FILES = 2000, 10


class Member:
    """A person of the sandbox."""

    def __init__(self, world: World, user: User) -> None:
        self._world = world
        self.user = user
        self.id = user.id
        self.name = user.name
        self.mention = user.mention

    def give(self, role: Role, guild: Guild | None = None) -> None:
        """Let them have a role (of the first server)."""
        self._world.give(guild or self._world.guild, self.user, role)

    def take(self, role: Role, guild: Guild | None = None) -> None:
        """Take it from them."""
        self._world.take(guild or self._world.guild, self.user, role)

    def join(self, guild: Guild) -> None:
        """Be a member of one more server."""
        self._world.join(guild, self.user)

    def leave(self, guild: Guild | None = None) -> None:
        """Be a member of it (the first server) no longer."""
        self._world.leave(guild or self._world.guild, self.user)

    def install(self) -> None:
        """Have the application for oneself; ClientRefused where it is not made for that."""
        if USER_INSTALL not in self._world.application.installs:
            raise ClientRefused("the application cannot be installed by people")
        self._world.application.users.add(self.id)

    async def slash(
        self, name: str, /, *, channel: Channel | None = None, **options: object
    ) -> InteractionHandle:
        """Use a command; ClientRefused where Discord's client would not send it."""
        return await self.command(name, options, channel)

    async def command(
        self, name: str, options: Mapping[str, object], channel: Channel | None = None
    ) -> InteractionHandle:
        """The same with options of any names, `channel` among them."""
        place = self._at(channel)
        command, typed = self._typed(name, place)
        data = typed.whole(options)
        return await self._world.interact(self.user, place, data, self._by(command, place))

    async def complete(
        self,
        name: str,
        option: str,
        text: str,
        /,
        *,
        channel: Channel | None = None,
        **others: object,
    ) -> InteractionHandle:
        """Ask for suggestions while an option is typed; they are the handle's `choices` then."""
        return await self.so_far(name, option, {**others, option: text}, channel)

    async def so_far(
        self, name: str, option: str, given: Mapping[str, object], channel: Channel | None = None
    ) -> InteractionHandle:
        """The same with options of any names; the text of the one that is typed is among them."""
        place = self._at(channel)
        command, typed = self._typed(name, place)
        data, kind = typed.so_far(given, option, str(given.get(option, "")))
        cause = replace(self._by(command, place), focused=kind)
        return await self._world.interact(self.user, place, data, cause)

    def _typed(self, name: str, place: Channel) -> tuple[Json, Typed]:
        root, *path = name.split()
        command = self._world.offered(root, self.user, place)
        return command, Typed(command, path, self._resolver(place))

    def _resolver(self, place: Channel) -> Resolver:
        return Resolver(self._world, place, self.user)

    async def press(self, message: Message, label: str) -> InteractionHandle:
        """Press a button, by its label or custom id."""
        self._seen(message)
        buttons = [each for each in walked(message.components) if each["type"] == BUTTON]
        for key in ("custom_id", "label"):
            for each in buttons:
                if each.get(key) == label:
                    return await self._used(message, each, {})
        raise ClientRefused(f"there is no button {label!r}")

    async def choose(self, message: Message, custom_id: str, *values: Json) -> InteractionHandle:
        """Choose options of a select, or people, roles and channels by themselves or their ids."""
        resolver = self._resolver(self._seen(message))
        for each in walked(message.components):
            if each["type"] in SELECTS and each["custom_id"] == custom_id:
                found: Json = {"values": chosen(each, values, resolver)}
                if resolver.found:
                    found["resolved"] = resolver.found
                return await self._used(message, each, found)
        raise ClientRefused(f"there is no select {custom_id!r}")

    async def submit(self, asked: InteractionHandle, /, **values: Json) -> InteractionHandle:
        """Fill in and send the modal that answered an interaction, by custom ids."""
        if asked.modal is None:
            raise ClientRefused("there is no modal to send")
        resolver = self._resolver(asked.channel)
        filled = Filled(kept_modal(asked.modal), values, resolver)
        data: Json = {"custom_id": asked.modal["custom_id"], "components": filled.components}
        if resolver.found:
            data["resolved"] = resolver.found
        asked.modal = None
        cause = Cause(source=asked.source, after=asked)
        return await self._world.interact(self.user, asked.channel, data, cause)

    async def use(self, name: str, message: Message) -> InteractionHandle:
        """Use a command of a message's context menu."""
        self._seen(message)
        seen = message.payload(reader=self._world.bot_user, is_target=True)
        found = {"messages": {str(message.id): seen}}
        data, cause = self._menu(name, message.channel, MESSAGE, found)
        cause = replace(cause, target=message)
        return await self._world.interact(self.user, message.channel, data, cause)

    async def use_on(
        self, name: str, who: "Member", *, channel: Channel | None = None
    ) -> InteractionHandle:
        """Use a command of a person's context menu."""
        place = self._at(channel)
        found = {"users": {str(who.id): who.user.payload()}}
        if guild := self._world.guild_of(place):
            found["members"] = {str(who.id): guild.member_payload(who.user, is_partial=True)}
        data, cause = self._menu(name, place, USER, found)
        return await self._world.interact(self.user, place, data, cause)

    def _by(self, command: Json, place: Channel) -> Cause:
        return Cause(owners=self._world.owners(command, self.user, place))

    def _menu(self, name: str, channel: Channel, kind: int, resolved: Json) -> tuple[Json, Cause]:
        command = self._world.offered(name, self.user, self._at(channel), kind)
        (target_id,) = next(iter(resolved.values()))
        found = {"id": command["id"], "name": name, "type": kind, "target_id": target_id}
        if "guild_id" in command:
            found["guild_id"] = command["guild_id"]
        return {**found, "resolved": resolved}, self._by(command, channel)

    async def _used(self, message: Message, component: Json, more: Json) -> InteractionHandle:
        if component.get("disabled"):
            raise ClientRefused("it is disabled")
        data = {
            "component_type": component["type"],
            "custom_id": component["custom_id"],
            "id": component["id"],
            **more,
        }
        cause = Cause(source=message)
        return await self._world.interact(self.user, message.channel, data, cause)

    async def post(
        self,
        content: str,
        *,
        files: Sequence[File] = (),
        channel: Channel | None = None,
        reply_to: int | None = None,
        ping: bool = True,
    ) -> Message:
        """Send a message; a reply mentions whom it answers, unless the switch “@ on” is off."""
        if not content.strip() and not files:
            raise ClientRefused("an empty message cannot be sent")
        if len(content) > MAX_CONTENT or len(files) > MAX_FILES:
            raise ClientRefused(f"at most {MAX_CONTENT} characters and {MAX_FILES} files")
        place = self._at(channel)
        if place.type in WITHOUT_MESSAGES:
            raise ClientRefused("nothing can be written in this channel")
        message = self._world.new_message(self.user, place, {"content": content}, ())
        message.answered = self._answered(place, reply_to) if reply_to else None
        is_own = message.answered is not None and message.answered.author is self.user
        allowed = {"parse": ["users", "roles"], "replied_user": ping and not is_own}
        return await self._world.say(message, files, allowed)

    async def forward(self, message: Message, channel: Channel | None = None) -> Message:
        """Send a message on, as it is now: with its files, and without a word of one's own."""
        self._at(message.channel)
        if message.is_ephemeral or message.is_deleted:
            raise ClientRefused("there is no such message to send on")
        found = self._world.new_message(self.user, self._at(channel), {}, ())
        found.forwarded = copy(message)
        found.flags |= HAS_SNAPSHOT
        await self._world.publish(found)
        return found

    async def open_post(
        self, forum: Channel, title: str, content: str, *, files: Sequence[File] = ()
    ) -> Message:
        """Begin a post in a forum; its first message has the post's id."""
        if self._at(forum).type not in POSTS_ONLY:
            raise ClientRefused("posts are begun in a forum")
        if not title.strip() or not (content.strip() or files):
            raise ClientRefused("a post has a title and a first message")
        thread = self._world.add_thread(forum, title, self.user)
        message = self._world.new_message(self.user, thread, {"content": content}, ())
        message.id = thread.id
        return await self._world.say(message, files)

    async def delete(self, message: Message) -> None:
        """Delete one's own message; an administrator deletes any."""
        guild = self._world.guild_of(message.channel)
        may = guild is not None and guild.is_administrator(self.user)
        if message.author is not self.user and not may:
            raise ClientRefused("only its author or an administrator deletes a message")
        await self._world.delete_message(message)

    async def react(self, message: Message, emoji: str) -> None:
        """Put a reaction under a message."""
        self._at(message.channel)
        await self._world.set_reaction(self.user, message, emoji, is_there=True)

    async def unreact(self, message: Message, emoji: str) -> None:
        """Take it away again."""
        await self._world.set_reaction(self.user, message, emoji, is_there=False)

    def _at(self, channel: Channel | None) -> Channel:
        place = channel or self._world.channel
        if not self._world.sees(self.user, place):
            raise ClientRefused(f"{self.name} does not see this channel")
        return place

    def _seen(self, message: Message) -> Channel:
        """The channel of a message that is there, where the member sees it."""
        if message.is_ephemeral and message.seen_by != self.user.id:
            raise ClientRefused(f"{self.name} does not see this message")
        return self._at(message.channel)

    def _answered(self, place: Channel, message_id: int) -> Message:
        message = self._world.all_messages.get(message_id)
        if message is None or message.is_deleted or message.channel is not place:
            raise ClientRefused("there is no such message to answer here")
        if message.is_ephemeral:
            raise ClientRefused("a message that one member alone sees takes no replies")
        return message
