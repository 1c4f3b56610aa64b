"""Looking at a job's reply in Discord: one whose id was never noted, and one before the job goes on."""

from collections.abc import Callable
from datetime import datetime

import discord

from bot.discord.alone import ORIGINAL
from bot.discord.render import sentence_to
from bot.discord.requests import TokenOver, channel_of, request, webhook_of
from bot.discord.signs import Sign, is_asked_by, sign_of
from bot.errors import AlreadyTold, Contradicted, InDoubt, MessageGone
from bot.jobs.grants import live_grant
from bot.jobs.job import Job, OriginKind, Posted

SEARCHED = 200  # messages
_NOT_ITS_OWN = frozenset({Sign.ANOTHERS, Sign.NO_REPLY})


class Lost:
    """Looks for replies. Raises DiscordError and its kinds."""

    def __init__(self, client: discord.Client, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now

    async def find(self, job: Job) -> Posted | None:
        """The job's reply where it reached Discord after all, or None; one that only its token reaches by that.

        AlreadyTold where the event was refused though the row is there, Contradicted where it was
        answered for another row.
        """
        try:
            return reply_in(await self._by_token(job, ORIGINAL), job)
        except TokenOver:
            return None if job.is_by_token else await self._search(job)
        except MessageGone:
            return None

    async def answers(self, job: Job, event_id: int) -> list[int]:
        """The ids of our messages that answer the interaction, where the job was asked for."""
        async with request():
            history = channel_of(self._client, job).history(
                after=discord.Object(event_id), limit=SEARCHED, oldest_first=True
            )
            return [
                message.id
                async for message in history
                if message.author == self._client.user
                and message.interaction_metadata
                and message.interaction_metadata.id == event_id
            ]

    async def look(self, job: Job) -> Sign:
        """What the job's reply says; its token sees also what is hidden from the bot's own."""
        message_id = job.message_id or 0
        try:
            try:
                message = await self._by_token(job, ORIGINAL if job.is_by_token else message_id)
            except TokenOver:
                if job.is_by_token:
                    return Sign.GONE
                async with request():
                    message = await channel_of(self._client, job).fetch_message(message_id)
        except MessageGone:
            return Sign.GONE
        return sign_of(message, job)

    async def _by_token(self, job: Job, message_id: int) -> discord.Message:
        grant = live_grant(job, self._now())
        if grant is None:
            raise TokenOver(f"job {job.id} has no token any more")
        async with request():
            return await webhook_of(self._client, grant).fetch_message(message_id)

    async def _search(self, job: Job) -> Posted | None:
        # Our own messages come with their embeds; no privileged intent is needed for them.
        # A reaction has no time of its own, and may be to an old message: the newest come first.
        event, is_dated = job.origin.event_id, job.origin.kind is not OriginKind.REACTION
        other: discord.Message | None = None
        async with request():
            history = channel_of(self._client, job).history(
                after=discord.Object(event), limit=SEARCHED, oldest_first=is_dated
            )
            async for message in history:
                if message.author != self._client.user:
                    continue
                if sign_of(message, job) not in _NOT_ITS_OWN:
                    return reply_in(message, job)
                if other is None and _is_answer(message, job):  # its own may still stand there, too
                    other = message
        return reply_in(other, job) if other else None


async def original(client: discord.Client, job: Job) -> Posted:
    """The first response to the interaction that asked for the job: its reply.

    Raises AlreadyTold, Contradicted, and what a request raises.
    """
    if job.grant is None:
        raise MessageGone(f"job {job.id} was asked for by no interaction")
    async with request():
        message = await webhook_of(client, job.grant).fetch_message(ORIGINAL)
    return reply_in(message, job)


def reply_in(message: discord.Message, job: Job) -> Posted:
    """What stands there as the answer to the job's event, where that is its reply.

    Raises AlreadyTold where it is a sentence, Contradicted where it is the reply of another job.
    """
    sign = sign_of(message, job)
    if sign is Sign.NO_REPLY:
        raise AlreadyTold("whoever asked was told that nothing came of it")
    if sign is Sign.ANOTHERS:
        raise Contradicted(f"message {message.id} {sign}")
    return Posted(message_ids=(message.id,), is_hidden=message.flags.ephemeral)


def _is_answer(message: discord.Message, job: Job) -> bool:
    """Whether our message answers the event that asked for the job, though it is not its reply."""
    asked, origin = message.interaction_metadata, job.origin
    if asked and asked.id == origin.event_id:
        return True
    answered = message.reference.message_id if message.reference else None
    if answered is None or answered != origin.reply_to:
        return False
    if origin.kind is OriginKind.MESSAGE:
        return True
    # A result is answered for each who reacts, so that only what is said to this one counts; and a
    # reply only where it is newer than the row: nobody but another bot answers what waits here.
    is_newer = message.created_at > job.created_at and is_asked_by(message, origin.user_id)
    return is_newer or message.content == sentence_to(origin.user_id, InDoubt.user_message)
