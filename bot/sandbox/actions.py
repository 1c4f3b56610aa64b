"""What a member or an engineer does on the page, as actions by name."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox import views
from bot.sandbox.discord.client import ClientRefused
from bot.sandbox.discord.files import File
from bot.sandbox.discord.interactions import ANSWER_WITHIN, InteractionHandle
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.messages import Message
from bot.sandbox.discord.places import Channel
from bot.sandbox.discord.server import DiscordSandbox
from bot.sandbox.switches import Switches

Json = Any


@dataclass(frozen=True)
class Given:
    """An action's fields, and its files with the names that they came under."""

    fields: Json
    files: list[tuple[str, File]]


class Actions:
    """Each takes what was given and gives what came of it, or raises ClientRefused."""

    def __init__(self, discord: DiscordSandbox, switches: Switches) -> None:
        self._discord = discord
        self._switches = switches
        self._known: dict[str, Callable[[Given], Awaitable[Json]]] = {
            "command": self._command,
            "complete": self._complete,
            "menu": self._menu,
            "press": self._press,
            "choose": self._choose,
            "submit": self._submit,
            "post": self._post,
            "open": self._open,
            "forward": self._forward,
            "install": self._install,
            "react": self._react,
            "delete": self._delete,
            "permit": self._permit,
            "bot": self._bot,
            "switch": self._switch,
        }

    async def act(self, name: str, given: Given) -> Json:
        """Carry one out; ClientRefused where it names what is not there, or may not be."""
        if name not in self._known:
            raise ClientRefused(f"there is no action {name}")
        try:
            return await self._known[name](given)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            if isinstance(error, ClientRefused):
                raise
            raise ClientRefused(f"{name}: {type(error).__name__} in {error}") from error

    async def _command(self, given: Given) -> Json:
        options = {**given.fields.get("options", {}), **dict(given.files)}
        name, channel = given.fields["name"], self._channel(given)
        return views.interaction(await self._member(given).command(name, options, channel))

    async def _complete(self, given: Given) -> Json:
        fields, channel = given.fields, self._channel(given)
        handle = await self._member(given).so_far(
            fields["name"], fields["focused"], fields["options"], channel
        )
        try:
            await handle.responded(ANSWER_WITHIN.total_seconds())
        except TimeoutError:
            raise ClientRefused("nothing was suggested in time") from None
        return {"choices": handle.choices}

    async def _menu(self, given: Given) -> Json:
        member, name = self._member(given), given.fields["name"]
        if "person" in given.fields:
            whom = Member(self._discord, self._discord.users[int(given.fields["person"])])
            found = await member.use_on(name, whom, channel=self._channel(given))
        else:
            found = await member.use(name, self._message(given))
        return views.interaction(found)

    async def _press(self, given: Given) -> Json:
        member, message = self._member(given), self._message(given)
        return views.interaction(await member.press(message, given.fields["custom_id"]))

    async def _choose(self, given: Given) -> Json:
        member, message = self._member(given), self._message(given)
        values = given.fields["values"]
        return views.interaction(await member.choose(message, given.fields["custom_id"], *values))

    async def _submit(self, given: Given) -> Json:
        handle = self._interaction(given)
        member = self._member(given)
        files: dict[str, list[File]] = {}
        for name, file in given.files:
            files.setdefault(name, []).append(file)
        return views.interaction(await member.submit(handle, **given.fields["values"], **files))

    async def _post(self, given: Given) -> Json:
        reply_to = given.fields.get("reply_to")
        message = await self._member(given).post(
            str(given.fields.get("content", "")),
            files=[file for _, file in given.files],
            channel=self._channel(given),
            reply_to=int(reply_to) if reply_to else None,
            ping=bool(given.fields.get("ping", True)),
        )
        return views.message(message)

    async def _open(self, given: Given) -> Json:
        message = await self._member(given).open_post(
            self._channel(given),
            str(given.fields["title"]),
            str(given.fields.get("content", "")),
            files=[file for _, file in given.files],
        )
        return views.message(message)

    async def _forward(self, given: Given) -> Json:
        member, message = self._member(given), self._message(given)
        return views.message(await member.forward(message, self._channel(given)))

    async def _install(self, given: Given) -> Json:
        self._member(given).install()
        return {}

    async def _react(self, given: Given) -> Json:
        member, message, emoji = self._member(given), self._message(given), given.fields["emoji"]
        await (member.react if given.fields["is_there"] else member.unreact)(message, str(emoji))
        return views.message(message)

    async def _delete(self, given: Given) -> Json:
        await self._member(given).delete(self._message(given))
        return {}

    async def _permit(self, given: Given) -> Json:
        discord, fields = self._discord, given.fields
        self._check_administrator(given, "says who may use a command")
        name, kind, target_id = fields["command"], fields["kind"], int(fields["id"])
        lines = {(k, i): may for k, i, may in discord.lines_set(discord.guild, name)}
        lines.pop((kind, target_id), None)
        if fields["is_allowed"] is not None:
            lines[kind, target_id] = bool(fields["is_allowed"])
        found = [(k, i, may) for (k, i), may in lines.items()]
        await discord.set_command_permissions(discord.guild, name, found)
        return {}

    async def _bot(self, given: Given) -> Json:
        discord, is_here = self._discord, bool(given.fields["is_here"])
        self._check_administrator(given, "invites the bot, or takes it from the server")
        if is_here != discord.knows_guild(discord.guild.id):
            await (discord.bot_joins if is_here else discord.bot_leaves)(discord.guild)
            discord.news.tell("commands", None)
        return {}

    async def _switch(self, given: Given) -> Json:
        await self._switches.turn(given.fields["name"], is_on=bool(given.fields.get("is_on", True)))
        return {}

    def _check_administrator(self, given: Given, what: str) -> None:
        if not self._discord.guild.is_administrator(self._member(given).user):
            raise ClientRefused(f"only an administrator {what}")

    def _member(self, given: Given) -> Member:
        user = self._discord.users[int(given.fields["member"])]
        if user.is_bot:
            raise ClientRefused("nobody acts as the bot")
        return Member(self._discord, user)

    def _channel(self, given: Given) -> Channel:
        return self._discord.channels[int(given.fields["channel"])]

    def _message(self, given: Given) -> Message:
        message = self._discord.all_messages[int(given.fields["message"])]
        if message.is_deleted:
            raise ClientRefused("this message was deleted")
        return message

    def _interaction(self, given: Given) -> InteractionHandle:
        wanted = int(given.fields["interaction"])
        for handle in self._discord.interactions.values():
            if handle.id == wanted:
                return handle
        raise ClientRefused("there is no such interaction")
