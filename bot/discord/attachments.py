"""The files of messages: where Discord hands them out changes within a day."""

import discord

from bot.discord.requests import channel_of, request
from bot.errors import MessageGone, NotAllowed
from bot.jobs.job import Job, OriginKind
from bot.jobs.request import Input


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
        urls = (each.url for each in message.attachments if each.url.partition("?")[0] == path)
        return next(urls, None)
