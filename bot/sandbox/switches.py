"""What can be made to go wrong, by name: for the page's switches, and whoever scripts them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.sandbox.discord.server import DiscordSandbox
from bot.sandbox.studio.server import StudioSandbox

Restart = Callable[[], Awaitable[None]]
SLOW_S = 20.0  # how long a job of the slow service is in each state


@dataclass(frozen=True, kw_only=True)
class Switch:
    """One thing that goes wrong: while it is on, or once where it cannot stay on."""

    name: str
    label: str
    turn: Callable[[bool], Awaitable[None]]
    is_on: Callable[[], bool] | None = None


class Switches:
    """All of them, for one sandbox; `restart` is there where somebody can restart the bot."""

    def __init__(
        self, discord: DiscordSandbox, studio: StudioSandbox, restart: Restart | None = None
    ) -> None:
        self._discord = discord
        self._studio = studio
        self._restart = restart
        self._usual = dict(studio.seconds)
        self._switches = {
            each.name: each for each in self._all() if restart or each.name != "restart"
        }

    def state(self) -> list[dict[str, object]]:
        """Each switch's name and label, and whether it is on (None: it acts once)."""
        return [
            {"name": each.name, "label": each.label, "is_on": each.is_on and each.is_on()}
            for each in self._switches.values()
        ]

    async def turn(self, name: str, *, is_on: bool) -> None:
        """Turn one on or off; KeyError where there is none of this name."""
        await self._switches[name].turn(is_on)

    def _all(self) -> tuple[Switch, ...]:
        return (
            Switch(
                name="fail-next",
                label="Next job fails",
                turn=self._fail_next,
                is_on=lambda: self._studio.next_job_fails,
            ),
            Switch(
                name="hold",
                label="Hold jobs in the queue",
                turn=self._hold,
                is_on=lambda: self._studio.held == "in_queue",
            ),
            Switch(
                name="slow",
                label="Slow service",
                turn=self._slow,
                is_on=lambda: self._studio.seconds != self._usual,
            ),
            self._answering(500, "Service answers 500"),
            self._answering(429, "Service answers 429"),
            Switch(
                name="rate-limits",
                label="Discord's rate limits",
                turn=self._limit,
                is_on=lambda: self._discord.limits.is_on,
            ),
            Switch(name="drop-gateway", label="Drop the gateway", turn=self._drop),
            Switch(name="ahead", label="Jump 16 minutes ahead", turn=self._ahead),
            Switch(name="restart", label="Restart the bot", turn=self._again),
        )

    def _answering(self, status: int, label: str) -> Switch:
        async def turn(is_on: bool) -> None:  # noqa: FBT001 - a switch
            self._studio.always_answers = status if is_on else None

        return Switch(
            name=f"answer-{status}",
            label=label,
            turn=turn,
            is_on=lambda: self._studio.always_answers == status,
        )

    async def _fail_next(self, is_on: bool) -> None:  # noqa: FBT001 - a switch
        self._studio.fail_job_next("CUDA out of memory" if is_on else None)

    async def _hold(self, is_on: bool) -> None:  # noqa: FBT001 - a switch
        if is_on:
            self._studio.hold("in_queue")
        else:
            self._studio.release()

    async def _slow(self, is_on: bool) -> None:  # noqa: FBT001 - a switch
        self._studio.seconds = dict.fromkeys(self._usual, SLOW_S) if is_on else dict(self._usual)

    async def _limit(self, is_on: bool) -> None:  # noqa: FBT001 - a switch
        self._discord.limits.is_on = is_on

    async def _drop(self, _is_on: bool) -> None:  # noqa: FBT001 - a switch
        await self._discord.gateway.drop()

    async def _ahead(self, _is_on: bool) -> None:  # noqa: FBT001 - a switch
        self._discord.advance(minutes=16)

    async def _again(self, _is_on: bool) -> None:  # noqa: FBT001 - a switch
        if self._restart:
            await self._restart()
