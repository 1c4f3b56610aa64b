"""What an interaction's token alone reaches of a job, never the bot's own.

That is what one member alone sees, and all that stands where the bot is not. A press on the reply brings a token of which the reply is the first answer; the messages that came
after it are those of the token that they were sent by.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import cast

import discord

from bot.discord.reply import NOBODY, Drawing, look
from bot.discord.requests import TokenOver, Upload, request, webhook_of
from bot.jobs.grants import live_grant
from bot.jobs.job import Grant, Job

ORIGINAL = cast("int", "@original")  # Discord's alias for the first answer to an interaction


class Alone:
    """A job's messages by tokens; all but its reply are hidden. Raises DiscordError and its kinds; TokenOver where it has none."""

    def __init__(self, client: discord.Client, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now

    async def tell(self, job: Job, drawing: Drawing) -> None:
        """Show it to who used the command or button, and nobody else."""
        await self._send(job, drawing.text, drawing.view())

    async def further(self, job: Job, text: str) -> int:
        """Send the line of text that will hold the files of a further message; its id."""
        return (await self._send(job, text)).id

    async def edit(self, job: Job, drawing: Drawing, uploads: Sequence[Upload] | None) -> Grant:
        """Put the drawing, and the files where given, into the reply; the grant that it was done by."""
        grant = self._grant(job)
        async with request(uploads) as files:
            webhook = webhook_of(self._client, grant)
            await webhook.edit_message(ORIGINAL, **look(drawing), **files)
        return grant

    async def fill(
        self, job: Job, message_id: int, uploads: Sequence[Upload] | None, text: str | None
    ) -> None:
        """Put files, and a text where given, into a further message."""
        webhook = webhook_of(self._client, self._grant(job))
        said = look(None) if text is None else {"content": text, "allowed_mentions": NOBODY}
        async with request(uploads) as files:
            await webhook.edit_message(message_id, **said, **files)

    async def withdraw(self, job: Job, message_id: int) -> None:
        """Take the reply away, or a further message."""
        which = ORIGINAL if message_id == job.message_id else message_id
        async with request():
            await webhook_of(self._client, self._grant(job)).delete_message(which)

    async def _send(
        self, job: Job, text: str, view: discord.ui.View = discord.utils.MISSING
    ) -> discord.WebhookMessage:
        webhook = webhook_of(self._client, self._grant(job))
        async with request():
            return await webhook.send(
                text, view=view, ephemeral=True, wait=True, allowed_mentions=NOBODY
            )

    def _grant(self, job: Job) -> Grant:
        grant = live_grant(job, self._now())
        if grant is None:
            raise TokenOver(f"job {job.id} has no token any more")
        return grant
