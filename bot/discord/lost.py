"""Finding a reply whose handler was cut off before its id was noted."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import cast

import discord

from bot.discord.render import footer
from bot.discord.requests import TokenOver, channel_of, live_grant, request, webhook_of
from bot.errors import MessageGone, NotAllowed
from bot.jobs.job import Job, OriginKind

_EPHEMERAL = (
    64  # https://docs.discord.com/developers/resources/message#message-object-message-flags
)


class Lost:
    """Looks for replies. Raises DiscordError and its kinds."""

    def __init__(self, client: discord.Client, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now

    async def find(self, job: Job) -> int | None:
        """The id of the job's reply where it reached Discord after all, or None.

        NotAllowed where the message that asked was refused though the row is there.
        """
        if grant := live_grant(job, self._now()):
            try:
                async with request():
                    original = cast("int", "@original")  # Discord's alias for the first response
                    message = await webhook_of(self._client, grant).fetch_message(original)
            except TokenOver:
                return await self._search(job)
            except MessageGone:
                return None
            return None if message.flags.value & _EPHEMERAL else message.id
        return await self._search(job)

    async def _search(self, job: Job) -> int | None:
        # Our own messages come with their embeds; no privileged intent is needed for them.
        since = job.created_at - timedelta(minutes=1)
        async with request():
            history = channel_of(self._client, job).history(
                after=since, limit=200, oldest_first=True
            )
            async for message in history:
                if self._is_reply(job, message):
                    return message.id
                if self._is_refusal(job, message):
                    raise NotAllowed("whoever asked was told that nothing came of it")
        return None

    def _is_reply(self, job: Job, message: discord.Message) -> bool:
        if message.author != self._client.user:
            return False
        asked = message.interaction_metadata
        if asked and asked.id == job.origin.event_id:
            return True
        return any(embed.footer.text == footer(job) for embed in message.embeds)

    def _is_refusal(self, job: Job, message: discord.Message) -> bool:
        """Whether our answer to the message that asked is a sentence, and no job's reply."""
        if message.author != self._client.user or job.origin.kind is not OriginKind.MESSAGE:
            return False
        answered = message.reference.message_id if message.reference else None
        return answered == job.origin.reply_to and not message.embeds
