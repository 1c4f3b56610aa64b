from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import Refused
from bot.jobs.database import Database
from bot.jobs.drafts import KEPT_FOR, Draft, Drafts
from bot.jobs.request import Input
from tests.jobs import NOON

PICTURE = Input(field_id="", name="", filename="me.png", url="https://cdn.example/me.png")
DRAFT = Draft(id="a" * 32, user_id=1, created_at=NOON, pictures=(PICTURE,), message_id=5)


@pytest.fixture(params=["sqlite_url", "postgresql_url"])
async def drafts(request: pytest.FixtureRequest) -> AsyncIterator[Drafts]:
    async with Database.open(request.getfixturevalue(request.param)) as database:
        yield Drafts(database)


async def test_a_draft_is_its_members_for_a_day(drafts: Drafts) -> None:
    await drafts.add(DRAFT)
    await drafts.prune(NOON + KEPT_FOR)
    assert await drafts.get(DRAFT.id, 1) == DRAFT
    with pytest.raises(Refused, match="Only who asked can choose"):
        await drafts.get(DRAFT.id, 2)
    await drafts.add(replace(DRAFT, user_id=2))  # by another process, which heard of it, too
    assert await drafts.get(DRAFT.id, 1) == DRAFT
    await drafts.prune(NOON + KEPT_FOR + timedelta(seconds=1))
    with pytest.raises(Refused):
        await drafts.get(DRAFT.id, 1)
