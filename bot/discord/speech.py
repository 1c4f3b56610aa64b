"""Where the bot may speak, as far as that is known without a try: Discord counts what it refuses.

https://docs.discord.com/developers/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans
"""

import logging
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta

import discord

from bot.errors import DiscordError
from bot.jobs.recent import Recent

log = logging.getLogger(__name__)

REFUSED_FOR = timedelta(minutes=10)  # so long nothing is tried where Discord said no
TOLD_ONCE_IN = timedelta(minutes=1)


class Speech:
    """What is known of the channels, and whom something was told a moment ago."""

    def __init__(self, client: discord.Client, now: Callable[[], datetime]) -> None:
        self._client = client
        self._refused = Recent(now, REFUSED_FOR)
        self._told = Recent(now, TOLD_ONCE_IN)

    def may_speak(self, channel_id: int) -> bool:
        """False where it is known that the bot may not answer in this channel."""
        if self._refused.knows(channel_id):
            return False
        return may_speak_in(self._client.get_channel(channel_id))

    def may_tell(self, member: int, what: Hashable) -> bool:
        """Whether the member is to be told this: once a minute, and from now on not."""
        return self._told.is_new((member, what))

    def note(self, channel_id: int, error: DiscordError) -> None:
        """Discord's answer to a message there."""
        if isinstance(error.__cause__, discord.Forbidden):
            log.info("channel %d: nothing more is said there for a while", channel_id)
            self._refused.note(channel_id)


def may_speak_in(channel: object) -> bool:
    """Whether the bot may send messages; true where that is not known."""
    if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        return True
    try:
        may = channel.permissions_for(channel.guild.me)
    except discord.ClientException:  # a thread whose channel the bot does not see
        return True
    is_thread = isinstance(channel, discord.Thread)
    may_send = may.send_messages_in_threads if is_thread else may.send_messages
    return may.view_channel and may_send
