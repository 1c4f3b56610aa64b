"""A picture attached in chat: with a mention of the bot, or in a direct message with it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2s

import discord
from discord.ext import commands

from bot.discord.askers import asker_of_message, guild_id_of
from bot.discord.attachments import files_of, linked, pictures_in, shown_by, shown_in, with_files
from bot.discord.client import StudioBot
from bot.discord.messenger import Asked
from bot.discord.origins import (
    is_written_to,
    message_key,
    origin_of_message,
    request_of,
    unaddressed,
    with_pictures,
)
from bot.discord.render import beginning, mention
from bot.discord.ways import (
    MAX_LABEL,
    Source,
    button,
    in_order,
    source_of,
    which_endpoint,
    which_picture,
)
from bot.endpoints.catalogue import Endpoint
from bot.endpoints.changes import runs_on_words
from bot.endpoints.choice import listed, named_in
from bot.endpoints.remakes import taking
from bot.endpoints.showing import alone_in, is_hidden
from bot.endpoints.values import example_of, parse_text
from bot.errors import BotError, DiscordError, Lack, Refused, Unfinished, Working
from bot.gate import Asker
from bot.jobs.drafts import Draft
from bot.jobs.job import OriginKind
from bot.jobs.request import Input, Request

log = logging.getLogger(__name__)

MOST_NAMED = 20  # commands in one sentence
_GESTURE = (
    "If you mean a picture in the message that you answered: Discord does not show me that."
    " Right-click it (on a phone, hold it) → Apps → Use this picture… instead."
)
_SAID = {discord.MessageType.default, discord.MessageType.reply}  # by somebody, and not by Discord


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A message that is meant for the bot: what it says to it, and the pictures that it means."""

    message: discord.Message
    words: str
    files: Sequence[discord.Attachment | Input]


class Chat(commands.Cog):
    """Jobs from messages. Discord hands over the content of messages that mention the bot."""

    def __init__(self, bot: StudioBot) -> None:
        self.bot = bot

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Take the message as a job, or say in one sentence why not, or what is lacking."""
        if message.type not in _SAID or not (self._is_for_us(message) or _names_its_role(message)):
            return
        asker = asker_of_message(message)
        speech = self.bot.speech
        if not asker.is_human or not speech.may_speak(message.channel.id):
            return
        try:
            await self._answer(message, asker)
        except DiscordError as error:
            log.warning("message %s: not answered: %s", message.id, error)
            speech.note(message.channel.id, error)
        except BotError as error:
            await self._tell(message, error)

    async def _tell(
        self, message: discord.Message, error: BotError, view: discord.ui.View | None = None
    ) -> None:
        """Say it, with what leads on from there; where Discord says no, nothing more for a while."""
        if failure := await self.bot.messenger.refuse(_asked(message), error, view):
            self.bot.speech.note(message.channel.id, failure)

    async def _answer(self, message: discord.Message, asker: Asker) -> None:
        if not self._is_for_us(message):
            await self._lead_on(message)
            return
        heard = self._heard(message)
        meant = named_in(self.bot.endpoints, heard.words)
        try:
            if alone := alone_in(meant or self.bot.endpoints, heard.words):
                await self._refuse_to_hide(message, asker, alone)
            elif heard.files:
                await self._run(heard, asker, self.bot.endpoints)
            elif meant:
                await self._run(heard, asker, meant)
            else:
                await self._introduce(heard, asker)
        except Unfinished as error:
            await self._ask_on(heard, asker, error)

    def _heard(self, message: discord.Message) -> Heard:
        """The message with its files; where it has none, those that it or its text leads to.

        Those are meant only where what it names takes a picture.
        """
        words, files = unaddressed(message.content, self._ours), files_of(message)
        rest, links = linked(words)
        is_wanted = any(taking(named_in(self.bot.endpoints, rest) or self.bot.endpoints))
        if files or not is_wanted:
            return Heard(message=message, words=words, files=files)
        if shown := _led_to(message):
            return Heard(message=message, words=words, files=shown)
        return Heard(message=message, words=rest, files=links)

    def _is_for_us(self, message: discord.Message) -> bool:
        """Whether it is a direct message, or mentions us by a mention that was written.

        A reply mentions whom it answers without a word: nobody asks for anything by that.
        """
        if guild_id_of(message) is None:
            return True
        is_named = self.bot.user in message.mentions
        return is_named and is_written_to(self._ours, message.content)

    @property
    def _ours(self) -> int:
        return self.bot.user.id if self.bot.user else 0

    async def _run(self, heard: Heard, asker: Asker, endpoints: Sequence[Endpoint]) -> None:
        service = self.bot.service
        origin = origin_of_message(heard.message)
        parsed = parse_text(endpoints, heard.words)
        given = with_pictures(parsed.endpoint, parsed.given, heard.files)
        request = self._request(parsed.endpoint, given)
        job = await service.accept(request, origin, None, asker)
        if job:
            await service.answered(job, self.bot.messenger.reply(job))

    def _request(self, endpoint: Endpoint, given: dict[str, object]) -> Request:
        """What is asked for; where that cannot be, Refused with an example to copy."""
        hides = is_hidden(endpoint, given)
        try:
            return request_of(endpoint, given, self.bot.service.draw_seed, is_spoiler=hides)
        except Refused as error:
            name = error.values.get("name")
            is_of_picture = name in given and not isinstance(given[name], str)
            if is_of_picture or isinstance(error, Unfinished):  # it can be filled in
                raise
            example = example_of(endpoint, name)
            raise error.and_so(" Write it as `{example}`.", example=example) from None

    async def _refuse_to_hide(
        self, message: discord.Message, asker: Asker, meant: Sequence[Endpoint]
    ) -> None:
        """Say that an answer to a message is seen by all who see that, and what is not."""
        guild_id = guild_id_of(message)
        shown = [each for each in await self._offered(asker) if each in meant][:MOST_NAMED]
        raise Refused(
            "Discord cannot hide an answer to a message, so nothing was run or charged:"
            " type {commands: or }, and choose `show: only me` there.",
            commands=[await self.bot.mentions.of(each, guild_id) for each in shown] or ["/"],
        )

    async def _ask_on(self, heard: Heard, asker: Asker, error: Unfinished) -> None:
        """Say what is lacking, with what gives it: the pictures and words are kept for that."""
        endpoints = await self._offered(asker)  # nothing is kept of who may run none
        source = await self._kept(heard)
        known = [each for each in endpoints if each.qualified_name == error.command]
        if error.lack is Lack.ENDPOINT:
            named = named_in(endpoints, heard.words)
            fitting = _meant_by(error, [*taking(endpoints)] if source.pictures else named)
            fitting = await in_order(fitting, asker.user_id, self.bot.store.history)
            view = which_endpoint(source, 0, fitting) if fitting else None
            error = error.but(**listed(fitting)) if fitting else error
        elif error.lack is Lack.PICTURE and known:
            view = which_picture(source, known[0])
        else:
            view = button(source, known[0], "Fill in…") if known else None
        if known and "example" not in error.values:
            example = example_of(known[0])
            error = error.and_so(" Write it as `{example}`, or fill it in.", example=example)
        if known and not heard.files and _is_hidden(heard.message) and any(taking(known)):
            error = error.and_so(" " + _GESTURE)
        await self._tell(heard.message, error, view)

    async def _lead_on(self, message: discord.Message) -> None:
        """Say whom to mention: of a message that mentions its role Discord shows the bot nothing."""
        us = [Working(mention(self._ours))]
        lead = Refused("You mentioned my role, which shows me nothing: mention {us}.", us=us)
        if self.bot.speech.may_tell(message.author.id, lead.user_message):
            await self._tell(message, lead)

    async def _introduce(self, heard: Heard, asker: Asker) -> None:
        """Say what they can do here, as they gave the bot nothing to do: the same once a minute."""
        endpoints = await self._offered(asker)
        guild_id, shown = guild_id_of(heard.message), endpoints[:MOST_NAMED]
        named = [await self.bot.mentions.of(each, guild_id) for each in shown]
        named += [f"{len(endpoints) - MOST_NAMED} more"] * (len(endpoints) > MOST_NAMED)
        card = Refused(
            "Here is what I can do: {commands}. Type / and choose one, or mention me in a"
            " message that has a picture.",
            commands=named,
        )
        if _is_hidden(heard.message):
            card = Refused(_GESTURE + " Here is what I can do: {commands}.", commands=named)
        writer = _writer(heard, endpoints)
        shown_once = (card.user_message, heard.words if writer else "")
        if self.bot.speech.may_tell(heard.message.author.id, shown_once):
            view = await self._offer(heard, writer) if writer else None
            await self._tell(heard.message, card, view)

    async def _offer(self, heard: Heard, endpoint: Endpoint) -> discord.ui.View:
        """A button that runs the words."""
        source = await self._kept(heard)
        cost = f" ({endpoint.credits:g} credits)" if endpoint.credits else ""
        shown = beginning(heard.words, MAX_LABEL - len(f"Run “”{cost}"))
        return button(source, endpoint, f"Run “{shown}”{cost}")

    async def _kept(self, heard: Heard) -> Source:
        """What the message has, kept for a day; of several processes one keeps it."""
        message, links = heard.message, [f for f in heard.files if isinstance(f, Input)]
        pictures = links or (pictures_in(with_files(message)) if heard.files else [])
        draft = Draft(
            id=blake2s(message_key(message.id).encode(), digest_size=16).hexdigest(),
            user_id=message.author.id,
            created_at=self.bot.now(),
            pictures=tuple(pictures),
            message_id=message.id,
            words=heard.words,
            is_asked=True,
            shown_in=shown_by(with_files(message)),
        )
        await self.bot.store.drafts.add(draft)
        return source_of(draft)

    async def _offered(self, asker: Asker) -> list[Endpoint]:
        gate, kind = self.bot.service.gate, OriginKind.MESSAGE
        return await gate.offered(asker, kind, self.bot.endpoints)


def _writer(heard: Heard, endpoints: Sequence[Endpoint]) -> Endpoint | None:
    """The endpoint that runs the words, where they could be a prompt, and of no other."""
    writers = [each for each in endpoints if runs_on_words(each)]
    return writers[0] if len(writers) == 1 and any(map(str.isalnum, heard.words)) else None


def _meant_by(error: Unfinished, fitting: Sequence[Endpoint]) -> Sequence[Endpoint]:
    """Those that fit and are asked about; all that fit where it does not say of all."""
    named = error.values["names"]
    meant = [each for each in fitting if isinstance(named, list) and each.command in named]
    return fitting if error.values["more"] else meant or fitting


def _led_to(message: discord.Message) -> Sequence[discord.Attachment | Input]:
    """What the message that it answers shows, or that it sends on: files, else other pictures."""
    meant = with_files(message)
    is_led = meant is not message or message.message_snapshots
    return files_of(meant) or (shown_in(meant) if is_led else [])


def _names_its_role(message: discord.Message) -> bool:
    """Whether it mentions the role that Discord made for the bot."""
    return message.guild is not None and message.guild.self_role in message.role_mentions


def _is_hidden(message: discord.Message) -> bool:
    """Whether it answers a message of which Discord shows a bot nothing."""
    answered = message.reference.resolved if message.reference else None
    return (
        isinstance(answered, discord.Message)
        and message.guild is not None
        and not answered.content
        and not answered.embeds
        and not answered.components
    )


def _asked(message: discord.Message) -> Asked:
    return Asked(
        message_id=message.id, channel_id=message.channel.id, guild_id=guild_id_of(message)
    )


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(Chat(bot))
