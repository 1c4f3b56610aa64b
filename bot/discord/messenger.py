"""Everything the bot does to messages: first reply, edits, delivery, reactions.

An interaction's token is used while it lasts, the bot's own token after that. Ids are kept, never
Message objects: they would edit by the token for ever.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2s
from typing import Any

import discord

from bot.discord import render
from bot.discord.render import Drawing, draw
from bot.discord.requests import (
    Archived,
    TokenOver,
    Upload,
    channel_of,
    live_grant,
    request,
    webhook_of,
)
from bot.errors import (
    BotError,
    DiscordError,
    MessageGone,
    Refused,
)
from bot.jobs.job import Grant, Job, Posted

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A message by which somebody asked for a job, or under which they reacted to ask for it."""

    message_id: int
    channel_id: int
    guild_id: int | None
    reacted_id: int | None = None  # the member who reacted: is mentioned, as a reply is not theirs


class Messenger:
    """A job's messages in Discord. Raises DiscordError and its kinds."""

    def __init__(self, client: discord.Client, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now

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
        message_id = _message_id(job)
        if grant := live_grant(job, self._now()):
            try:
                async with request(uploads) as files:
                    webhook = webhook_of(self._client, grant)
                    await webhook.edit_message(message_id, **_look(drawing), **files)
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
        """Put files, and a text where given, into a message of the job by the bot's own token."""
        message = channel_of(self._client, job).get_partial_message(message_id)
        said: dict[str, Any] = {} if text is None else {"content": text}
        async with request(uploads) as files:
            await message.edit(**_look(drawing), **files, **said)

    async def reply(self, job: Job) -> Posted:
        """Answer the message that asked with the job's reply; what stands there now."""
        drawing = draw(job)
        message_id = await self._send(
            job,
            job.origin.reply_to,
            nonce=f"r{job.id[:20]}",
            embed=drawing.embed,
            view=drawing.view() or discord.utils.MISSING,
        )
        return Posted(message_ids=(message_id,), shown=drawing.digest)

    async def further(self, job: Job, number: int, text: str) -> int:
        """Send the line of text that will hold the files of a further message; its id."""
        return await self._send(job, job.message_id, nonce=f"f{number}-{job.id[:18]}", content=text)

    async def notify(self, job: Job, text: str) -> None:
        """Mention who asked in a short reply to the job's reply."""
        who = discord.AllowedMentions(users=[discord.Object(job.origin.user_id)])
        await self._send(
            job, job.message_id, nonce=f"n{job.id[:20]}", content=text, allowed_mentions=who
        )

    async def refuse(self, asked: Asked, error: BotError, *, is_said: bool = True) -> None:
        """Say in the channel what went wrong; once, though several processes were asked.

        What nobody foresaw is in the log, said or not.
        """
        reference = f"{asked.message_id}"
        if not isinstance(error, Refused):
            log.error("message %s: %s", reference, type(error).__name__, exc_info=error)
        if not is_said:
            return
        sentence = render.error(error, reference)
        channel = self._client.get_partial_messageable(asked.channel_id, guild_id=asked.guild_id)
        message = _mention(asked, sentence) if asked.reacted_id else _answer(asked, sentence)
        # A message asks once, and another process may answer late; a reaction may come again.
        minute = int(self._now().timestamp()) // 60 if asked.reacted_id else 0
        once = f"{asked.message_id}:{asked.reacted_id}:{minute}"
        try:
            async with request():
                await channel.send(
                    nonce=blake2s(once.encode(), digest_size=12).hexdigest(), **message
                )
        except DiscordError as failure:
            log.warning("message %s: not answered: %s", reference, failure)

    async def react(self, job: Job, message_id: int, emoji: str) -> None:
        """Put the bot's reaction under one of the job's messages."""
        async with request():
            await channel_of(self._client, job).get_partial_message(message_id).add_reaction(emoji)

    async def _send(self, job: Job, reply_to: int | None, **message: Any) -> int:  # noqa: ANN401 - handed to discord.py as it is
        if reply_to is not None:
            message["reference"] = _reference(reply_to, job.origin.channel_id)
        async with request():
            return (await channel_of(self._client, job).send(**message)).id


def _reference(message_id: int, channel_id: int) -> discord.MessageReference:
    return discord.MessageReference(
        message_id=message_id, channel_id=channel_id, fail_if_not_exists=False
    )


def _answer(asked: Asked, sentence: str) -> dict[str, Any]:
    return {"content": sentence, "reference": _reference(asked.message_id, asked.channel_id)}


def _mention(asked: Asked, sentence: str) -> dict[str, Any]:
    who = discord.AllowedMentions(users=[discord.Object(asked.reacted_id or 0)])
    return {"content": f"<@{asked.reacted_id}> {sentence}", "allowed_mentions": who}


def _look(drawing: Drawing | None) -> dict[str, Any]:
    return {} if drawing is None else {"embed": drawing.embed, "view": drawing.view()}


def _message_id(job: Job) -> int:
    if job.message_id is None:
        raise MessageGone(f"job {job.id} has no message")
    return job.message_id
