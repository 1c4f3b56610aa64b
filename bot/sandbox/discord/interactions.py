"""Interactions: what members asked of the bot, and what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.sandbox.clock import Clock
from bot.sandbox.discord.messages import Message
from bot.sandbox.discord.places import Channel, User
from bot.sandbox.waiting import News

Json = Any
COMMAND, COMPONENT, MODAL_SUBMIT = 2, 3, 5  # kinds
ANSWER_WITHIN = timedelta(seconds=3)


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
        return self.clock.now() - self.created_at > ANSWER_WITHIN

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
        await self.news.changes.until(lambda: self.response is not None, within_s=within_s)
        return self
