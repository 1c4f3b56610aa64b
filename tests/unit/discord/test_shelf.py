"""What the owner reads of endpoints, however many there are, and whatever they are called."""

from dataclasses import replace

import pytest

from bot.discord import client
from bot.discord.shelf import Use, added, faults_line, removed, told
from bot.endpoints import shelf
from bot.endpoints.documents import Place
from bot.endpoints.offer import Checked, Offer
from bot.jobs.ledger import Account, Used
from bot.jobs.progress import Took
from bot.jobs.request import FieldKind
from tests.endpoints import make_endpoint, make_field

MOST = 2000  # characters of a message
IMAGE, NUMBER = make_field("image", FieldKind.IMAGE), make_field("n", FieldKind.INTEGER)
SNAKE = make_endpoint("Snake", IMAGE, NUMBER, credits=2, place=Place("endpoints/all.json", 3))
ADDED = make_endpoint("A*b*", command="a-b", place=Place("/a-b", is_file=False))
USES = {
    "Snake": Use(
        account=Account(today=Used(3, 6), lately=Used(1234, 2468)),
        took=tuple(
            Took(queueing_s=1, processing_s=each, has_failed=each == 99) for each in (8, 99, 20, 9)
        ),
    )
}


def test_each_endpoint_is_told_with_all_that_is_known_of_it() -> None:
    offer = Offer(
        endpoints=(SNAKE, ADDED),
        hidden=("x", "g y"),
        outdated=("a.json: *wrong*",),
        left_out=("b.json: worse",),
    )
    text, rest = told(offer, USES, "everywhere: status 429")
    assert text == (
        "**2 endpoints**\n"
        "**Not published**: everywhere: status 429\n"
        "**Stays as it was last**: a.json: \\*wrong\\*\n"
        "**Left out**: b.json: worse\n"
        "**Hidden**, and back by `/studio add`: `/x`, `/g y`\n"
        "**/snake** Snake\n-# image, n (integer) · 2 credits · jobs: 3 today, 1,234 in 30 days"
        " · median 10 s · from all.json [3]\n"
        "**/a-b** A\\*b\\*\n-# no options · cost unknown · jobs: 0 today, 0 in 30 days"
        " · no time known · from the database"
    )
    assert rest is None
    assert faults_line(offer) == (
        "**Documents**: 1 left out · 1 as it was last: `/studio endpoints` says why"
    )
    assert faults_line(Offer(endpoints=(SNAKE,))) == ""


@pytest.mark.parametrize("number", [3, 95])
@pytest.mark.parametrize("faults", [0, 1, 300])
def test_of_many_as_much_as_a_message_holds_and_all_of_it_in_a_file(
    number: int, faults: int
) -> None:
    fields = [make_field(f"{n:_<32}", FieldKind.BOOLEAN) for n in range(25)]
    long = make_endpoint("*" * 200, *fields, command="x" * 32, group="y" * 32)
    names = [f"{n:x<32}" for n in range(number)]
    endpoints = tuple(replace(long, command=each, place=Place("/" * 300)) for each in names)
    lines = tuple(f"{n}: {'_' * 400}" for n in range(faults))
    offer = Offer(endpoints=endpoints, left_out=lines, outdated=lines, hidden=tuple(names))
    text, rest = told(offer, {}, "@everyone" * 100)
    assert len(text) <= MOST
    assert "All of it is in endpoints.txt." in text
    assert f"/{'y' * 32} 0" in text
    assert rest
    for each in (*names, *lines):
        assert each in rest
    assert rest.count("boolean") == 25 * number
    assert "@everyone" not in text


def test_whatever_is_added_at_once_is_told_in_one_message() -> None:
    names = tuple(f"{'y' * 32} {n:x<32}" for n in range(95))
    many = Checked(documents=dict.fromkeys(names, ""), hidden=names, warnings=("*" * 500,) * 99)
    assert len(added(many)) <= MOST
    assert "and 87 more" in added(many)
    assert len(removed(names[0], is_of_file=True)) <= MOST


def test_a_change_is_seen_and_published_within_ten_seconds() -> None:
    seen_s = shelf.LOOK_S + (shelf.SETTLE_TRIES * shelf.SETTLE_S)
    assert seen_s + client.KNOWN_S < 10
    assert shelf.READ_AGAIN_S < client.KNOWN_S  # until then all processes have read of it
