"""Who may ask: Discord's own steps for slash commands, and what else the gate holds."""

from dataclasses import replace

import pytest

from bot.errors import Refused
from bot.gate import (
    ADMINISTRATOR,
    USE_APPLICATION_COMMANDS,
    Asker,
    Gate,
    Overwrite,
    Rules,
    Target,
    may,
)
from bot.jobs.bylaws import Bylaws
from bot.jobs.house import HouseRules
from bot.jobs.job import OriginKind
from tests.endpoints import make_endpoint

GUILD, CHANNEL, MEI, ARTISTS, GUESTS = 3, 30, 7, 11, 12
ASKER = Asker(
    user_id=MEI,
    guild_id=GUILD,
    channel_id=CHANNEL,
    role_ids=(GUILD, ARTISTS, GUESTS),
    permissions=USE_APPLICATION_COMMANDS,
)
PAINT = make_endpoint("Paint")
WAYS = [OriginKind.MESSAGE, OriginKind.BUTTON, OriginKind.REACTION]


def line(target: Target, at: int, *, is_allowed: bool) -> Overwrite:
    return Overwrite(id=at, target=target, is_allowed=is_allowed)


def yes(target: Target, at: int) -> Overwrite:
    return line(target, at, is_allowed=True)


def no(target: Target, at: int) -> Overwrite:
    return line(target, at, is_allowed=False)


R, U, C = Target.ROLE, Target.USER, Target.CHANNEL
EVERYWHERE = GUILD - 1


@pytest.mark.parametrize(
    ("command", "application", "expected"),
    [
        ((), (), True),
        ((no(R, GUILD),), (), False),
        ((yes(R, GUILD),), (), True),
        ((no(R, GUILD), yes(R, ARTISTS)), (), True),
        ((no(R, ARTISTS), yes(R, GUESTS)), (), True),
        ((yes(R, GUILD), no(R, ARTISTS)), (), False),
        ((yes(R, ARTISTS), no(U, MEI)), (), False),
        ((no(R, ARTISTS), yes(U, MEI)), (), True),
        ((no(R, 99), no(U, 99), no(C, 99)), (), True),
        ((no(C, CHANNEL),), (), False),
        ((no(C, EVERYWHERE),), (), False),
        ((no(C, EVERYWHERE), yes(C, CHANNEL)), (), True),
        ((yes(C, EVERYWHERE), no(C, CHANNEL)), (), False),
        ((no(C, CHANNEL), yes(U, MEI)), (), False),
        ((), (no(R, GUILD),), False),
        ((), (no(U, MEI),), False),
        ((), (yes(U, MEI), no(R, GUILD)), True),
        ((), (no(C, CHANNEL),), False),
        ((), (no(C, EVERYWHERE), yes(C, CHANNEL)), True),
        ((yes(R, GUILD),), (no(R, GUILD),), True),
        ((no(R, GUILD),), (yes(R, GUILD),), False),
        ((yes(U, MEI),), (no(C, CHANNEL),), False),
        ((yes(C, CHANNEL),), (no(C, EVERYWHERE),), True),
        ((yes(R, 99),), (no(R, GUILD),), False),
        ((no(R, CHANNEL), no(C, MEI), no(U, CHANNEL)), (), True),
    ],
)
def test_a_member_may_what_discord_would_let_them(
    command: tuple[Overwrite, ...], application: tuple[Overwrite, ...], *, expected: bool
) -> None:
    rules = Rules(application=application, commands={"paint": command})
    assert may(ASKER, rules, "paint") is expected
    denied = Rules(application=(no(R, GUILD),), commands={"other": (yes(U, MEI),)})
    administrator = replace(ASKER, permissions=ADMINISTRATOR)
    assert may(administrator, rules, "paint")
    assert may(administrator, denied, "paint")


@pytest.mark.parametrize("permissions", [0, None, ~(USE_APPLICATION_COMMANDS | ADMINISTRATOR)])
def test_whoever_may_use_no_commands_there_may_not_though_the_rules_say_yes(
    permissions: int | None,
) -> None:
    asker = replace(ASKER, permissions=permissions)
    assert not may(asker, Rules(commands={"paint": (yes(U, MEI),)}), "paint")


class Known:
    """Rules that are known for these servers, or never."""

    def __init__(self, **rules: Rules) -> None:
        self.rules = rules
        self.wanted = 0

    def of(self, guild_id: int) -> Rules | None:
        return self.rules.get(f"server_{guild_id}")

    def want(self, guild_id: int) -> None:
        self.wanted = guild_id

    async def learned(self, guild_id: int) -> None:
        self.rules[f"server_{guild_id}"] = Rules()


def refusal(gate: Gate, asker: Asker, kind: OriginKind, **endpoint: object) -> str:
    try:
        gate.check(asker, kind, make_endpoint("Paint", **endpoint))
    except Refused as error:
        return error.user_message
    return ""


@pytest.mark.parametrize("kind", OriginKind)
def test_bots_and_other_servers_are_refused_on_every_way_in(kind: OriginKind) -> None:
    gate = Gate([GUILD], Known(server_3=Rules(), server_4=Rules()))
    assert refusal(gate, ASKER, kind) == ""
    elsewhere = replace(ASKER, guild_id=4)
    assert refusal(gate, elsewhere, kind) == "This bot does not serve this server."
    assert refusal(Gate([], Known(server_4=Rules())), elsewhere, kind) == ""
    assert "Bots" in refusal(gate, replace(ASKER, is_human=False), kind)


BLOCKED = "The bot's owner does not let you use it. Nothing was charged."
BLOCKED_HERE = "The bot's owner does not let it be used in this server. Nothing was charged."
BARRED = "Who manages this server does not let you use the bot here. Nothing was charged."
PAUSED = (
    "The bot's owner has paused it, and nothing new is taken. Nothing was charged; please ask again"
    " later."
)


@pytest.mark.parametrize("kind", OriginKind)
@pytest.mark.parametrize(
    ("house", "mine", "told_here", "told_elsewhere", "told_alone"),
    [
        (HouseRules(), {}, "", "", ""),
        (HouseRules(is_paused=True), {}, PAUSED, PAUSED, PAUSED),
        (HouseRules(members=frozenset({MEI, 9})), {}, BLOCKED, BLOCKED, BLOCKED),
        (HouseRules(members=frozenset({9})), {}, "", "", ""),
        (HouseRules(members=frozenset({GUILD}), servers=frozenset({MEI})), {}, "", "", ""),
        (HouseRules(servers=frozenset({GUILD})), {}, BLOCKED_HERE, "", ""),
        (HouseRules(is_paused=True, members=frozenset({MEI})), {}, BLOCKED, BLOCKED, BLOCKED),
        (HouseRules(is_paused=True), {"permissions": ADMINISTRATOR}, PAUSED, PAUSED, PAUSED),
        (HouseRules(bylaws=Bylaws(blocked=frozenset({(GUILD, MEI)}))), {}, BARRED, "", ""),
        (HouseRules(bylaws=Bylaws(blocked=frozenset({(MEI, GUILD), (4, 9)}))), {}, "", "", ""),
    ],
)
def test_what_the_owner_has_set_holds_on_every_way_in(  # noqa: PLR0913, PLR0917 - a table's row
    kind: OriginKind,
    house: HouseRules,
    mine: dict[str, int],
    told_here: str,
    told_elsewhere: str,
    told_alone: str,
) -> None:
    gate = Gate([], Known(server_3=Rules(), server_4=Rules()), lambda: house)
    asker = replace(ASKER, **mine)  # type: ignore[arg-type]  # a number
    assert refusal(gate, asker, kind) == told_here
    assert refusal(gate, replace(asker, guild_id=4), kind) == told_elsewhere
    assert refusal(gate, replace(asker, guild_id=None), kind) == told_alone


@pytest.mark.parametrize("kind", OriginKind)
def test_an_age_restricted_endpoint_runs_in_such_channels_alone(kind: OriginKind) -> None:
    gate = Gate([], Known(server_3=Rules()))
    direct = replace(ASKER, guild_id=None, permissions=None)
    sentence = "/art paint runs in age-restricted channels alone."
    for asker in (ASKER, direct):
        assert refusal(gate, asker, kind, nsfw=True, group="art") == sentence
    assert refusal(gate, replace(ASKER, is_age_restricted=True), kind, nsfw=True) == ""


APART = replace(ASKER, guild_id=4, is_apart=True, has_installed=True)
NOT_THERE = "This bot works in the servers that it is in, and in its direct messages."
NOT_THEIRS = "Only who has added this bot to their own apps can use it here."
NOT_ALLOWED = "You may not use /paint here: this server's settings do not allow it (Integrations)."


@pytest.mark.parametrize("kind", [OriginKind.COMMAND, OriginKind.BUTTON])
@pytest.mark.parametrize(
    ("asker", "is_on", "told"),
    [
        (APART, True, ("", "")),
        (APART, False, (NOT_THERE, NOT_THERE)),
        (replace(APART, guild_id=None, permissions=None), True, ("", "")),
        (replace(APART, guild_id=None, permissions=None), False, (NOT_THERE, NOT_THERE)),
        (replace(APART, has_installed=False), True, ("", NOT_THEIRS)),
        (replace(APART, permissions=0), True, ("", NOT_ALLOWED)),
        (replace(APART, guild_id=5), True, (BLOCKED_HERE, BLOCKED_HERE)),
    ],
)
def test_where_the_bot_is_not_whoever_has_installed_it_may_what_discord_lets_them(
    kind: OriginKind, asker: Asker, *, is_on: bool, told: tuple[str, str]
) -> None:
    house = HouseRules(servers=frozenset({5}))
    gate = Gate([], Known(), lambda: house, serves_users=is_on)
    assert refusal(gate, asker, kind) == told[kind is OriginKind.BUTTON]
    if not told[0]:
        sentence = refusal(gate, asker, kind, nsfw=True)
        assert sentence == "/paint runs in age-restricted channels alone."


@pytest.mark.parametrize("kind", WAYS)
def test_a_group_is_one_command(kind: OriginKind) -> None:
    gate = Gate([], Known(server_3=Rules(commands={"art": (no(U, MEI),)})))
    assert refusal(gate, ASKER, kind, group="art").startswith("You may not use /art paint here")
    assert refusal(gate, ASKER, kind) == ""


@pytest.mark.parametrize("kind", OriginKind)
def test_of_rules_that_are_not_known_only_discord_itself_is_trusted(kind: OriginKind) -> None:
    gate = Gate([], Known())
    assert bool(refusal(gate, ASKER, kind)) is (kind is not OriginKind.COMMAND)
    assert refusal(gate, replace(ASKER, guild_id=None, permissions=None), kind) == ""


@pytest.mark.parametrize("kind", WAYS)
def test_of_a_member_of_whom_nothing_is_known_there_no_rule_is_said_to_refuse_them(
    kind: OriginKind,
) -> None:
    gate = Gate([], Known(server_3=Rules()))
    sentence = refusal(gate, replace(ASKER, permissions=None), kind)
    assert sentence.startswith("The bot does not know yet who may use its commands")


@pytest.mark.parametrize(
    ("kind", "waits"),
    [
        (OriginKind.COMMAND, False),
        (OriginKind.BUTTON, False),
        (OriginKind.MESSAGE, True),
        (OriginKind.REACTION, True),
    ],
)
async def test_only_what_discord_does_not_wait_for_waits_for_rules(
    kind: OriginKind, *, waits: bool
) -> None:
    known = Known()
    await Gate([], known).ready(ASKER, kind)
    assert (known.of(GUILD) is not None) is waits
    assert known.wanted == GUILD
