"""Everything the bot does to messages: first reply, edits, delivery, reactions.

An interaction's token is used while it lasts, the bot's own token after that. Ids are kept, never
Message objects: they would edit by the token for ever.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2s
from typing import Any

import discord

from bot.discord import render
from bot.discord.alone import Alone
from bot.discord.lost import reply_in
from bot.discord.origins import message_key, reaction_key
from bot.discord.render import sentence_to
from bot.discord.reply import NOBODY, Drawing, draw, look
from bot.discord.requests import (
    Archived,
    TokenOver,
    Upload,
    channel_of,
    note,
    request,
    webhook_of,
)
from bot.discord.signs import Sign, names_a_job, sign_of
from bot.errors import (
    BotError,
    DiscordBusy,
    DiscordError,
    MessageGone,
    StorageError,
)
from bot.jobs.grants import live_grant
from bot.jobs.job import Grant, Job, OriginKind, Posted

log = logging.getLogger(__name__)

EARLIER_RUNS = 20  # of one reaction, within the minutes for which Discord remembers a nonce

EARLIER = timedelta(seconds=10)  # a sentence so much older than a job was said of something else
TOLD_ONCE_IN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A message by which somebody asked for a job, or under which they reacted to ask for it."""

    message_id: int
    channel_id: int
    guild_id: int | None
    reacted_id: int | None = None  # the member who reacted: is mentioned, as a reply is not theirs

    @property
    def key(self) -> str:
        """The origin's key of a job that is asked for so."""
        if self.reacted_id is None:
            return message_key(self.message_id)
        return reaction_key(self.message_id, self.reacted_id)


class Messenger:
    """A job's messages in Discord. Raises DiscordError and its kinds."""

    def __init__(
        self,
        client: discord.Client,
        now: Callable[[], datetime],
        job_of: Callable[[int], Awaitable[Job | None]],
    ) -> None:
        self._client = client
        self._now = now
        self._job_of = job_of
        self.alone = Alone(client, now)

    async def edit(
        self, job: Job, drawing: Drawing, uploads: Sequence[Upload] | None = None
    ) -> Grant | None:
        """Put the drawing, and the files where given, into the job's reply.

        A thread that was archived meanwhile is opened again for a job's end. The job's grant comes
        back, or None once it is over.
        """
        try:
            return await self._edit(job, drawing, uploads)
        except Archived:
            if not job.is_terminal:
                raise
            await self._reopen(job)
            return await self._edit(job, drawing, uploads)

    async def _edit(
        self, job: Job, drawing: Drawing, uploads: Sequence[Upload] | None
    ) -> Grant | None:
        if job.is_by_token:
            return await self.alone.edit(job, drawing, uploads)
        message_id = _message_id(job)
        if grant := live_grant(job, self._now()):
            try:
                async with request(uploads) as files:
                    webhook = webhook_of(self._client, grant)
                    await webhook.edit_message(message_id, **look(drawing), **files)
            except TokenOver:
                pass
            else:
                return grant
        await self.edit_further(job, message_id, uploads, drawing)
        return None

    async def _reopen(self, job: Job) -> None:
        """Open the thread again: whoever may write there may, unless it is locked."""
        async with request():
            await self._client.http.edit_channel(job.origin.channel_id, archived=False)

    async def edit_further(
        self,
        job: Job,
        message_id: int,
        uploads: Sequence[Upload] | None,
        drawing: Drawing | None = None,
        text: str | None = None,
    ) -> None:
        """Put files, and a text where given, into a message of the job: not by its own token."""
        if job.is_by_token:
            await self.alone.fill(job, message_id, uploads, text)
            return
        message = channel_of(self._client, job).get_partial_message(message_id)
        said = look(drawing) if text is None else {"content": text, "allowed_mentions": NOBODY}
        async with request(uploads) as files:
            await message.edit(**said, **files)

    async def reply(self, job: Job) -> Posted:
        """Answer the message that asked with the job's reply; what stands there now.

        AlreadyTold, Contradicted where it has another answer already.
        """
        drawing = draw(job)

        async def send(of: str) -> discord.Message:
            return await self._send(
                job,
                job.origin.reply_to,
                nonce=_nonce(of),
                content=drawing.text,
                view=drawing.view(),
            )

        message = await send(job.origin.key)
        for _run in range(EARLIER_RUNS):
            if not await self._answers_an_earlier_one(message, job):
                break
            message = await send(f"{job.origin.key}:{message.id}")
        return replace(reply_in(message, job), shown=drawing.digest)

    async def _answers_an_earlier_one(self, message: discord.Message, job: Job) -> bool:
        """Whether the member has reacted before, and the message answers that."""
        sign = sign_of(message, job)
        if job.origin.kind is not OriginKind.REACTION:
            return False  # a message asks once
        if sign is Sign.ANOTHERS:
            return await self._has_ended(message)
        return sign is Sign.NO_REPLY and message.created_at < job.created_at - EARLIER

    async def _has_ended(self, message: discord.Message) -> bool:
        """Whether the message is the reply of a job in this table that has ended."""
        try:
            found = await self._job_of(message.id)
        except StorageError as error:
            raise DiscordBusy(f"whose reply {message.id} is cannot be seen now") from error
        return found is not None and found.is_terminal

    async def withdraw(self, job: Job, message_id: int | None = None) -> None:
        """Take the job's reply away, or another of its messages; MessageGone where somebody else has."""
        which = message_id or _message_id(job)
        try:
            await self._withdraw(job, which)
        except Archived:
            await self._reopen(job)
            await self._withdraw(job, which)

    async def _withdraw(self, job: Job, message_id: int) -> None:
        if job.is_by_token:
            await self.alone.withdraw(job, message_id)
            return
        grant = live_grant(job, self._now())
        if grant and message_id == job.message_id:  # its token knows no other
            with suppress(TokenOver):
                async with request():
                    await webhook_of(self._client, grant).delete_message(message_id)
                return
        async with request():
            await channel_of(self._client, job).get_partial_message(message_id).delete()

    async def further(self, job: Job, number: int, text: str) -> int:
        """Send the line of text that will hold the files of a further message; its id."""
        if job.is_by_token:
            return await self.alone.further(job, text)
        nonce = f"f{number}-{job.id[:18]}"
        return (await self._send(job, job.message_id, nonce=nonce, content=text)).id

    async def notify(self, job: Job, text: str) -> int:
        """Mention who asked in a short reply to the job's reply; its id."""
        who = discord.AllowedMentions(users=[discord.Object(job.origin.user_id)])
        said = {"nonce": f"n{job.id[:20]}", "content": text, "allowed_mentions": who}
        return (await self._send(job, job.message_id, **said)).id

    async def refuse(
        self,
        asked: Asked,
        error: BotError,
        view: discord.ui.View | None = None,
        *,
        is_said: bool = True,
    ) -> DiscordError | None:
        """Say in the channel what went wrong, and show what leads on; what Discord has against it.

        Once, though several processes were asked. What nobody foresaw is in the log, said or not.
        """
        reference = f"{asked.message_id}"
        note(f"message {reference}", error)
        if not is_said:
            return None
        try:
            await self._told_once(asked, render.error(error, reference), view)
        except DiscordError as failure:
            log.warning("message %s: not answered: %s", reference, failure)
            return failure
        return None

    async def _told_once(self, asked: Asked, sentence: str, view: discord.ui.View | None) -> None:
        """Say it where nothing else answers the event; of another process, its answer stands."""
        channel = self._client.get_partial_messageable(asked.channel_id, guild_id=asked.guild_id)

        async def send(of: str) -> discord.Message:
            async with request():
                said = _said(asked, sentence) | ({"view": view} if view else {})
                return await channel.send(nonce=_nonce(of), **said)

        now = self._now()
        message = await send(asked.key)
        if asked.reacted_id is None:
            return  # a message asks once
        is_old = message.created_at < now - TOLD_ONCE_IN
        if is_old or (names_a_job(message) and await self._has_ended(message)):
            await send(f"{asked.key}:{int(now.timestamp()) // 60}")

    async def react(self, job: Job, message_id: int, emoji: str) -> None:
        """Put the bot's reaction under one of the job's messages."""
        async with request():
            await channel_of(self._client, job).get_partial_message(message_id).add_reaction(emoji)

    async def _send(self, job: Job, reply_to: int | None, **message: Any) -> discord.Message:  # noqa: ANN401 - handed to discord.py as it is
        if reply_to is not None:
            message["reference"] = _reference(reply_to, job.origin.channel_id)
        async with request():
            return await channel_of(self._client, job).send(**message)


def _reference(message_id: int, channel_id: int) -> discord.MessageReference:
    return discord.MessageReference(
        message_id=message_id, channel_id=channel_id, fail_if_not_exists=False
    )


def _said(asked: Asked, sentence: str) -> dict[str, Any]:
    said = {"content": sentence, "reference": _reference(asked.message_id, asked.channel_id)}
    if asked.reacted_id is None:
        return said
    who = discord.AllowedMentions(users=[discord.Object(asked.reacted_id)])
    return {**said, "content": sentence_to(asked.reacted_id, sentence), "allowed_mentions": who}


def _nonce(of: str) -> str:
    """What makes Discord give the first message of several that answer the same."""
    # At most 25 characters: https://docs.discord.com/developers/resources/message#create-message
    return blake2s(of.encode(), digest_size=12).hexdigest()


def _message_id(job: Job) -> int:
    if job.message_id is None:
        raise MessageGone(f"job {job.id} has no message")
    return job.message_id
