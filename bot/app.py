"""Everything wired together: settings in, a running bot out. And the order of start and stop."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import yarl

from bot.discord.attachments import Attachments
from bot.discord.client import StudioBot, point_discord
from bot.discord.gateway import Gateway
from bot.discord.login import connect, log_in
from bot.discord.lost import Lost
from bot.discord.members import Members
from bot.endpoints.catalogue import Endpoint
from bot.endpoints.shelf import Shelf
from bot.errors import SetupError, StorageError
from bot.files.archive import Archive
from bot.files.archives import archive_of
from bot.files.folders import fault_of
from bot.files.outside import Home, Outside
from bot.files.pictures import Pictures
from bot.files.proxies import Connector, proxies_of
from bot.files.texts import Texts
from bot.gate import Gate
from bot.jobs.clocks import Clocks, steady_s, utc_now
from bot.jobs.database import why
from bot.jobs.heartbeat import heartbeat_of
from bot.jobs.limits import Limits
from bot.jobs.observer import NOBODY, Several
from bot.jobs.store import JobStore
from bot.jobs.wishes import Wishes
from bot.ops.monitor import metrics_of, monitored
from bot.ops.vitals import Vitals
from bot.service import Service
from bot.settings import Settings
from bot.studio.client import InstantStudio
from bot.studio.pace import Shutter
from bot.work.delivery import Delivery
from bot.work.downloads import Downloads
from bot.work.held import LEASE_S
from bot.work.intake import Intake
from bot.work.looks import Looks
from bot.work.presence import Presence
from bot.work.pruning import Pruning
from bot.work.questions import Questions
from bot.work.receipts import Receipts
from bot.work.removal import Removal
from bot.work.room import Room, ceilings_of
from bot.work.steps import Steps
from bot.work.witness import Witness
from bot.work.worker import Worker

FILES = ("/attachments/", "/ephemeral-attachments/")  # where Discord's stand


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
        """Serve until `stop`; SetupError where Discord takes the bot no more, Unreachable."""
        if not await self._is_logged_in():
            return
        tasks = {
            asyncio.create_task(self.worker.run(), name="worker"),
            asyncio.create_task(self.pruning.run(), name="pruning"),
            asyncio.create_task(connect(self.bot), name="gateway"),
            asyncio.create_task(self.bot.permissions.run(), name="permissions"),
            asyncio.create_task(self.bot.store.house.run(), name="house rules"),
            asyncio.create_task(self.bot.reports.run(), name="reports"),
            asyncio.create_task(self.bot.shelf.run(), name="endpoints"),
            asyncio.create_task(self._stopped.wait(), name="stop"),
        }
        if self.bot.settings.is_publisher:
            tasks.add(asyncio.create_task(self.bot.publisher.run(), name="commands"))
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
        login = asyncio.create_task(log_in(self.bot), name="login")
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


@asynccontextmanager
async def opened(
    settings: Settings,
    endpoints: Sequence[Endpoint],
    *,
    now: Callable[[], datetime] = utc_now,
    steady_s: Callable[[], float] = steady_s,
    lease_s: float = LEASE_S,
    **options: Any,  # noqa: ANN401 - discord.py's own
) -> AsyncIterator[App]:
    """Everything wired, ready to run; closed in the opposite order. SetupError."""
    point_discord(settings)
    if fault := fault_of(settings.data_dir):
        raise SetupError(f"DATA_DIR={settings.data_dir}: cannot be written to ({fault}).")
    clocks = Clocks(now, steady_s)
    async with AsyncExitStack() as stack:
        store, shelf = await _opened_store(stack, settings, clocks, endpoints)
        outside = await stack.enter_async_context(Outside.open(proxies=proxies_of(settings)))
        archive = await archive_of(settings)
        pictures = await stack.enter_async_context(Pictures.open())
        metrics = metrics_of(shelf, clocks.now) if settings.metrics_port else None
        if metrics:
            options["http_trace"] = metrics.discord_trace()
        connector = Connector(outside.proxies, limit=0)  # discord.py keeps to Discord's own limits
        bot = StudioBot(settings, shelf, store, clocks, connector=connector, **options)
        bot.observer = store.queue.observer = Several(metrics or NOBODY, bot.reports)
        worker = Worker(
            store,
            _steps(bot, archive, outside, pictures),
            clocks=clocks,
            heartbeat=heartbeat_of(settings.shard_ids),
            rush=bot.rush,
            lease_s=lease_s,
        )
        _equip(bot, worker, archive, pictures, outside)
        app = App(bot, worker, _pruning(bot, archive))
        if metrics and settings.metrics_port:
            server = monitored(settings.metrics_port, metrics, _vitals(app, pictures))
            app.metrics_port = await stack.enter_async_context(server)
        stack.push_async_callback(bot.close)
        yield app


async def _opened_store(
    stack: AsyncExitStack, settings: Settings, clocks: Clocks, endpoints: Sequence[Endpoint]
) -> tuple[JobStore, Shelf]:
    """The store, and what is offered; what processes share goes by the time of their database."""
    try:
        store = await stack.enter_async_context(JobStore.open(settings.database_url))
        await store.keep_time(clocks)
        await store.queue.recall(clocks.now())
        await store.house.read()
        shelf = Shelf(settings, store.added, endpoints)
        await shelf.renew()
    except (OSError, StorageError) as error:
        raise SetupError(
            f"The database (DATABASE_URL, or jobs.sqlite3 in DATA_DIR) cannot be opened: {why(error)}."
        ) from error
    return store, shelf


def _equip(
    bot: StudioBot, worker: Worker, archive: Archive, pictures: Pictures, outside: Outside
) -> None:
    """Give the bot what its cogs call."""
    settings, wake = bot.settings, worker.wake
    bot.archive, bot.pictures = archive, pictures
    bot.texts = Texts(outside, _home_of(settings))
    bot.wishes = Wishes(bot.store, now=bot.now, wake=wake, observer=bot.observer)
    bot.service = Service(
        bot.store,
        Limits(
            jobs=settings.jobs_per_member,
            credits_per_day=settings.credits_per_member_per_day,
            all_credits_per_day=settings.credits_per_day,
            all_jobs_per_day=settings.jobs_per_day,
        ),
        endpoints=lambda: bot.endpoints,
        gate=Gate(
            settings.guild_ids,
            bot.permissions,
            lambda: bot.store.house.rules,
            serves_users=settings.user_install,
        ),
        now=bot.now,
        draw_seed=draw_seed,
        wake=wake,
        observer=bot.observer,
    )


def _vitals(app: App, pictures: Pictures) -> Vitals:
    bot, settings = app.bot, app.bot.settings
    return Vitals(
        gateway=Gateway(bot, bot.clocks.steady),
        store=bot.store,
        worker=app.worker,
        pictures=pictures,
        clocks=bot.clocks,
        data_dir=settings.data_dir,
        publisher=bot.publisher if settings.is_publisher else None,
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


def _steps(bot: StudioBot, archive: Archive, outside: Outside, pictures: Pictures) -> Steps:
    settings, store, now = bot.settings, bot.store, bot.now
    studio = studio_of(settings, outside)
    studio.observer = bot.observer
    studio.pace.shutter = Shutter(bot.clocks.steady)
    unwritten = settings.data_dir / "unwritten"
    lost = Lost(bot, bot.clocks.early)
    presence = _presence(bot, lost)
    home = _home_of(settings)
    looks, room = Looks(pictures), Room(store, archive, ceilings_of(settings), now)
    timeout = timedelta(minutes=settings.job_timeout_minutes)
    return Steps(
        studio=studio,
        places=store.places(settings.jobs_at_once, timeout),
        receipts=Receipts(store=store, folder=unwritten, now=now, observer=bot.observer),
        intake=Intake(outside, archive, looks, room, home),
        attachments=Attachments(bot),
        questions=Questions(studio=studio, durations=store.durations, now=now, timeout=timeout),
        downloads=Downloads(studio, archive, room, now),
        delivery=Delivery(archive, looks, bot.messenger, now),
        members=Members(bot, settings.guild_ids, bot.clocks.steady),
        presence=presence,
        removal=Removal(store.forgetting, archive, bot.messenger, lost, now),
        witness=Witness(presence=presence, lost=lost, known=store.known, now=now),
        now=now,
        keep=timedelta(days=settings.keep_days),
        hurry=bot.pace.hurry,
        posting=set(),
        observer=bot.observer,
    )


def _home_of(settings: Settings) -> Home | None:
    """Where Discord's files are, where that is a proxy: members name addresses, too."""
    url = settings.discord_api_url
    return Home(url=yarl.URL(url), under=FILES) if url else None


def _pruning(bot: StudioBot, archive: Archive) -> Pruning:
    keep = timedelta(days=bot.settings.keep_days)
    return Pruning(store=bot.store, archive=archive, now=bot.now, keep=keep)


def _presence(bot: StudioBot, lost: Lost) -> Presence:
    emoji, minutes = bot.settings.rerun_emoji, bot.settings.notify_after_minutes
    after = timedelta(minutes=minutes) if minutes else None
    return Presence(
        messenger=bot.messenger, lost=lost, now=bot.now, emoji=emoji, notify_after=after
    )
