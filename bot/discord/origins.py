"""From Discord's events to ours: who asks, where, for what, and whether the bot may answer there."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import discord

from bot.discord.askers import guild_id_of, is_apart
from bot.discord.attachments import shown_by, with_files
from bot.endpoints.again import request_for
from bot.endpoints.catalogue import Endpoint
from bot.endpoints.options import Field
from bot.endpoints.values import example_of, values_of
from bot.errors import Lack, Refused, Unfinished
from bot.files.bounds import described_fault
from bot.jobs.job import Grant, Origin, OriginKind
from bot.jobs.request import Draw, FieldKind, Input, Request

# What Discord has taken from everybody for years; it announces more with an interaction.
# https://docs.discord.com/developers/reference#uploading-files
LEAST_FILE_LIMIT_BYTES = 10 * 2**20

# Where a text speaks to nobody: in code, which as many backticks end as began it, and in a quote.
# https://support.discord.com/hc/en-us/articles/210298617
_CODE = re.compile(r"\\[\\`]|```.+?```|(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
_QUOTE = re.compile(r"^ *(?:>>> [\s\S]*|> .*)", re.MULTILINE)

NEEDED = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "attach_files": "Attach Files",
    "read_message_history": "Read Message History",
}


# Where the bot is not, Discord tells of no others: its answers are no messages of a member.
NEEDED_APART = {"attach_files": "Attach Files"}


def check_place(
    channel: object, permissions: discord.Permissions, *, is_apart: bool = False
) -> None:
    """Nothing, or Refused with the permissions that the bot lacks here."""
    needed = dict(NEEDED_APART if is_apart else NEEDED)
    if isinstance(channel, discord.Thread) and not is_apart:
        del needed["send_messages"]
        needed["send_messages_in_threads"] = "Send Messages in Threads"
    missing = [name for flag, name in needed.items() if not getattr(permissions, flag)]
    if missing:
        raise Refused(
            "The bot needs these permissions in this channel: {missing}."
            " Ask someone who manages the server.",
            missing=missing,
        )


def is_written_to(user_id: int, text: str) -> bool:
    """Whether the text itself mentions the user: in their own words, not in code or in a quote."""
    return re.search(rf"<@!?{user_id}>", _spoken(text)) is not None


def request_of(
    endpoint: Endpoint, given: Mapping[str, Any], draw: Draw, *, is_spoiler: bool = False
) -> Request:
    """The complete request; Refused where a value or a picture's description is wrong."""
    pictures = [field for field in endpoint.fields if field.kind is FieldKind.IMAGE]
    inputs = tuple(
        input_of(field, given[field.name]) for field in pictures if given.get(field.name)
    )
    values = values_of(endpoint, given, draw)
    return request_for(endpoint, values, inputs, is_spoiler=is_spoiler)


def unaddressed(text: str, user_id: int) -> str:
    """The text without the mention by which it is meant for this user; all else stays."""
    mention = rf"(?P<before>\s?)<@!?{user_id}>(?:\s*<@!?{user_id}>)*(?P<behind>\s?)"
    found = re.search(mention, _spoken(text))
    if not found:
        return text
    gap = "\n" if found["before"] == "\n" else found["behind"] or found["before"] or " "
    return f"{text[: found.start()]}{gap}{text[found.end() :]}".strip()


def _spoken(text: str) -> str:
    """The text with a dot in place of each character that speaks to nobody."""
    for unspoken in (_CODE, _QUOTE):
        text = unspoken.sub(lambda found: "." * len(found[0]), text)
    return text


def with_pictures(
    endpoint: Endpoint, given: Mapping[str, Any], attachments: Sequence[discord.Attachment | Input]
) -> dict[str, Any]:
    """The values with a message's attachments put to the picture fields, in order."""
    fields = [field for field in endpoint.fields if field.kind is FieldKind.IMAGE]
    if attachments and not fields:
        raise Refused(
            "{endpoint} takes no picture, and {came} came with the message. Write it without, as"
            " `{example}`.",
            endpoint=endpoint.name,
            came=len(attachments),
            example=example_of(endpoint),
        )
    wanted = sum(field.required for field in fields)
    if not wanted <= len(attachments) <= len(fields):
        many = f"{wanted}" if wanted == len(fields) else f"{wanted} to {len(fields)}"
        is_choice = len(attachments) > len(fields)
        unfinished = Unfinished(
            "{endpoint} takes {many} {noun}, and {came} came with the message. Send {many} with"
            " `{example}`, or {how}.",
            endpoint=endpoint.name,
            many=many,
            noun="picture" if many == "1" else "pictures",
            came=len(attachments),
            example=example_of(endpoint),
            how="choose here" if is_choice else "fill it in",
        )
        raise unfinished.of(Lack.PICTURE if is_choice else Lack.OPTION, endpoint.qualified_name)
    named = {field.name: file for field, file in zip(fields, attachments, strict=False)}
    return {**given, **named}


def grant_of(interaction: discord.Interaction[Any]) -> Grant:
    """The interaction's token, and its end by the bot's own clock, which is asked about it later."""
    lasts = interaction.expires_at - interaction.created_at
    return Grant(
        application_id=interaction.application_id,
        token=interaction.token,
        expires_at=interaction.client.now() + lasts,
    )


def origin_of(interaction: discord.Interaction[Any], kind: OriginKind) -> Origin:
    """Where an interaction came from; Refused where the bot may not answer there."""
    if interaction.channel_id is None:
        raise Refused("Use this in a channel.")
    apart = is_apart(interaction)
    if apart or interaction.guild_id is not None:  # the bot's own direct messages have none
        check_place(interaction.channel, interaction.app_permissions, is_apart=apart)
    return Origin(
        kind=kind,
        key=f"interaction:{interaction.id}",
        event_id=interaction.id,
        user_id=interaction.user.id,
        channel_id=interaction.channel_id,
        guild_id=interaction.guild_id,
        file_limit_bytes=interaction.filesize_limit,
        again_of=interaction.message.id if interaction.message else None,
        is_apart=apart,
    )


def origin_of_message(message: discord.Message) -> Origin:
    """Where a message came from; Refused where the bot may not answer there."""
    if message.guild is not None and not isinstance(message.channel, discord.PartialMessageable):
        check_place(message.channel, message.channel.permissions_for(message.guild.me))
    return Origin(
        kind=OriginKind.MESSAGE,
        key=message_key(message.id),
        event_id=message.id,
        user_id=message.author.id,
        channel_id=message.channel.id,
        guild_id=guild_id_of(message),
        file_limit_bytes=file_limit_bytes(message.guild),
        reply_to=message.id,
        shown_in=shown_by(with_files(message)),
    )


def origin_of_reaction(payload: discord.RawReactionActionEvent, limit_bytes: int) -> Origin:
    """Where a reaction came from; its job's reply answers the message reacted to."""
    return Origin(
        kind=OriginKind.REACTION,
        key=reaction_key(payload.message_id, payload.user_id),
        event_id=payload.message_id,
        user_id=payload.user_id,
        channel_id=payload.channel_id,
        guild_id=payload.guild_id,
        file_limit_bytes=limit_bytes,
        reply_to=payload.message_id,
        again_of=payload.message_id,
    )


def message_key(message_id: int) -> str:
    """The key of what is asked for by a message."""
    return f"message:{message_id}"


def reaction_key(message_id: int, user_id: int) -> str:
    """The key of what a member asks for by a reaction."""
    return f"reaction:{message_id}:{user_id}"


def file_limit_bytes(guild: discord.Guild | None) -> int:
    """The largest file for a message that no interaction announced a limit for."""
    return guild.filesize_limit if guild else LEAST_FILE_LIMIT_BYTES


def same_emoji(one: str, other: str) -> bool:
    """Whether both are the same emoji; a variation selector makes no difference.

    One of a server's own is known by its id: `name:id` and `<a:name:id>` are the same.
    """
    return _plain(one) == _plain(other)


def _plain(emoji: str) -> str:
    found = re.fullmatch(r"<?\w*:?\w*:(\d+)>?", emoji)
    return found[1] if found else emoji.replace("\ufe0f", "")


def input_of(field: Field, file: object) -> Input:
    """The member's file for this field; Refused where its description shows a fault."""
    if isinstance(file, Input):  # a picture that a text leads to, of which nothing is described
        return replace(file, field_id=field.id, name=field.name)
    if not isinstance(file, discord.Attachment):
        raise Refused("Discord does not say what {name} is. Please send it again.", name=field.name)
    fault = described_fault(file.filename, file.size, file.width, file.height)
    if fault:
        raise fault
    return Input(
        field_id=field.id,
        name=field.name,
        filename=file.filename,
        url=file.url,
        is_spoiler=file.is_spoiler(),
    )
