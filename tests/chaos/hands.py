"""What members do in a run of chaos, drawn at random: how often each was tried, and answered."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from bot.discord.customs import meaning_of
from bot.discord.presses import Press
from bot.discord.slash import ON_A_MESSAGE
from bot.endpoints.own import Own
from bot.sandbox.discord.client import ClientRefused
from bot.sandbox.discord.interactions import UPDATE_LATER, InteractionHandle
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.messages import Message
from bot.sandbox.discord.people import USER_INSTALL
from bot.sandbox.discord.places import Channel
from tests.scenarios.conftest import (
    COMMAND,
    RERUN,
    Stage,
    custom_ids,
    described,
    is_reply,
    png,
)

MEMBERS = 20
CHANGED = 0.4  # how often somebody changes their mind when somebody asks
LATEST = 6
GET = "Get the result"
FORMS = ("Change…", "Use as input…")
ENDS = ("Done", "Failed", "Cancelled", "Nothing was charged")

Hand = Callable[[], Coroutine[Any, Any, bool]]


class Hands:
    """Everybody's. `asked`: how many jobs were asked for, as far as a bot has heard of it."""

    def __init__(self, stage: Stage, draw: random.Random, channels: Sequence[Channel]) -> None:
        self._stage = stage
        self._draw = draw
        self._channels = channels
        self._seeds = iter(range(1, 100_000))
        self._members = [stage.member(f"member{number}") for number in range(MEMBERS)]
        for member in self._members:
            for guild in stage.discord.guilds.values():
                member.join(guild)
        self.apart = self._where_the_bot_is_not()
        self._under_way: set[asyncio.Task[None]] = set()
        self.asked = 0
        self.tried: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.uncharged: set[int] = set()  # the replies whose cancel was answered as one in time
        self.copies: set[str] = set()  # the interactions that hand images out once more
        self.leaving: set[int | None] = set()  # members who want to be forgotten
        self.forgotten: dict[int, datetime] = {}  # those who were promised it, and when
        self._asks: dict[Hand, float] = {
            self._command: 0.2,
            self._command_apart: 0.05,
            self._command_alone: 0.1,
            self._mention: 0.15,
            self._react: 0.15,
            self._run_again: 0.15,
            self._fill_in: 0.1,
            self._menu: 0.05,
            self._words: 0.05,
            self._answer: 0.05,
            self._send_on: 0.05,
        }
        self._minds: dict[Hand, float] = {
            self._cancel: 0.4,
            self._delete: 0.25,
            self._history: 0.3,
            self._be_forgotten: 0.05,
        }

    def ask(self) -> None:
        """One member asks in one of the ways that there are, and perhaps another changes theirs."""
        if self._draw.random() < CHANGED:
            self._begin(self._drawn(self._minds))
            if by_token := self.by_token():
                self._begin(lambda: self.get(self._draw.choice(by_token)), "get the result")
        self._begin(self._drawn(self._asks))

    def try_one_of(self, names: Collection[str]) -> None:
        """One member tries one of these things."""
        every = {**self._asks, **self._minds}
        hands = [hand for hand in every if _name(hand) in names]
        self._begin(self._draw.choice(hands) if self._results() else self._command)

    async def at_rest(self) -> None:
        """Return once whatever members have begun is done."""
        await asyncio.gather(*self._under_way)

    def replies(self) -> list[Message]:
        """The bot's messages that stand for a job, and that it can edit by itself."""
        return [m for m in self._ours() if is_reply(m) and not self._is_by_token(m)]

    def by_token(self) -> list[Message]:
        """Those that one member alone sees, or that stand where the bot is not."""
        return [m for m in self._ours() if is_reply(m) and self._is_by_token(m)]

    def _is_by_token(self, message: Message) -> bool:
        return message.is_ephemeral or message.channel is self.apart

    def _where_the_bot_is_not(self) -> Channel:
        """A place of members who have all installed it for themselves."""
        discord = self._stage.discord
        discord.application.installs.add(USER_INSTALL)
        elsewhere = discord.add_guild("Elsewhere", has_bot=False)
        for member in self._members:
            member.join(elsewhere)
            member.install()
        return discord.add_channel("there", elsewhere)

    def hanging(self, kept: Collection[str]) -> list[Message]:
        """The replies that say of no end, where these jobs are kept.

        What a token alone reaches stays where a bot whose clock is wrong takes that for over.
        """
        gone = [m for m in self.by_token() if job_ids(m).isdisjoint(kept)]
        replies = [*self.replies(), *self.by_token()]
        return [m for m in self.unended(replies) if m not in gone]

    def unended(self, replies: Sequence[Message]) -> list[Message]:
        """Those that do not say how their job ended."""
        return [m for m in replies if not m.is_deleted and not any(w in described(m) for w in ENDS)]

    def answered_less_than(self, number: int) -> list[str]:
        """What was tried in vain too often, or never."""
        every = [_name(hand) for hand in (*self._asks, *self._minds)]
        return [name for name in every if self.answered[name] < number]

    def lines(self) -> Iterator[str]:
        """How often each was answered, of how many times it was tried."""
        for name in sorted(self.tried):
            yield f"{name} {self.answered[name]} of {self.tried[name]}"

    async def get(self, message: Message) -> bool:
        """Who asked for what they alone see wants to see how far it is."""
        await self._pressed(_asker_of(message, self._members), message, GET)
        return True

    def _ours(self) -> list[Message]:
        ours = self._stage.discord.bot_user
        return [m for m in self._stage.discord.all_messages.values() if m.author is ours]

    def _begin(self, hand: Hand, name: str = "") -> None:
        task = asyncio.create_task(self._carry_out(hand, name or _name(hand)))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _carry_out(self, hand: Hand, name: str) -> None:
        """A bot that is killed now and then does not answer all; a button may be gone by then."""
        self.tried[name] += 1
        with suppress(ClientRefused, TimeoutError):
            self.answered[name] += await hand()

    def _drawn(self, hands: Mapping[Hand, float]) -> Hand:
        return self._draw.choices([*hands], [*hands.values()])[0]

    def _member(self) -> Member:
        return self._draw.choice(self._members)

    def _channel(self) -> Channel:
        return self._draw.choice(self._channels)

    def _seed(self) -> int:
        return next(self._seeds)

    def _one(self, found: Sequence[Message]) -> Message:
        if not found:
            raise ClientRefused("there is no such message yet")
        return self._draw.choice(found)

    def _result(self) -> Message:
        return self._one(self._results())

    def _results(self) -> list[Message]:
        return [m for m in self.replies() if m.attachments and not m.is_deleted]

    async def _command(self, channel: Channel | None = None, **options: Any) -> bool:
        member, channel = self._member(), channel or self._channel()
        options |= {"image": png(), "seed": self._seed()}
        handle = await member.slash(COMMAND, channel=channel, **options)
        self.asked += 1
        return _is_said(await handle.responded())

    async def _command_apart(self) -> bool:
        return await self._command(self.apart)

    async def _command_alone(self) -> bool:
        return await self._command(show="only me")

    async def _mention(self) -> bool:
        text = f"{self._stage.discord.bot_mention} seed {self._seed()}"
        message = await self._member().post(text, files=[png()], channel=self._channel())
        self.asked += 1
        return bool(await self._reply_to(message))

    async def _answer(self) -> bool:
        """A mention in an answer to a result, of which a picture is meant."""
        member, result = self._member(), self._result()
        text = f"{self._stage.discord.bot_mention} {COMMAND}"
        return await self._say_which(
            member, await member.post(text, reply_to=result.id, channel=result.channel)
        )

    async def _send_on(self) -> bool:
        """A result is sent on to the bot, of which a picture is meant."""
        member, result = self._member(), self._result()
        private = self._stage.discord.dm(member)
        return await self._say_which(member, await member.forward(result, private))

    async def _say_which(self, member: Member, message: Message) -> bool:
        self.asked += 1
        question = await self._reply_to(message)
        select = _select(question)
        if select is None:
            return is_reply(question)
        value = self._draw.choice(select["options"])["value"]
        chosen = await member.choose(question, select["custom_id"], value)
        return await self._go_on(member, await chosen.responded())

    async def _words(self) -> bool:
        """The picture is missing, and is given in a form."""
        member = self._member()
        text = f"{self._stage.discord.bot_mention} {COMMAND} seed {self._seed()}"
        message = await member.post(text, channel=self._channel())
        question = await self._reply_to(message)
        return await self._go_on(member, await self._first(member, question), image=png())

    async def _react(self) -> bool:
        message = self._result()
        before = len(self.replies())
        await self._member().react(message, RERUN)
        self.asked += 1
        await self._stage.discord.until(lambda: len(self.replies()) > before, within_s=5)
        return True

    async def _run_again(self) -> bool:
        handle = await self._pressed(self._member(), self._result(), "Run again")
        self.asked += 1
        return _is_said(handle)

    async def _fill_in(self) -> bool:
        """Go on from a result by a form."""
        member, label = self._member(), self._draw.choice(FORMS)
        handle = await self._pressed(member, self._result(), label)
        return await self._go_on(member, handle, seed=str(self._seed()))

    async def _menu(self) -> bool:
        """Use the picture of any message."""
        messages = self._stage.discord.all_messages.values()
        there = [m for m in messages if m.attachments and not (m.is_deleted or m.is_ephemeral)]
        member = self._member()
        handle = await (await member.use(ON_A_MESSAGE, self._one(there))).responded()
        return await self._go_on(member, handle, seed=str(self._seed()))

    async def _go_on(self, member: Member, handle: InteractionHandle, **values: Any) -> bool:
        """Answer what is asked next, until a job is."""
        while handle.message and _select(handle.message) and not is_reply(handle.message):
            select = _select(handle.message)
            value = self._draw.choice(select["options"])["value"]
            chosen = await member.choose(handle.message, select["custom_id"], value)
            handle = await chosen.responded()
        self.asked += 1
        if handle.modal:
            handle = await (await member.submit(handle, **values)).responded()
        return _is_said(handle)

    async def _first(self, member: Member, message: Message) -> InteractionHandle:
        parts = [part for row in message.components for part in row["components"]]
        if not parts:
            raise ClientRefused("the bot could not take it")
        return await self._pressed(member, message, parts[0]["custom_id"])

    async def _cancel(self) -> bool:
        message = self._one([m for m in self.replies() if not m.is_deleted][-LATEST:])
        handle = await self._pressed(_asker_of(message, self._members), message, "Cancel")
        if handle.response == UPDATE_LATER:
            self.uncharged.add(message.id)
        return True

    async def _delete(self) -> bool:
        message = self._result()
        member = _asker_of(message, self._members)
        return await self._delete_from(member, await self._pressed(member, message, "More…"))

    async def _delete_from(self, member: Member, told: InteractionHandle) -> bool:
        for _ in range(2):  # it is asked once more
            if told.message:
                told = await self._pressed(member, told.message, "Delete")
        return True

    async def _history(self) -> bool:
        """Look at one of their own once more, and do one of the things that are offered there."""
        member = self._member()
        page = await (await member.slash(Own.HISTORY, channel=self._channel())).responded()
        select = page.message and _select(page.message)
        if not page.message or not select:
            return False  # they have asked for nothing yet, or the bot says that it cannot look
        value = self._draw.choice(select["options"])["value"]
        told = await (await member.choose(page.message, select["custom_id"], value)).responded()
        rows = told.message.components if told.message else []
        labels = [part["label"] for row in rows for part in row["components"]]
        if not told.message or not labels:
            return False  # it is under way
        label = self._draw.choice(labels)
        if label == "Delete":
            return await self._delete_from(member, told)
        handle = await member.press(told.message, label)
        if label == "Run again":
            self.asked += 1
        else:
            self.copies.add(str(handle.id))
        return _is_said(await handle.responded())

    async def _be_forgotten(self) -> bool:
        member = self._member()
        asked = await (await member.slash(Own.FORGET_ME, channel=self._channel())).responded()
        if not asked.message or not asked.message.components:
            return False
        at = self._stage.discord.clock.now()
        self.leaving.add(member.id)
        await self._first(member, asked.message)
        if asked.message.components:  # the bot is not sure
            return False
        self.forgotten[member.id] = at
        return True

    async def _pressed(self, member: Member, message: Message, label: str) -> InteractionHandle:
        return await (await member.press(message, label)).responded()

    async def _reply_to(self, message: Message) -> Message:
        def replies() -> list[Message]:
            return [each for each in self._ours() if each.answered is message]

        return (await self._stage.discord.until(replies, within_s=5))[-1]


def _name(hand: Callable[..., Awaitable[bool]]) -> str:
    return hand.__name__.strip("_").replace("_", " ")


def _is_said(handle: InteractionHandle) -> bool:
    return handle.message is not None


def _select(message: Message) -> Any:
    """The message's select; None where it has none."""
    parts = (part for row in message.components for part in row["components"])
    return next((part for part in parts if "options" in part), None)


def job_ids(message: Message) -> set[str]:
    """The job that the message is a reply of."""
    found = (meaning_of(each) for each in custom_ids(message))
    return {each.job_id for each in found if isinstance(each, Press) and each.phase}


def asker_id(message: Message) -> int | None:
    """Who asked for the job that the reply is about; None where it does not say so."""
    asked = message.answered
    if message.metadata:
        return int(message.metadata["user"]["id"])
    if asked and not asked.author.is_bot:
        return asked.author.id
    named = message.content.partition("<@")[2].partition(">")[0]
    return int(named) if named.isdecimal() else None


def _asker_of(message: Message, members: Sequence[Member]) -> Member:
    found = next((each for each in members if each.id == asker_id(message)), None)
    if found is None:
        raise ClientRefused("nobody is named as who asked")
    return found
