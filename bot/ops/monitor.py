"""What METRICS_PORT asks for; of what that needs nothing is loaded without it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from bot.endpoints.shelf import Shelf
from bot.errors import SetupError
from bot.ops.vitals import Vitals
from bot.settings import Address

if TYPE_CHECKING:
    from bot.ops.metrics import Metrics

log = logging.getLogger(__name__)

LAG_EVERY_S = 0.5


def metrics_of(shelf: Shelf, now: Callable[[], datetime]) -> "Metrics":
    """What counts, from zero, for what is offered; SetupError where its library is not installed."""
    try:
        from bot.ops.metrics import Metrics  # noqa: PLC0415 - only METRICS_PORT needs the extra
    except ModuleNotFoundError as error:
        raise SetupError(
            "METRICS_PORT needs prometheus-client: install it by pip install '.[scale]'."
        ) from error
    metrics = Metrics(_names(shelf), now)
    shelf.follow(lambda: metrics.know(_names(shelf)))
    return metrics


def _names(shelf: Shelf) -> dict[str, str]:
    return {endpoint.id: endpoint.qualified_name for endpoint in shelf.endpoints}


@asynccontextmanager
async def monitored(address: Address, metrics: "Metrics", vitals: Vitals) -> AsyncIterator[int]:
    """The server, while the block runs; its port. SetupError where that cannot be had."""
    from bot.ops.pages import served  # noqa: PLC0415 - only METRICS_PORT needs a server

    lag = asyncio.create_task(_measure_lag(metrics.loop_woke), name="lag")
    try:
        async with served(address, metrics, vitals) as port:
            yield port
    finally:
        lag.cancel()


async def _measure_lag(woke: Callable[[float], None]) -> None:
    loop = asyncio.get_running_loop()
    while True:
        due_s = loop.time() + LAG_EVERY_S
        await asyncio.sleep(LAG_EVERY_S)
        woke(max(0.0, loop.time() - due_s))
