"""A member at work: what a test, the demo and the page can make people do."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from PIL import Image

from bot.sandbox.world import Attachment, Channel, Message, User

if TYPE_CHECKING:
    from bot.sandbox.server import DiscordSandbox

Json = Any
ANSWER_WITHIN = timedelta(seconds=3)
_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp", ".heic": "image/heic",
          ".gif": "image/gif", ".txt": "text/plain", ".mp4": "video/mp4"}  # fmt: skip


class ClientRefused(ValueError):
    """What Discord's own client would not send."""


@dataclass(frozen=True)
class File:
    """A file that a member sends."""

    name: str
    data: bytes
    content_type: str | None = None

    @property
    def kind(self) -> str:
        """Its type, as Discord tells it by the name."""
        ending = "." + self.name.rpartition(".")[2].lower()
        return self.content_type or _TYPES.get(ending, "application/octet-stream")

    @property
    def size_px(self) -> tuple[int, int] | None:
        """Width and height of a picture, or None."""
        try:
            with Image.open(io.BytesIO(self.data)) as image:
                return image.size
        except (OSError, ValueError, Image.DecompressionBombError):
            return None


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
        _check_given(leaf, options)
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

    async def post(
        self,
        content: str,
        *,
        files: Sequence[File] = (),
        channel: Channel | None = None,
        reply_to: int | None = None,
    ) -> Message:
        """Send a message."""
        place = channel or self._sandbox.channel
        attachments = [self._sandbox.store_file(place.id, file) for file in files]
        return await self._sandbox.say(self.user, place, content, attachments, reply_to)

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
            _check_file(option, value)
            attachment: Attachment = self._sandbox.store_file(0, value)
            resolved[str(attachment.id)] = attachment.payload()
            return {"name": option["name"], "type": kind, "value": str(attachment.id)}
        _check_value(option, value)
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


def _check_given(leaf: Json, options: dict[str, object]) -> None:
    known = {option["name"]: option for option in leaf.get("options") or []}
    for name in options:
        if name not in known:
            raise ClientRefused(f"there is no option {name}")
    for name, option in known.items():
        if option.get("required") and name not in options:
            raise ClientRefused(f"{name} is required")


def _check_file(option: Json, file: File) -> None:
    kinds = option.get("file_types") or []
    ending = "." + file.name.rpartition(".")[2].lower()
    general = _TYPES.get(ending, "").partition("/")[0]
    if kinds and ending not in kinds and general not in kinds:
        raise ClientRefused(f"{option['name']}: expected a file of {', '.join(kinds)}")


def _check_value(option: Json, value: object) -> None:
    name, kind = option["name"], option["type"]
    wanted = {3: str, 4: int, 5: bool, 10: (int, float)}.get(kind, object)
    if not isinstance(value, wanted) or (kind == 4 and isinstance(value, bool)):  # type: ignore[arg-type]
        raise ClientRefused(f"{name}: {value!r} is of the wrong type")
    if isinstance(value, int | float) and kind in {4, 10}:
        low, high = option.get("min_value"), option.get("max_value")
        if (low is not None and value < low) or (high is not None and value > high):
            raise ClientRefused(f"{name}: {value} is out of range")
    if isinstance(value, str):
        low, high = option.get("min_length") or 0, option.get("max_length") or 6000
        if not low <= len(value) <= high:
            raise ClientRefused(f"{name}: is of the wrong length")
    choices = option.get("choices")
    if choices and value not in [choice["value"] for choice in choices]:
        raise ClientRefused(f"{name}: {value!r} is no choice")
