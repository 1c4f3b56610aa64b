"""What was used on each day, though the jobs' rows are gone."""

from datetime import timedelta

from bot.jobs.job import Failure, Job, JobStatus
from bot.jobs.ledger import DAYS, Account, Accounts, Used
from bot.jobs.store import JobStore
from bot.reasons import Reason
from tests.jobs import NOON, add, make_job, make_origin, make_request

MEI, ANA = 7, 8
UNCHARGED = Failure(reason=Reason.BAD_INPUT)


def ended(user_id: int, endpoint_id: str, days_ago: float, cost: float | None = 10) -> Job:
    return make_job(
        status=JobStatus.DELIVERED,
        origin=make_origin(user_id=user_id),
        request=make_request(endpoint_id=endpoint_id, credits=cost),
        created_at=NOON - timedelta(days=days_ago),
        due_at=None,
    )


async def accounts(store: JobStore) -> Accounts:
    found = await store.ledger.accounts(NOON)
    return Accounts(found.total, {**found.members}, {**found.endpoints})


async def test_what_was_used_is_told_by_member_and_endpoint_though_its_rows_are_gone(
    store: JobStore,
) -> None:
    assert await accounts(store) == Accounts(Account(), {}, {})
    for job in (
        ended(MEI, "A", 0),
        ended(MEI, "A", 0.6),  # of the day before
        ended(MEI, "B", DAYS - 1, 5),
        ended(ANA, "B", 0.1, None),
        ended(ANA, "B", DAYS + 1),  # too long ago
        make_job(status=JobStatus.FAILED, failure=UNCHARGED),
    ):
        await add(store, job)
    expected = Accounts(
        Account(Used(2, 10), Used(4, 25)),
        {MEI: Account(Used(1, 10), Used(3, 25)), ANA: Account(Used(1, 0), Used(1, 0))},
        {"A": Account(Used(1, 10), Used(2, 20)), "B": Account(Used(1, 0), Used(2, 5))},
    )
    assert await accounts(store) == expected
    for before in (NOON - timedelta(days=2), NOON - timedelta(hours=3), NOON + timedelta(days=1)):
        await store.forgetting.prune(before, now=NOON)
        assert await accounts(store) == expected
    await add(store, ended(MEI, "A", 0))
    await store.forgetting.prune(NOON + timedelta(days=1), now=NOON)
    assert (await accounts(store)).members[MEI] == Account(Used(2, 20), Used(4, 35))
    assert (await store.ledger.accounts(NOON + timedelta(days=DAYS))).total == Account()
