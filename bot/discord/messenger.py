"""Everything the bot does to messages: first reply, edits, delivery, reactions.

An interaction's token is used while it lasts, the bot's own token after that. Ids are kept, never
Message objects: they would edit by the token for ever.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2s
from pathlib import Path
from typing import Any, cast

import aiohttp
import discord

from bot.discord import render
from bot.discord.render import Drawing, draw, footer
from bot.errors import (
    BotError,
    DiscordBusy,
    DiscordError,
    MessageGone,
    NotAllowed,
    Refused,
    TooLarge,
)
from bot.jobs.job import Grant, Job, OriginKind, Posted

log = logging.getLogger(__name__)

EDIT_S = 30.0  # deadline of a request without files
UPLOAD_S = 180.0  # deadline of a request with files
GRANT_MARGIN = timedelta(seconds=60)  # a token so near its end is not used any more

# https://docs.discord.com/developers/topics/opcodes-and-status-codes
_GONE = {10003, 10004, 10008}  # unknown channel, guild, message
_TOKEN_OVER = {10015, 50027}  # unknown webhook, invalid webhook token
_ANSWERED = {10062, 40060}  # unknown interaction, already acknowledged
_TOO_LARGE = 40005
_ARCHIVED = 50083
_EPHEMERAL = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file to attach: where it is, and what it is called in Discord."""

    path: Path
    filename: str


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
        except _Archived:
            if not job.is_terminal:
                raise
            await self._reopen(job)
            return await self._edit(job, drawing, uploads)

    async def _edit(
        self, job: Job, drawing: Drawing, uploads: Sequence[Upload] | None
    ) -> Grant | None:
        message_id = _message_id(job)
        if grant := self._live_grant(job):
            try:
                async with _request(uploads) as files:
                    webhook = self._webhook(grant)
                    await webhook.edit_message(message_id, **_look(drawing), **files)
            except _TokenOver:
                pass
            else:
                return grant
        await self.edit_further(job, message_id, uploads, drawing)
        return None

    async def _reopen(self, job: Job) -> None:
        """Open the thread again: whoever may write there may, unless it is locked."""
        async with _request():
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
        message = self._channel(job).get_partial_message(message_id)
        said: dict[str, Any] = {} if text is None else {"content": text}
        async with _request(uploads) as files:
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
            async with _request():
                await channel.send(
                    nonce=blake2s(once.encode(), digest_size=12).hexdigest(), **message
                )
        except DiscordError as failure:
            log.warning("message %s: not answered: %s", reference, failure)

    async def react(self, job: Job, message_id: int, emoji: str) -> None:
        """Put the bot's reaction under one of the job's messages."""
        async with _request():
            await self._channel(job).get_partial_message(message_id).add_reaction(emoji)

    async def find_reply(self, job: Job) -> int | None:
        """The id of the job's reply where it reached Discord after all, or None.

        NotAllowed where the message that asked was refused though the row is there.
        """
        if grant := self._live_grant(job):
            try:
                async with _request():
                    original = cast("int", "@original")  # Discord's alias for the first response
                    message = await self._webhook(grant).fetch_message(original)
            except _TokenOver:
                return await self._search(job)
            except MessageGone:
                return None
            return None if message.flags.value & _EPHEMERAL else message.id
        return await self._search(job)

    async def _search(self, job: Job) -> int | None:
        # Our own messages come with their embeds; no privileged intent is needed for them.
        since = job.created_at - timedelta(minutes=1)
        async with _request():
            history = self._channel(job).history(after=since, limit=200, oldest_first=True)
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

    async def _send(self, job: Job, reply_to: int | None, **message: Any) -> int:  # noqa: ANN401 - handed to discord.py as it is
        if reply_to is not None:
            message["reference"] = _reference(reply_to, job.origin.channel_id)
        async with _request():
            return (await self._channel(job).send(**message)).id

    def _channel(self, job: Job) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(
            job.origin.channel_id, guild_id=job.origin.guild_id
        )

    def _live_grant(self, job: Job) -> Grant | None:
        grant = job.grant
        return grant if grant and self._now() < grant.expires_at - GRANT_MARGIN else None

    def _webhook(self, grant: Grant) -> discord.Webhook:
        return discord.Webhook.partial(grant.application_id, grant.token, client=self._client)


def _reference(message_id: int, channel_id: int) -> discord.MessageReference:
    return discord.MessageReference(
        message_id=message_id, channel_id=channel_id, fail_if_not_exists=False
    )


def _answer(asked: Asked, sentence: str) -> dict[str, Any]:
    return {"content": sentence, "reference": _reference(asked.message_id, asked.channel_id)}


def _mention(asked: Asked, sentence: str) -> dict[str, Any]:
    who = discord.AllowedMentions(users=[discord.Object(asked.reacted_id or 0)])
    return {"content": f"<@{asked.reacted_id}> {sentence}", "allowed_mentions": who}


async def answer(interaction: discord.Interaction[Any], job: Job) -> Posted:
    """Answer the interaction with the job's reply; what stands there now."""
    drawing = draw(job)
    response = await interaction.response.send_message(
        embed=drawing.embed, view=drawing.view() or discord.utils.MISSING
    )
    if response.message_id is None:
        raise MessageGone(f"job {job.id}: Discord gave no message for its reply")
    return Posted(message_ids=(response.message_id,), shown=drawing.digest)


class _TokenOver(DiscordError):
    """The interaction's token is over; the bot's own is next."""


class _Archived(NotAllowed):
    """The message stands in a thread that is archived."""


@asynccontextmanager
async def _request(uploads: Sequence[Upload] | None = None) -> AsyncIterator[dict[str, Any]]:
    """One request to Discord with a deadline, and its errors as ours; yields the files' part."""
    # A File can be sent once only: each attempt opens its own.
    files = [discord.File(upload.path, upload.filename) for upload in uploads or ()]
    try:
        async with asyncio.timeout(UPLOAD_S if files else EDIT_S):
            yield {} if uploads is None else {"attachments": files}
    except discord.HTTPException as error:
        raise _error_of(error) from error
    except discord.RateLimited as error:
        raise DiscordBusy("Discord: rate limited", retry_after_s=error.retry_after) from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise DiscordBusy(f"Discord: {type(error).__name__}") from error
    finally:
        for file in files:
            file.close()


def _error_of(error: discord.HTTPException) -> DiscordError:
    text = f"Discord: status {error.status}, code {error.code}"
    if error.code in _GONE:
        return MessageGone(text)
    if error.code in _TOKEN_OVER:
        return _TokenOver(text)
    if error.code == _ARCHIVED:
        return _Archived(text)
    if error.status == 413 or error.code == _TOO_LARGE:
        return TooLarge(text)
    if error.status == 429 or error.status >= 500 or error.status == 401:
        return DiscordBusy(text)
    return NotAllowed(text)


def _look(drawing: Drawing | None) -> dict[str, Any]:
    return {} if drawing is None else {"embed": drawing.embed, "view": drawing.view()}


def _message_id(job: Job) -> int:
    if job.message_id is None:
        raise MessageGone(f"job {job.id} has no message")
    return job.message_id


# An answer that Discord did not take; its row is closed uncharged once it is looked into.
_UNANSWERED = (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError)


async def explain(interaction: discord.Interaction[Any], error: BaseException) -> None:
    """Tell the member what went wrong, so that nobody else sees it; the log has the rest."""
    if isinstance(error, discord.HTTPException) and error.code in _ANSWERED:
        log.warning("interaction %s: answered too late or twice", interaction.id)
        return
    reference = f"{interaction.id}"
    if not isinstance(error, Refused):
        log.error("interaction %s: %s", reference, type(error).__name__, exc_info=error)
    if isinstance(error, _UNANSWERED):
        error = DiscordBusy(f"Discord: {type(error).__name__}")
    sentence = render.error(error, reference)
    try:
        if interaction.response.is_done():
            await interaction.followup.send(sentence, ephemeral=True)
        else:
            await interaction.response.send_message(sentence, ephemeral=True)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as failure:
        log.warning("interaction %s: not answered: %s", reference, type(failure).__name__)
