"""The REST routes of threads and posts, of who is in them, and of what is published elsewhere.

https://docs.discord.com/developers/resources/channel
"""

from typing import Any

from aiohttp import web

from bot.sandbox.discord.files import sizes
from bot.sandbox.discord.forms.kinds import OneOf
from bot.sandbox.discord.forms.threads import OF_MESSAGE, POST, WITHOUT_MESSAGE
from bot.sandbox.discord.messages import CROSSPOSTED, HAS_THREAD
from bot.sandbox.discord.people import User, made_at
from bot.sandbox.discord.places import (
    ANNOUNCEMENTS,
    NEWS_THREAD,
    POSTS_ONLY,
    PRIVATE_THREAD,
    PUBLIC_THREAD,
    TEXT,
    Channel,
    Thread,
)
from bot.sandbox.discord.refusals import Place, Refusal
from bot.sandbox.discord.requests import Exchange, answer
from bot.sandbox.discord.routes import Lookups, Route
from bot.sandbox.discord.rules import check_message, checked, without_reference

Json = Any
WRONG_CHANNEL = (400, 50024, "Cannot execute action on this channel type")


class ThreadRoutes(Lookups):
    """Handlers; each takes the parsed exchange and gives a response, or raises Refusal."""

    def routes(self) -> list[Route]:
        """Method, path and handler of every route."""
        message = "/channels/{channel_id}/messages/{message_id}"
        members = "/channels/{channel_id}/thread-members"
        return [
            ("POST", message + "/threads", self.of_message),
            ("POST", message + "/crosspost", self.crosspost),
            ("POST", "/channels/{channel_id}/threads", self.create),
            ("GET", members, self.members),
            ("PUT", members + "/@me", self.join),
            ("DELETE", members + "/@me", self.leave),
            ("GET", members + "/{user_id}", self.member),
            ("PUT", members + "/{user_id}", self.join),
            ("DELETE", members + "/{user_id}", self.leave),
        ]

    async def of_message(self, request: web.Request, exchange: Exchange) -> web.Response:
        """Start a thread of a message; it has the message's id."""
        message = self.message(request)
        channel = message.channel
        if channel.type not in {TEXT, ANNOUNCEMENTS}:
            raise Refusal(*WRONG_CHANNEL)
        self.check(channel, "create_public_threads")
        body = checked(exchange.body, OF_MESSAGE, ("name",))
        if message.id in self.world.channels:
            raise Refusal(400, 160004, "A thread has already been created for this message")
        thread = self.world.add_thread(channel, body["name"], thread_id=message.id)
        self._settle(thread, body)
        message.flags |= HAS_THREAD
        message.thread = thread
        await self.world.show_change(message)
        return answer(self._told(thread), status=201)

    async def create(self, request: web.Request, exchange: Exchange) -> web.Response:
        """Start a thread without a message, or a forum's post with one."""
        channel = self.channel(request)
        if channel.type in POSTS_ONLY:
            return await self._post(channel, exchange)
        if channel.type not in {TEXT, ANNOUNCEMENTS}:
            raise Refusal(*WRONG_CHANNEL)
        is_news = channel.type == ANNOUNCEMENTS
        kinds = (NEWS_THREAD,) if is_news else (PRIVATE_THREAD, PUBLIC_THREAD)
        body = checked(exchange.body, {**WITHOUT_MESSAGE, "type": OneOf(kinds)}, ("name",))
        is_private = (body.get("type") or kinds[0]) == PRIVATE_THREAD
        self.check(channel, f"create_{'private' if is_private else 'public'}_threads")
        thread = self.world.add_thread(channel, body["name"], is_private=is_private)
        self._settle(thread, body)
        return answer(self._told(thread), status=201)

    async def _post(self, forum: Channel, exchange: Exchange) -> web.Response:
        world = self.world
        self.check(forum, "send_messages")
        body = checked(exchange.body, POST, ("name", "message"))
        limit, place = world.upload_limit(forum), Place(("message",))
        check_message(
            without_reference(body["message"]),
            sizes(exchange.files),
            limit_bytes=limit,
            place=place,
        )
        tags = self._tags(forum, body.get("applied_tags") or [])
        thread = world.add_thread(forum, body["name"])
        self._settle(thread, body).tags = tags
        message = world.new_message(world.bot_user, thread, body["message"], exchange.files)
        message.id = thread.id
        await world.publish(message, body["message"].get("allowed_mentions"))
        return answer({**self._told(thread), "message": self.seen(message)}, status=201)

    def _tags(self, forum: Channel, applied: list[Json]) -> list[int]:
        form, known = Place(("applied_tags",)), {tag.id for tag in forum.tags}
        for index, each in enumerate(applied):
            if int(each) not in known:
                form[index].wrong("BASE_TYPE_CHOICES", f"Value must be one of {sorted(known)}.")
        form.close()
        if forum.needs_tag and not known:
            text = "There are no tags available that can be set by non-moderators"
            raise Refusal(400, 40066, text)
        if forum.needs_tag and not applied:
            text = "A tag is required to create a forum post in this channel"
            raise Refusal(400, 40067, text)
        return [int(each) for each in applied]

    async def crosspost(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """Publish a message of an announcement channel to whoever follows it."""
        message = self.message(request)
        if message.channel.type != ANNOUNCEMENTS:
            raise Refusal(*WRONG_CHANNEL)
        is_own = message.author is self.world.bot_user
        self.check(message.channel, "send_messages", *([] if is_own else ["manage_messages"]))
        if message.flags & CROSSPOSTED:
            raise Refusal(400, 40033, "This message has already been crossposted.")
        message.flags |= CROSSPOSTED
        await self.world.show_change(message)
        return answer(self.seen(message))

    # -- who is in a thread

    async def members(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """All of them."""
        thread = self._thread(request)
        found = self._joined(thread).members
        return answer([_membership(thread, user) for user in found])

    async def member(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """One of them."""
        thread, user = self._thread(request), self._user(request)
        if user not in self._joined(thread).members:
            raise Refusal(404, 10007, "Unknown Member")
        return answer(_membership(thread, user))

    async def join(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """Join, or let somebody join."""
        thread, user = self._thread(request), self._user(request)
        if thread.is_archived:
            raise Refusal(400, 50083, "Thread is archived")
        members = self._joined(thread).members
        if user not in members:
            members.append(user)
        return web.Response(status=204)

    async def leave(self, request: web.Request, _exchange: Exchange) -> web.Response:
        """Leave, or take somebody out."""
        thread, user = self._thread(request), self._user(request)
        if user is not self.world.bot_user:
            self.check(thread, "manage_threads")
        members = self._joined(thread).members
        if user in members:
            members.remove(user)
        return web.Response(status=204)

    def _thread(self, request: web.Request) -> Channel:
        channel = self.channel(request)
        if not channel.is_thread:
            raise Refusal(*WRONG_CHANNEL)
        return channel

    def _joined(self, channel: Channel) -> Thread:
        channel.thread = channel.thread or Thread(self.world.bot_user, [self.world.bot_user])
        return channel.thread

    def _user(self, request: web.Request) -> User:
        world = self.world
        user = world.users.get(int(request.match_info.get("user_id", world.bot_user.id)))
        if user is None:
            raise Refusal(404, 10013, "Unknown User")
        return user

    def _settle(self, channel: Channel, body: Json) -> Thread:
        found = self._joined(channel)
        found.archives_after_min = body.get("auto_archive_duration") or found.archives_after_min
        found.pause_s = body.get("rate_limit_per_user") or 0
        found.invites = body.get("invitable") is not False
        return found

    def _told(self, thread: Channel) -> Json:
        member = _membership(thread, self.world.bot_user)
        return {**thread.payload(self.world.bot_user), "member": member}


def _membership(thread: Channel, user: User) -> Json:
    since = made_at(thread.id).isoformat()
    return {"id": str(thread.id), "user_id": str(user.id), "join_timestamp": since, "flags": 0}
