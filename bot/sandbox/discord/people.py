"""People and applications of the local Discord, and the ids that everything there has."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = Any
GUILD_INSTALL, USER_INSTALL = 0, 1  # how an application comes to where it is used
EPOCH_MS = 1_420_070_400_000  # https://docs.discord.com/developers/reference#snowflakes


@dataclass(eq=False)
class User:
    """A person, or the bot."""

    id: int
    name: str
    is_bot: bool = False
    has_nitro: bool = False

    @property
    def mention(self) -> str:
        """How a text names them."""
        return f"<@{self.id}>"

    def payload(self) -> Json:
        """A user object."""
        return {
            "id": str(self.id),
            "username": self.name,
            "global_name": None if self.is_bot else self.name,
            "discriminator": f"{self.id % 10_000:04}" if self.is_bot else "0",
            "avatar": None,
            "bot": self.is_bot,
            "public_flags": 0,
            "flags": 0,
            "primary_guild": None,
        }

    def own_payload(self) -> Json:
        """The user object that one gets of oneself."""
        own = {"mfa_enabled": False, "locale": "en-US", "verified": True, "email": None}
        return {**self.payload(), **own}


@dataclass(eq=False)
class Team:
    """Who has an application together: the first of them owns the team."""

    id: int
    members: list[tuple[User, str, bool]]  # with their role, and whether they are in it already

    def payload(self) -> Json:
        """A team object: https://docs.discord.com/developers/topics/teams#data-models-team-object."""
        owner, *_ = self.members
        return {
            "id": str(self.id),
            "name": "Team",
            "icon": None,
            "owner_user_id": str(owner[0].id),
            "members": [self._member(*each) for each in self.members],
        }

    def as_user(self) -> Json:
        """What stands in the place of the application's owner."""
        return User(self.id, f"team{self.id}").payload() | {"global_name": None}

    def _member(self, user: User, role: str, is_accepted: bool) -> Json:  # noqa: FBT001 - of a row
        return {
            "user": user.payload(),
            "team_id": str(self.id),
            "membership_state": 2 if is_accepted else 1,
            "role": role,
            "permissions": ["*"],
        }


@dataclass(eq=False)
class Application:
    """What the bot belongs to; its id is not the bot's where it is old, or got its bot late."""

    id: int
    bot: User
    owner: User
    is_public: bool = True  # whether everybody may add it to a server
    installs: set[int] = field(default_factory=lambda: {GUILD_INSTALL})  # how it can be
    users: set[int] = field(default_factory=set)  # the ids of who has it for themselves
    team: Team | None = None  # to which it belongs in place of one person


def made_at(snowflake: int) -> datetime:
    """When an id was made."""
    return datetime.fromtimestamp(((snowflake >> 22) + EPOCH_MS) / 1000, UTC)


class Snowflakes:
    """Ids that say when they were made, and never repeat."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._count = itertools.count(1)

    def __call__(self) -> int:
        milliseconds = round(self._now().timestamp() * 1000) - EPOCH_MS
        return (milliseconds << 22) | (next(self._count) & 0x3FFFFF)
