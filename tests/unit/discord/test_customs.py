"""Each custom id says one thing in a hundred characters, and whatever else is said is none of ours."""

from hypothesis import given
from hypothesis import strategies as st

from bot.discord.asks import Ask, Step
from bot.discord.customs import ForgetMember, Meaning, Only, custom_id_of, meaning_of
from bot.discord.presses import Action, Phase, Press
from bot.jobs.history import Mark
from bot.jobs.tables import FIRST
from tests.jobs import NOON

job_ids = st.text("0123456789abcdef", min_size=32, max_size=32)
asks = st.builds(
    Ask,
    step=st.sampled_from(Step),
    source_id=job_ids,
    is_draft=st.booleans(),
    number=st.integers(0, 9999),
    endpoint=st.one_of(st.just(""), st.text("0123456789abcdef", min_size=12, max_size=12)),
)
marks = st.builds(
    Mark,
    at=st.datetimes(min_value=NOON.replace(tzinfo=None)).map(
        lambda at: at.replace(tzinfo=NOON.tzinfo)
    ),
    job_id=job_ids,
    is_newer=st.booleans(),
).filter(lambda mark: mark.at.year < 2200)
presses = st.builds(
    Press,
    action=st.sampled_from([each for each in Action if each is not Action.MORE]),
    job_id=job_ids,
) | st.builds(Press, action=st.just(Action.MORE), job_id=job_ids, phase=st.sampled_from(Phase))
WORDS = "|".join([*Action, *Step, *Only, "forget-member", "history-(older|newer)"])
ALMOST = rf"({WORDS})(:(draft-)?[0-9a-f]{{31,33}}|:[0-9]{{0,17}})?(:[0-9a-z]{{0,12}})?\n?"


members = st.builds(ForgetMember, st.integers(0, 10**20 - 1))


@given(asks | marks | presses | members | st.sampled_from(Only))
def test_what_is_written_is_read_again(meaning: Meaning) -> None:
    assert meaning_of(custom_id_of(meaning)) == meaning
    assert len(custom_id_of(meaning)) <= 100


@given(st.text() | st.from_regex(ALMOST, fullmatch=True))
def test_whatever_is_read_is_what_was_written(custom_id: str) -> None:
    found = meaning_of(custom_id)
    assert found is None or custom_id_of(found) == custom_id


def test_the_page_before_all_is_found_from_nowhere() -> None:
    found = meaning_of(custom_id_of(Mark(at=FIRST, job_id="", is_newer=True)))
    assert isinstance(found, Mark)
    assert found.is_newer
