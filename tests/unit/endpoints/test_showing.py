from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.endpoints.catalogue import MAX_COMMAND_CHARACTERS, Endpoint, command_size
from bot.endpoints.showing import (
    EVERYONE,
    ONLY_ME,
    SHOW,
    SPOILER,
    alone_in,
    is_alone,
    is_hidden,
    options_of,
    said_in,
)
from bot.jobs.request import FieldKind
from tests.endpoints import make_endpoint, make_field


def options(*endpoints: Endpoint) -> Mapping[str, bool]:
    """Which of them have the option."""
    return {name: SHOW in fields for name, fields in options_of(endpoints).items()}


def fields(count: int, name: str = "f") -> Endpoint:
    many = (make_field(f"{name}{n}", FieldKind.STRING) for n in range(count))
    return make_endpoint(name, *many)


def long(endpoint: Endpoint, room: int) -> Endpoint:
    """The endpoint so large that a command with it has this room."""
    missing = MAX_COMMAND_CHARACTERS - command_size([endpoint]) - room
    return replace(endpoint, description=endpoint.description + "x" * missing)


ITS_SIZE = command_size([make_endpoint("a", SHOW)]) - command_size([make_endpoint("a")])


def test_every_command_has_it_where_there_is_room() -> None:
    assert options(fields(0, "a"), fields(24, "b"), fields(25, "c")) == {
        "a": True, "b": True, "c": False,
    }  # fmt: skip
    assert options(long(fields(1), ITS_SIZE)) == {"f": True}
    assert options(long(fields(1), ITS_SIZE - 1)) == {"f": False}


def test_of_a_group_all_have_it_or_none() -> None:
    one, two = replace(fields(1, "a"), group="all"), replace(fields(25, "b"), group="all")
    assert options(one, replace(one, command="c")) == {"all a": True, "all c": True}
    assert options(one, two, fields(1)) == {"all a": False, "all b": False, "f": True}


@pytest.mark.parametrize(
    ("given", "is_it"), [({}, False), ({"show": EVERYONE}, False), ({"show": SPOILER}, True)]
)
def test_what_is_said_is_taken_out(given: dict[str, object], *, is_it: bool) -> None:
    assert is_hidden(fields(1), given) is is_it
    assert given == {}


def test_who_asks_to_see_it_alone_is_told_apart_and_a_documents_own_option_wins() -> None:
    own = make_endpoint("a", make_field("show", FieldKind.STRING))
    given: dict[str, object] = {"show": ONLY_ME}
    assert (is_alone(fields(1), given), is_alone(own, given)) == (True, False)
    assert not is_hidden(fields(1), given)
    assert given == {}
    assert alone_in([own, fields(1)], "a fox show: only me") == [fields(1)]
    assert alone_in([own, fields(1)], "a fox show: everyone") == []


def test_an_option_of_the_documents_own_wins() -> None:
    own = make_endpoint("a", make_field("show", FieldKind.STRING))
    given: dict[str, object] = {"show": SPOILER}
    assert options(own) == {"a": False}
    assert not is_hidden(own, given)
    assert given == {"show": SPOILER}


@pytest.mark.parametrize(
    ("text", "rest", "shown"),
    [
        ("show: behind a spoiler", "", SPOILER),
        ("a fox Show=Behind a spoiler seed=5", "a fox seed=5", SPOILER),
        ("a fox\nshow:everyone", "a fox", EVERYONE),
        ("text: a fox show: behind a spoiler", "text: a fox", SPOILER),
        ("show: only me a fox", "a fox", ONLY_ME),
        ("show: only men", "show: only men", None),
        ("a picture to show everyone", "a picture to show everyone", None),
        ("show: a red fox behind a spoiler", "show: a red fox behind a spoiler", None),
        ("a sideshow: everyone", "a sideshow: everyone", None),
        ("show: everyone-else", "show: everyone-else", None),
    ],
)
def test_in_a_message_it_is_meant_where_it_is_written_out(
    text: str, rest: str, shown: str | None
) -> None:
    assert said_in(fields(1), text) == (rest, {"show": shown} if shown else {})
    own = make_endpoint("a", make_field("show", FieldKind.STRING))
    assert said_in(own, text) == (text, {})
