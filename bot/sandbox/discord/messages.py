"""Messages, as they are and as they were, and how Discord writes them down."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.sandbox.discord.contents import shown_by, text_of, written_components, written_embeds
from bot.sandbox.discord.files import Attachment
from bot.sandbox.discord.forms.layouts import IS_COMPONENTS_V2
from bot.sandbox.discord.people import User
from bot.sandbox.discord.places import Channel
from bot.sandbox.discord.rules import Before

Json = Any
# https://docs.discord.com/developers/resources/message#message-object-message-types
DEFAULT, REPLY, SLASH_ANSWER, MENU_ANSWER = 0, 19, 20, 23
CHAT_INPUT = 1  # a type of command
MAX_REACTIONS = 20  # kinds of them on one message
# https://docs.discord.com/developers/resources/message#message-object-message-flags
CROSSPOSTED, SUPPRESS_EMBEDS, HAS_THREAD = 1 << 0, 1 << 2, 1 << 5
EPHEMERAL, LOADING = 1 << 6, 1 << 7
SUPPRESS_NOTIFICATIONS, HAS_SNAPSHOT = 1 << 12, 1 << 14
SENT = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS  # which a bot may set, and take back


@dataclass(frozen=True)
class Revision:
    """How a message looked from a moment on."""

    at: datetime
    content: str
    embeds: tuple[Json, ...]
    attachments: tuple[Attachment, ...]
    components: tuple[Json, ...]


@dataclass(eq=False)
class Message:
    """A message as it is now, and as it was."""

    id: int
    channel: Channel
    author: User
    at: datetime
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    reactions: dict[str, list[int]] = field(default_factory=dict)
    answered: "Message | None" = None
    forwarded: "Message | None" = None  # as it was then
    thread: Channel | None = None  # that was started of it
    pings_author: bool = False  # of the message that it answers
    nonce: str | None = None
    flags: int = 0
    edited_at: datetime | None = None
    metadata: Json = None
    application_id: int | None = None  # whose interaction it answers
    webhook_id: int | None = None
    is_deleted: bool = False
    revisions: list[Revision] = field(default_factory=list)
    mentioned: list[User] = field(default_factory=list)
    mentioned_roles: list[int] = field(default_factory=list)
    mentions_everyone: bool = False

    @property
    def reply_to(self) -> int | None:
        """The id of the message that it answers."""
        return self.answered.id if self.answered else None

    @property
    def is_ephemeral(self) -> bool:
        """Whether one member alone sees it."""
        return bool(self.flags & EPHEMERAL)

    @property
    def seen_by(self) -> int | None:
        """The one member who sees it, by their id; None where everybody does."""
        return int(self.metadata["user"]["id"]) if self.is_ephemeral else None

    @property
    def is_by_member(self) -> bool:
        """Whether a member wrote it, or the bot: no webhook of a server's own."""
        return self.webhook_id is None or self.webhook_id == self.application_id

    @property
    def type(self) -> int:
        """What it is: an answer to a command or to a context menu, a reply, or none of these."""
        kind = (self.metadata or {}).get("command_type")
        if kind:
            return SLASH_ANSWER if kind == CHAT_INPUT else MENU_ANSWER
        return REPLY if self.answered else DEFAULT

    def files_beside(self) -> list[Attachment]:
        """Its files, without those that its embeds show; none, where it is made of components."""
        if self.flags & IS_COMPONENTS_V2:
            return []
        shown = shown_by(self.embeds, self.attachments)
        return [each for each in self.attachments if each not in shown]

    def embeds_shown(self) -> list[Json]:
        """Its embeds with the addresses of its files, unless they are suppressed."""
        if self.flags & SUPPRESS_EMBEDS:
            return []
        return written_embeds(self.embeds, self.attachments)

    def components_shown(self) -> list[Json]:
        """Its components with the addresses of its files."""
        return written_components(self.components, self.attachments)

    @property
    def text(self) -> str:
        """All that it says, in its components, too."""
        return text_of(self.content, self.components)

    def is_hidden_from(self, bot: User) -> bool:
        """Whether the bot may not read it without the message content intent."""
        is_direct = self.channel.guild_id is None
        return not (self.author is bot or is_direct or bot in self.mentioned)

    def before(self) -> Before:
        """What an edit finds."""
        names = {each.id: each.filename for each in self.attachments}
        return Before(names, self.flags, {"content": self.content, "embeds": self.embeds})

    def keep(self, at: datetime) -> None:
        """Remember how it looks now."""
        self.revisions.append(
            Revision(
                at=at,
                content=self.content,
                embeds=tuple(self.embeds),
                attachments=tuple(self.attachments),
                components=tuple(self.components),
            )
        )

    def payload(self, *, reader: User | None = None, is_target: bool = False) -> Json:
        """A message object, with the one that it answers.

        Where a bot is the `reader`, what needs the message content intent is left out: of a menu's
        target only what it answers.
        """
        found = self.alone(None if is_target else reader)
        if self.answered:
            is_there = not self.answered.is_deleted
            found["referenced_message"] = self.answered.alone(reader) if is_there else None
        return found

    def reference(self, kind: int = 0) -> Json:
        """How a reply names it, or (1) a forward."""
        found = {"type": kind, "message_id": str(self.id), "channel_id": str(self.channel.id)}
        guild_id = self.channel.guild_id
        return {**found, "guild_id": str(guild_id)} if guild_id else found

    def alone(self, reader: User | None) -> Json:
        """The same without the message that it answers."""
        hidden = reader is not None and self.is_hidden_from(reader)
        found: Json = {
            "id": str(self.id),
            "channel_id": str(self.channel.id),
            "author": self.author.payload(),
            "tts": False,
            "mention_everyone": self.mentions_everyone,
            "pinned": False,
            **self.told(hidden=hidden),
        }
        if self.answered:
            found["message_reference"] = self.answered.reference()
        if self.forwarded:
            found["message_reference"] = self.forwarded.reference(1)
            found["message_snapshots"] = [{"message": self.forwarded.told(hidden=hidden)}]
        if self.thread:
            found["thread"] = self.thread.payload(self.author)
        if self.metadata:
            found["interaction_metadata"] = self.metadata
            found["application_id"] = str(self.application_id)
        if self.webhook_id:
            found["webhook_id"] = str(self.webhook_id)
        if self.nonce:
            found["nonce"] = self.nonce
        if self.reactions:
            found["reactions"] = [_reaction(e, ids) for e, ids in self.reactions.items()]
        return found

    def told(self, *, hidden: bool) -> Json:
        """What it says, which is all that a forward tells of it."""
        return {
            "type": self.type,
            "content": "" if hidden else self.content,
            "timestamp": self.at.isoformat(),
            "edited_timestamp": self.edited_at.isoformat() if self.edited_at else None,
            "mentions": [user.payload() for user in self.mentioned],
            "mention_roles": [str(role_id) for role_id in self.mentioned_roles],
            "attachments": [] if hidden else [a.payload() for a in self.files_beside()],
            "embeds": [] if hidden else self.embeds_shown(),
            "components": [] if hidden else self.components_shown(),
            "flags": self.flags,
        }


def _reaction(emoji: str, ids: list[int]) -> Json:
    return {
        "count": len(ids),
        "count_details": {"burst": 0, "normal": len(ids)},
        "me": False,
        "me_burst": False,
        "emoji": {"id": None, "name": emoji},
        "burst_colors": [],
    }
