"""A member at work: what a test, the demo and the page can make people do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.sandbox.discord.client import (
    SELECT,
    ClientRefused,
    check_file,
    check_given,
    check_selected,
    check_value,
    filled_modal,
)
from bot.sandbox.discord.commands import MESSAGE
from bot.sandbox.discord.files import Attachment, File
from bot.sandbox.discord.messages import Message
from bot.sandbox.discord.places import Channel, User

if TYPE_CHECKING:
    from bot.sandbox.discord.server import DiscordSandbox

Json = Any
MAX_CONTENT, MAX_FILES = 2000, 10
ANSWER_WITHIN = timedelta(seconds=3)


@dataclass(eq=False)
class InteractionHandle:
    """One interaction, as the member sees what becomes of it."""

    sandbox: "DiscordSandbox"
    id: int
    token: str
    member: User
    channel: Channel
    created_at: datetime
    kind: int
    metadata: Json
    source: Message | None = None
    response: int | None = None  # the type of its callback
    message: Message | None = None
    modal: Json = None

    @property
    def expires_at(self) -> datetime:
        """When its token ends."""
        return self.created_at + timedelta(minutes=15)

    @property
    def is_late(self) -> bool:
        """Whether an answer would come too late now."""
        return self.sandbox.clock.now() - self.created_at > ANSWER_WITHIN

    @property
    def failed(self) -> bool:
        """Whether the member reads “The application did not respond”."""
        return self.response is None and self.is_late

    @property
    def message_id(self) -> int | None:
        """The reply's id."""
        return self.message.id if self.message else None

    @property
    def ephemeral(self) -> bool:
        """Whether the member alone sees the reply."""
        return self.message is not None and self.message.is_ephemeral

    async def responded(self, within_s: float = 5.0) -> "InteractionHandle":
        """Itself, once it was answered."""
        await self.sandbox.until(lambda: self.response is not None, within_s=within_s)
        return self


class Member:
    """A person of the sandbox."""

    def __init__(self, sandbox: "DiscordSandbox", user: User) -> None:
        self._sandbox = sandbox
        self.user = user
        self.id = user.id
        self.name = user.name
        self.mention = user.mention

    async def slash(
        self, name: str, /, *, channel: Channel | None = None, **options: object
    ) -> InteractionHandle:
        """Use a command; ClientRefused where Discord's client would not send it."""
        place = channel or self._sandbox.channel
        root, *path = name.split()
        command = self._sandbox.command(root, place.guild_id)
        leaf, wrap = _leaf(command, path)
        resolved: dict[str, Json] = {}
        filled = [
            self._option(option, options[option["name"]], resolved)
            for option in leaf.get("options") or []
            if option["name"] in options
        ]
        check_given(leaf, options)
        data: Json = {"id": command["id"], "name": command["name"], "type": 1}
        data["options"] = wrap(filled)
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        if resolved:
            data["resolved"] = {"attachments": resolved}
        return await self._sandbox.interact(self.user, place, data)

    async def press(self, message: Message, label: str) -> InteractionHandle:
        """Press a button, by its label or custom id."""
        for row in message.components:
            for component in row["components"]:
                if label in {component.get("label"), component.get("custom_id")}:
                    data = {"component_type": 2, "custom_id": component["custom_id"]}
                    return await self._sandbox.interact(
                        self.user, message.channel, data, source=message
                    )
        raise ClientRefused(f"there is no button {label!r}")

    async def choose(self, message: Message, custom_id: str, *values: str) -> InteractionHandle:
        """Choose options of a select."""
        for row in message.components:
            for component in row["components"]:
                if component.get("custom_id") == custom_id and component["type"] == SELECT:
                    check_selected(component, values)
                    data = {
                        "component_type": SELECT,
                        "custom_id": custom_id,
                        "values": list(values),
                    }
                    return await self._sandbox.interact(
                        self.user, message.channel, data, source=message
                    )
        raise ClientRefused(f"there is no select {custom_id!r}")

    async def submit(self, asked: InteractionHandle, **values: Json) -> InteractionHandle:
        """Fill in and send the modal that answered an interaction, by custom ids."""
        if asked.modal is None:
            raise ClientRefused("there is no modal to send")
        modal, asked.modal = asked.modal, None
        data = {"custom_id": modal["custom_id"], "components": filled_modal(modal, values)}
        return await self._sandbox.interact(
            self.user, asked.channel, data, source=asked.source, after=asked
        )

    async def use(self, name: str, message: Message) -> InteractionHandle:
        """Use a command of a message's context menu."""
        command = self._sandbox.command(name, message.channel.guild_id, MESSAGE)
        data = {
            "id": command["id"],
            "name": name,
            "type": MESSAGE,
            "target_id": str(message.id),
            "resolved": {"messages": {str(message.id): message.payload()}},
        }
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        return await self._sandbox.interact(self.user, message.channel, data)

    async def post(
        self,
        content: str,
        *,
        files: Sequence[File] = (),
        channel: Channel | None = None,
        reply_to: int | None = None,
    ) -> Message:
        """Send a message."""
        if not content.strip() and not files:
            raise ClientRefused("an empty message cannot be sent")
        if len(content) > MAX_CONTENT or len(files) > MAX_FILES:
            raise ClientRefused(f"at most {MAX_CONTENT} characters and {MAX_FILES} files")
        place = channel or self._sandbox.channel
        attachments = [self._sandbox.store_file(place.id, file) for file in files]
        return await self._sandbox.say(self.user, place, content, attachments, reply_to)

    async def delete(self, message: Message) -> None:
        """Delete one's own message; an administrator deletes any."""
        if message.author is not self.user and not self.user.is_administrator:
            raise ClientRefused("only its author or an administrator deletes a message")
        await self._sandbox.delete_message(message)

    async def react(self, message: Message, emoji: str) -> None:
        """Put a reaction under a message."""
        await self._sandbox.set_reaction(self.user, message, emoji, is_there=True)

    async def unreact(self, message: Message, emoji: str) -> None:
        """Take it away again."""
        await self._sandbox.set_reaction(self.user, message, emoji, is_there=False)

    def _option(self, option: Json, value: object, resolved: dict[str, Json]) -> Json:
        kind = option["type"]
        if kind == 11:
            if not isinstance(value, File):
                raise ClientRefused(f"{option['name']}: expected a file")
            check_file(option, value)
            attachment: Attachment = self._sandbox.store_file(0, value)
            resolved[str(attachment.id)] = attachment.payload()
            return {"name": option["name"], "type": kind, "value": str(attachment.id)}
        check_value(option, value)
        return {"name": option["name"], "type": kind, "value": value}


def _leaf(command: Json, path: Sequence[str]) -> tuple[Json, Callable[[Json], Json]]:
    if not path:
        return command, lambda filled: filled
    for option in command.get("options") or []:
        if option["name"] == path[0] and option["type"] in {1, 2}:
            leaf, wrap = _leaf(option, path[1:])
            return leaf, _wrapped({"name": option["name"], "type": option["type"]}, wrap)
    raise ClientRefused(f"there is no command {command['name']} {path[0]}")


def _wrapped(head: Json, wrap: Callable[[Json], Json]) -> Callable[[Json], Json]:
    return lambda filled: [{**head, "options": wrap(filled)}]
