"""Interactions: what members asked of the bot, and what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.sandbox.clock import Clock
from bot.sandbox.discord.messages import Message
from bot.sandbox.discord.people import User
from bot.sandbox.discord.places import Channel
from bot.sandbox.waiting import News

Json = Any
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5  # kinds
# Types of callback: a message, “thinking”, nothing yet or a change of the source, suggestions, a form.
MESSAGE, DEFERRED, UPDATE_LATER, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
ANSWER_WITHIN = timedelta(seconds=3)


@dataclass(frozen=True)
class Cause:
    """What an interaction came of, beside a command that was typed."""

    source: Message | None = None  # whose component was used
    target: Message | None = None  # of a context menu
    after: "InteractionHandle | None" = None  # which a modal answered
    owners: Json = None  # who has the application there, where a command was used
    focused: int | None = None  # the type of the option that is being typed

    @property
    def kind(self) -> int:
        """The interaction's."""
        if self.focused is not None:
            return AUTOCOMPLETE
        return MODAL_SUBMIT if self.after else COMPONENT if self.source else COMMAND


TYPED = Cause()  # nothing else


@dataclass(eq=False)
class InteractionHandle:
    """One interaction, as the member sees what becomes of it."""

    clock: Clock
    news: News[object]
    id: int
    token: str
    member: User
    channel: Channel
    created_at: datetime
    kind: int
    metadata: Json
    cause: Cause = TYPED
    response: int | None = None  # the type of its callback
    followups: int = 0
    message: Message | None = None
    modal: Json = None
    choices: Json = None  # what was suggested

    @property
    def expires_at(self) -> datetime:
        """When its token ends."""
        return self.created_at + timedelta(minutes=15)

    @property
    def is_late(self) -> bool:
        """Whether an answer would come too late now."""
        return self.clock.now() - self.created_at > ANSWER_WITHIN

    @property
    def failed(self) -> bool:
        """Whether the member reads “The application did not respond”."""
        return self.response is None and self.is_late

    @property
    def source(self) -> Message | None:
        """The message whose component was used."""
        return self.cause.source

    @property
    def owners(self) -> Json:
        """Who has the application there: its message says so of a component."""
        source = self.source.metadata if self.source else None
        found = (self.cause.after or self).cause.owners if self.kind != COMPONENT else None
        if found is None and source:
            found = source["authorizing_integration_owners"]
        return found or {"0": str(self.channel.guild_id or 0)}

    @property
    def is_of_user_alone(self) -> bool:
        """Whether nobody but the member has the application there."""
        return set(self.owners) == {"1"}

    @property
    def focused(self) -> int:
        """The type of the option that is being typed."""
        return self.cause.focused or 0

    @property
    def answers(self) -> tuple[int, ...]:
        """The types of callback that it takes."""
        if self.kind == AUTOCOMPLETE:
            return (CHOICES,)
        changes = (UPDATE_LATER, UPDATE) if self.source else ()
        return (MESSAGE, DEFERRED, *changes, *((MODAL,) if self.kind != MODAL_SUBMIT else ()))

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
        await self.news.changes.until(lambda: self.response is not None, within_s=within_s)
        return self
