"""How the bot comes to Discord: with its token, and by the gateway; and why it cannot."""

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import discord

from bot.discord.client import StudioBot
from bot.discord.gateway import TOKEN_REFUSED, closed_for_good
from bot.errors import DiscordBusy, SetupError


class Unreachable(DiscordBusy):
    """Discord cannot be reached when the bot starts."""

    user_message = "Discord cannot be reached: see whether this machine is online, and start again."


async def log_in(bot: StudioBot) -> None:
    """Let Discord take the token; SetupError where it does not, Unreachable."""
    settings = bot.settings
    with _at_discord():
        try:
            await bot.login(settings.discord_token.get_secret_value())
        except (LookupError, TypeError) as error:
            raise aiohttp.ClientPayloadError("an answer that is none of Discord's") from error
        if settings.discord_gateway_url and bot.shard_count is None:
            # discord.py would connect to the URL that comes with the count.
            bot.shard_count, *_ = await bot.http.get_bot_gateway()


async def connect(bot: StudioBot) -> None:
    """Hear what happens until the bot is closed; SetupError where Discord ends it, Unreachable."""
    with _at_discord():
        await bot.connect()


@contextmanager
def _at_discord() -> Iterator[None]:
    try:
        yield
    except discord.LoginFailure as error:
        raise SetupError(TOKEN_REFUSED) from error
    except (discord.ConnectionClosed, discord.PrivilegedIntentsRequired) as error:
        raise SetupError(closed_for_good(error)) from error
    except (
        discord.HTTPException,
        discord.RateLimited,
        discord.GatewayNotFound,
        aiohttp.ClientError,
        OSError,
    ) as error:
        raise Unreachable(f"start: {type(error).__name__}") from error
