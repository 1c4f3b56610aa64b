"""The files of messages: where Discord hands them out changes within a day."""

import discord

from bot.discord.requests import channel_of, request
from bot.errors import MessageGone, NotAllowed
from bot.jobs.job import Job, OriginKind
from bot.jobs.request import Input


def files_of(message: discord.Message) -> list[discord.Attachment]:
    """The message's files; of a forward those of what is forwarded, as it has none of its own."""
    forwarded = (file for each in message.message_snapshots for file in each.attachments)
    return message.attachments or list(forwarded)


class Attachments:
    """Asks Discord for fresh addresses. Raises DiscordBusy."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def fresh_url(self, job: Job, wanted: Input) -> str | None:
        """Where the job's picture is now; None where the message is gone, or there was none.

        What came with a command is in no message, and Discord cannot be asked for it.
        """
        message_id = job.origin.reply_to
        if job.origin.kind is not OriginKind.MESSAGE or message_id is None:
            return None
        try:
            async with request():
                message = await channel_of(self._client, job).fetch_message(message_id)
        except (MessageGone, NotAllowed):
            return None
        path = wanted.url.partition("?")[0]
        urls = (each.url for each in files_of(message) if each.url.partition("?")[0] == path)
        return next(urls, None)
