"""What can be made to go wrong, by name: for the page's switches, and whoever scripts them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.sandbox.discord.server import DiscordSandbox
from bot.sandbox.studio.server import StudioSandbox

Restart = Callable[[], Awaitable[None]]
SLOW_S = 20.0  # how long a job of the slow service is in each state


@dataclass(frozen=True, kw_only=True)
class Switch:
    """One thing that goes wrong: while it is on, or once where it cannot stay on.

    `hint` says what to look for then.
    """

    name: str
    label: str
    hint: str
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
        found = (*self._of_the_service(), *self._of_discord())
        self._switches = {each.name: each for each in found}

    def state(self) -> list[dict[str, object]]:
        """Each switch's name, label and hint, and whether it is on (None: it acts once)."""
        return [
            {
                "name": each.name,
                "label": each.label,
                "hint": each.hint,
                "is_on": each.is_on and each.is_on(),
            }
            for each in self._switches.values()
        ]

    async def turn(self, name: str, *, is_on: bool) -> None:
        """Turn one on or off; KeyError where there is none of this name."""
        await self._switches[name].turn(is_on)

    def _of_the_service(self) -> tuple[Switch, ...]:
        studio = self._studio
        return (
            Switch(
                name="fail-next",
                label="Next job fails",
                hint="The reply ends with the service's reason.",
                turn=self._fail_next,
                is_on=lambda: studio.next_job_fails,
            ),
            Switch(
                name="hold",
                label="Hold jobs in the queue",
                hint="Replies say that it is in the queue until this is off again.",
                turn=self._hold,
                is_on=lambda: studio.held == "in_queue",
            ),
            Switch(
                name="slow",
                label="Slow service",
                hint=f"The reply names each state for {SLOW_S:.0f} s.",
                turn=self._slow,
                is_on=lambda: studio.seconds != self._usual,
            ),
            self._answering(
                500,
                "A new job may be charged, and says so; one on its way goes on once this is off.",
            ),
            self._answering(
                429, "The same call comes again and again below; then the job goes on."
            ),
        )

    def _of_discord(self) -> tuple[Switch, ...]:
        moves = (
            "Replies name later times, and edits go by “message”: the answers' tokens have ended."
        )
        its_own = "Discord's and the service's clocks move; your bot's own stays."
        found = (
            Switch(
                name="rate-limits",
                label="Discord's rate limits",
                hint="Calls that come too fast are answered 429 below, and come again.",
                turn=self._limit,
                is_on=lambda: self._discord.limits.is_on,
            ),
            Switch(
                name="drop-gateway",
                label="Drop the gateway",
                hint="“The bot is not connected”, then RESUMED below; no message is missed.",
                turn=self._drop,
            ),
            Switch(
                name="ahead",
                label="Jump 16 minutes ahead",
                hint=moves if self._restart else its_own,
                turn=self._ahead,
            ),
        )
        if self._restart is None:
            return found
        hint = "READY below, and replies that go on where they were."
        again = Switch(name="restart", label="Restart the bot", hint=hint, turn=self._again)
        return (*found, again)

    def _answering(self, status: int, hint: str) -> Switch:
        async def turn(is_on: bool) -> None:  # noqa: FBT001 - a switch
            self._studio.always_answers = status if is_on else None

        return Switch(
            name=f"answer-{status}",
            label=f"Service answers {status}",
            hint=hint,
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
