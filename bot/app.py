"""Everything wired together: settings in, a running bot out. And the order of start and stop."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import discord
import yarl

from bot.discord.client import StudioBot
from bot.discord.gateway import Gateway
from bot.discord.lost import Lost
from bot.discord.members import Members
from bot.endpoints.catalogue import Endpoint
from bot.errors import DiscordBusy, SetupError, StorageError
from bot.files.archive import Archive
from bot.files.archives import archive_of
from bot.files.folders import fault_of
from bot.files.outside import Home, Outside
from bot.gate import Gate
from bot.jobs.database import why
from bot.jobs.heartbeat import heartbeat_of
from bot.jobs.observer import NOBODY
from bot.jobs.queue import utc_now
from bot.jobs.store import JobStore
from bot.ops.monitor import metrics_of, monitored
from bot.ops.vitals import Vitals
from bot.service import Limits, Service
from bot.settings import Settings
from bot.studio.client import InstantStudio
from bot.studio.pace import Shutter
from bot.work.delivery import Delivery
from bot.work.downloads import Downloads
from bot.work.held import LEASE_S
from bot.work.intake import Intake
from bot.work.presence import Presence
from bot.work.pruning import Pruning
from bot.work.receipts import Receipts
from bot.work.steps import Steps
from bot.work.witness import Witness
from bot.work.worker import Worker


class Unreachable(DiscordBusy):
    """Discord cannot be reached when the bot starts."""

    user_message = "Discord cannot be reached: see whether this machine is online, and start again."


class App:
    """The bot, its worker and its pruning, from start to stop."""

    def __init__(self, bot: StudioBot, worker: Worker, pruning: Pruning) -> None:
        self.bot = bot
        self.worker = worker
        self.pruning = pruning
        self.metrics_port: int | None = None
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """Take nothing new, finish what cannot be interrupted, and let `run` return."""
        self._stopped.set()

    async def run(self) -> None:
        """Serve until `stop`; SetupError where Discord does not take the token, Unreachable."""
        if not await self._is_logged_in():
            return
        tasks = {
            asyncio.create_task(self.worker.run(), name="worker"),
            asyncio.create_task(self.pruning.run(), name="pruning"),
            asyncio.create_task(self._connect(), name="gateway"),
            asyncio.create_task(self.bot.permissions.run(), name="permissions"),
            asyncio.create_task(self._stopped.wait(), name="stop"),
        }
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self.bot.service.close()
            await self.worker.stop()
            await self.bot.service.settled()
            await self.bot.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _is_logged_in(self) -> bool:
        """True once Discord has taken the token; False where it is time to stop before that."""
        login = asyncio.create_task(self._login(), name="login")
        stop = asyncio.create_task(self._stopped.wait(), name="stop")
        try:
            await asyncio.wait({login, stop}, return_when=asyncio.FIRST_COMPLETED)
            if login.done():
                login.result()
            return login.done()
        finally:
            login.cancel()
            stop.cancel()
            await asyncio.gather(login, stop, return_exceptions=True)

    async def _login(self) -> None:
        settings = self.bot.settings
        with _starting():
            await self.bot.login(settings.discord_token.get_secret_value())
            if settings.discord_gateway_url and self.bot.shard_count is None:
                # discord.py would connect to the URL that comes with the count.
                self.bot.shard_count, *_ = await self.bot.http.get_bot_gateway()

    async def _connect(self) -> None:
        with _starting():
            await self.bot.connect()


@contextmanager
def _starting() -> Iterator[None]:
    try:
        yield
    except discord.LoginFailure as error:
        raise SetupError(
            "Discord does not take DISCORD_TOKEN: copy it again from the developer portal."
        ) from error
    except (
        discord.HTTPException,
        discord.RateLimited,
        discord.GatewayNotFound,
        aiohttp.ClientError,
        OSError,
    ) as error:
        raise Unreachable(f"start: {type(error).__name__}") from error


@asynccontextmanager
async def opened(
    settings: Settings,
    endpoints: Sequence[Endpoint],
    *,
    now: Callable[[], datetime] = utc_now,
    lease_s: float = LEASE_S,
    **options: Any,  # noqa: ANN401 - discord.py's own
) -> AsyncIterator[App]:
    """Everything wired, ready to run; closed in the opposite order. SetupError."""
    point_discord(settings)
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # it never speaks
    if fault := fault_of(settings.data_dir):
        raise SetupError(f"DATA_DIR={settings.data_dir}: cannot be written to ({fault}).")
    async with AsyncExitStack() as stack:
        store = await _opened_store(stack, settings.database_url)
        outside = await stack.enter_async_context(Outside.open())
        archive = await archive_of(settings)
        metrics = metrics_of(endpoints, now) if settings.metrics_port else None
        if metrics:
            options["http_trace"] = metrics.discord_trace()
        bot = StudioBot(settings, endpoints, store, now, **options)
        bot.observer = metrics or NOBODY
        worker = Worker(
            store,
            _steps(settings, store, archive, outside, bot),
            now=now,
            heartbeat=heartbeat_of(settings.shard_ids),
            lease_s=lease_s,
        )
        bot.service = _service(bot, worker)
        keep = timedelta(days=settings.keep_days)
        app = App(bot, worker, Pruning(store=store, archive=archive, now=now, keep=keep))
        if metrics and settings.metrics_port:
            server = monitored(settings.metrics_port, metrics, _vitals(app))
            app.metrics_port = await stack.enter_async_context(server)
        stack.push_async_callback(bot.close)
        yield app


async def _opened_store(stack: AsyncExitStack, url: str) -> JobStore:
    try:
        return await stack.enter_async_context(JobStore.open(url))
    except (OSError, StorageError) as error:
        raise SetupError(
            f"The database (DATABASE_URL, or jobs.sqlite3 in DATA_DIR) cannot be opened: {why(error)}."
        ) from error


def _service(bot: StudioBot, worker: Worker) -> Service:
    settings = bot.settings
    return Service(
        bot.store,
        Limits(jobs=settings.jobs_per_member, credits_per_day=settings.credits_per_member_per_day),
        endpoints=bot.endpoints,
        gate=Gate(settings.guild_ids, bot.permissions),
        now=bot.now,
        draw_seed=draw_seed,
        wake=worker.wake,
        observer=bot.observer,
    )


def _vitals(app: App) -> Vitals:
    bot = app.bot
    return Vitals(
        Gateway(bot, bot.now), bot.store, app.worker, now=bot.now, data_dir=bot.settings.data_dir
    )


def draw_seed(low: int, high: int) -> int:
    """A seed at random, from low to high."""
    return random.randint(low, high)


def studio_of(settings: Settings, outside: Outside) -> InstantStudio:
    """The service as the settings name it."""
    return InstantStudio(
        outside,
        url=settings.instant_studio_url,
        key=settings.instant_studio_api_key,
        requests_per_second=settings.studio_requests_per_second,
    )


def _steps(
    settings: Settings,
    store: JobStore,
    archive: Archive,
    outside: Outside,
    bot: StudioBot,
) -> Steps:
    studio, now = studio_of(settings, outside), bot.now
    studio.observer = bot.observer
    studio.pace.shutter = Shutter(now)
    proxy = settings.discord_api_url
    home = Home(url=yarl.URL(proxy)) if proxy else None
    notify_min = settings.notify_after_minutes
    lost = Lost(bot, now)
    presence = Presence(
        messenger=bot.messenger,
        lost=lost,
        now=now,
        emoji=settings.rerun_emoji,
        notify_after=timedelta(minutes=notify_min) if notify_min else None,
    )
    return Steps(
        studio=studio,
        receipts=Receipts(
            store=store, folder=settings.data_dir / "unwritten", now=now, observer=bot.observer
        ),
        intake=Intake(outside, archive, home),
        downloads=Downloads(studio, archive, now),
        delivery=Delivery(archive, bot.messenger, now),
        members=Members(bot, settings.guild_ids, now),
        presence=presence,
        witness=Witness(presence=presence, lost=lost, known=store.known, now=now),
        now=now,
        job_timeout=timedelta(minutes=settings.job_timeout_minutes),
        hurry=bot.pace.hurry,
        posting=set(),
        observer=bot.observer,
    )


def point_discord(settings: Settings) -> None:
    """Send discord.py to the addresses of the settings; for the whole process."""
    # discord.py has no setting for these; both are read whenever they are used.
    if settings.discord_api_url:
        discord.http.Route.BASE = settings.discord_api_url
    if settings.discord_gateway_url:
        gateway = yarl.URL(settings.discord_gateway_url)
        discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = gateway
