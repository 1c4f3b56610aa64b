"""The REST routes of an interaction's token: its first response, and the messages after it.

https://docs.discord.com/developers/interactions/receiving-and-responding
"""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from bot.sandbox.discord.files import sizes
from bot.sandbox.discord.forms.shapes import Fields
from bot.sandbox.discord.interactions import (
    CHOICES,
    DEFERRED,
    MESSAGE,
    MODAL,
    UPDATE,
    UPDATE_LATER,
    InteractionHandle,
)
from bot.sandbox.discord.mentions import ONLY_USERS
from bot.sandbox.discord.messages import EPHEMERAL, LOADING, Message
from bot.sandbox.discord.permissions import bits
from bot.sandbox.discord.refusals import Place, Refusal, form_error
from bot.sandbox.discord.requests import Exchange, answer
from bot.sandbox.discord.rules import (
    Before,
    check_choices,
    check_message,
    check_modal,
    check_object,
    checked,
    without_reference,
)
from bot.sandbox.discord.world import World

Json = Any
MAX_FOLLOWUPS = 5  # where the member alone has the application


class InteractionRoutes:
    """Handlers; each takes the parsed exchange and gives a response, or raises Refusal."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[tuple[str, str, Callable[..., Any]]]:
        """Method, path and handler of every route."""
        webhook = "/webhooks/{application_id}/{token}"
        message = webhook + "/messages/{message_id}"
        return [
            ("POST", "/interactions/{interaction_id}/{token}/callback", self.callback),
            ("POST", webhook, self.followup),
            ("GET", message, self.get),
            ("PATCH", message, self.patch),
            ("DELETE", message, self.delete),
        ]

    async def callback(self, request: web.Request, exchange: Exchange) -> web.Response:
        """The first response."""
        handle = self._world.interactions.get(request.match_info["token"])
        if handle is None or handle.id != int(request.match_info["interaction_id"]):
            raise Refusal(404, 10062, "Unknown interaction")
        if handle.response is not None:
            raise Refusal(400, 40060, "Interaction has already been acknowledged.")
        if handle.is_late:
            self._world.late_answers.append(handle)
            raise Refusal(404, 10062, "Unknown interaction")
        check_object(exchange.body)
        await self._respond(handle, exchange.body.get("type"), exchange)
        self._world.answered(handle)
        if request.query.get("with_response") not in {"1", "true"}:
            return web.Response(status=204)
        return answer(self._callback_answer(handle))

    async def _respond(self, handle: InteractionHandle, kind: Json, exchange: Exchange) -> None:
        world = self._world
        data = self._checked(handle, kind, exchange)
        handle.response = kind
        if kind in {MESSAGE, DEFERRED}:
            body = data if kind == MESSAGE else {"flags": (data.get("flags") or 0) & EPHEMERAL}
            handle.message = self._new(handle, body, exchange)
            if kind == DEFERRED:
                handle.message.flags |= LOADING
            await world.publish(handle.message, _allowed(data))
        elif kind == UPDATE and handle.source:
            handle.message = handle.source
            await world.edit(handle.source, data, exchange.files, usual=ONLY_USERS)
        elif kind == UPDATE_LATER:
            handle.message = handle.source
        elif kind == MODAL:
            handle.modal = data
        elif kind == CHOICES:
            handle.choices = data.get("choices") or []

    def _checked(self, handle: InteractionHandle, kind: Json, exchange: Exchange) -> Json:
        """The data of an answer of its kind; Refusal."""
        if type(kind) is not int or kind not in handle.answers:
            text = f"Value must be one of {{{', '.join(map(str, handle.answers))}}}."
            raise form_error("type", "BASE_TYPE_CHOICES", text)
        required = ("data",) if kind in {CHOICES, MODAL} else ()
        data = checked(exchange.body, {"data": Fields({})}, required).get("data") or {}
        if kind == CHOICES:
            check_choices(data, handle.focused)
        elif kind == MODAL:
            check_modal(data)
        else:
            is_change = kind in {UPDATE, UPDATE_LATER}
            changed = handle.source.before() if handle.source and is_change else Before()
            check_message(
                without_reference(data),
                sizes(exchange.files),
                limit_bytes=self._world.upload_limit(handle.channel),
                before=None if kind == MESSAGE else changed,
                place=Place(("data",)),
            )
        return data

    async def followup(self, request: web.Request, exchange: Exchange) -> web.Response:
        """One more message; the first one after “thinking” takes its place."""
        handle, body = self._handle(request), exchange.body
        if handle.response is None:
            raise Refusal(404, 10015, "Unknown Webhook")
        limit = self._world.upload_limit(handle.channel)
        check_message(without_reference(body), sizes(exchange.files), limit_bytes=limit)
        first = handle.message
        if first and first.flags & LOADING and not first.is_deleted:
            return await self._changed(first, exchange)
        if handle.is_of_user_alone and handle.followups >= MAX_FOLLOWUPS:
            text = "This interaction has hit the maximum number of follow up messages."
            raise Refusal(400, 40094, text)
        handle.followups += 1
        message = self._new(handle, body, exchange)
        if first:
            told = {"original_response_message_id": str(first.id)}
            message.metadata = {**handle.metadata, **told}
        await self._world.publish(message, _allowed(body))
        return answer(message.payload())

    async def get(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """A message of the interaction; `@original` is the first response."""
        return answer(self._message(request).payload())

    async def patch(self, request: web.Request, exchange: Exchange) -> web.Response:
        """Edit it."""
        message = self._message(request)
        if message.channel.is_archived:
            raise Refusal(400, 50083, "Thread is archived")
        return await self._changed(message, exchange)

    async def delete(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """Delete it."""
        await self._world.delete_message(self._message(request))
        return web.Response(status=204)

    def _new(self, handle: InteractionHandle, data: Json, exchange: Exchange) -> Message:
        world = self._world
        message = world.new_message(
            world.bot_user,
            handle.channel,
            data,
            exchange.files,
            flags=EPHEMERAL if self._is_hidden(handle, data) else 0,
        )
        message.metadata = handle.metadata
        message.application_id = message.webhook_id = world.application_id
        message.answered = handle.source or handle.cause.target
        return message

    def _is_hidden(self, handle: InteractionHandle, data: Json) -> bool:
        """Whether one member alone sees an answer: also where they may not use foreign apps."""
        if (data.get("flags") or 0) & EPHEMERAL:
            return True
        may = self._world.permissions_of(handle.member, handle.channel)
        needed = bits(("use_external_apps", "send_messages"))
        return handle.is_of_user_alone and bool(handle.channel.guild_id) and may & needed != needed

    async def _changed(self, message: Message, exchange: Exchange) -> web.Response:
        was_loading = message.flags & LOADING
        message.flags &= ~LOADING
        try:
            await self._world.edit(message, exchange.body, exchange.files, usual=ONLY_USERS)
        except Refusal:
            message.flags |= was_loading
            raise
        return answer(message.payload())

    def _callback_answer(self, handle: InteractionHandle) -> Json:
        interaction = {
            "id": str(handle.id),
            "type": handle.kind,
        }
        if handle.message is None:
            return {"interaction": interaction}
        interaction |= {
            "response_message_id": str(handle.message_id),
            "response_message_loading": handle.response == DEFERRED,
            "response_message_ephemeral": handle.ephemeral,
        }
        resource: Json = {"type": handle.response, "message": handle.message.payload()}
        return {"interaction": interaction, "resource": resource}

    def _handle(self, request: web.Request) -> InteractionHandle:
        handle = self._world.interactions.get(request.match_info["token"])
        if handle is None or int(request.match_info["application_id"]) != (
            self._world.application_id
        ):
            raise Refusal(404, 10015, "Unknown Webhook")
        if self._world.clock.now() > handle.expires_at:
            raise Refusal(401, 50027, "Invalid Webhook Token")
        return handle

    def _message(self, request: web.Request) -> Message:
        handle = self._handle(request)
        text = request.match_info["message_id"]
        message = handle.message  # a press's may be the one that it was on
        if text != "@original":
            message = self._world.all_messages.get(int(text))
            if message and (message.metadata or {}).get("id") != str(handle.id):
                message = None
        if message is None or message.is_deleted:
            raise Refusal(404, 10008, "Unknown Message")
        if message.channel.is_deleted:
            raise Refusal(404, 10003, "Unknown Channel")
        return message


def _allowed(body: Json) -> Json:
    """Whom a message mentions: users alone, where it says nothing."""
    said = body.get("allowed_mentions")
    return ONLY_USERS if said is None else said
