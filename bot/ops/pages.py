"""The server at METRICS_PORT: /metrics for Prometheus, /healthz for whoever restarts the bot."""

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from bot.errors import SetupError
from bot.ops.metrics import Metrics
from bot.ops.vitals import Vitals
from bot.settings import Address

log = logging.getLogger(__name__)

STOP_S = 1.0  # for an answer that is under way
# https://prometheus.io/docs/instrumenting/exposition_formats/#basic-info
TEXT = "text/plain; version=0.0.4; charset=utf-8"


@asynccontextmanager
async def served(address: Address, metrics: Metrics, vitals: Vitals) -> AsyncIterator[int]:
    """The server, while the block runs; its port. SetupError where that cannot be had."""
    app = web.Application()
    pages = _Pages(metrics, vitals)
    app.router.add_get("/metrics", pages.metrics)
    app.router.add_get("/healthz", pages.healthz)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_S)
    await runner.setup()
    try:
        yield await _begun(runner, address)
    finally:
        await runner.cleanup()


class _Pages:
    def __init__(self, metrics: Metrics, vitals: Vitals) -> None:
        self._metrics = metrics
        self._vitals = vitals

    async def metrics(self, _request: web.Request) -> web.Response:
        body = self._metrics.text(await self._vitals.read())
        return web.Response(body=body, headers={"Content-Type": TEXT})

    async def healthz(self, _request: web.Request) -> web.Response:
        faults = await self._vitals.faults()
        status = 503 if any(faults.values()) else 200
        told = faults | self._vitals.notes()
        return web.json_response({name: text or "ok" for name, text in told.items()}, status=status)


async def _begun(runner: web.AppRunner, address: Address) -> int:
    site = web.TCPSite(runner, address.host, address.port)
    try:
        await site.start()
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise SetupError(
            f"METRICS_PORT={address.port}: cannot be listened to on {address.host} ({why})."
        ) from error
    host, port, *_ = runner.addresses[0]
    log.info("metrics and health at %s port %d", host, port)
    return int(port)
