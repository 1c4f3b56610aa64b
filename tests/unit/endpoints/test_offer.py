"""What is offered of files and of what was added in Discord, and what stays while a file is faulty."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.endpoints.catalogue import MAX_COMMANDS, Endpoint, load_endpoints, made_of
from bot.endpoints.documents import read_documents
from bot.endpoints.offer import MOST_FAULTS, Offer, checked, offer_of
from bot.errors import Refused
from bot.jobs.added import Rows

A, B, C = ({"name": name, "endpointId": name, "fieldIds": []} for name in "abc")
A2, B2 = ({**each, "description": "anew"} for each in (A, B))
WRONG = {"name": "b"}
Files = Mapping[str, object]


def write(folder: Path, files: Files) -> None:
    for path in folder.glob("*.json"):
        path.unlink()
    for name, document in files.items():
        text = document if isinstance(document, str) else json.dumps(document)
        (folder / f"{name}.json").write_text(text)


def offered(folder: Path, rows: Rows, before: Sequence[Endpoint] = ()) -> Offer:
    return offer_of([*made_of(read_documents(folder))], rows, before)


def rows_of(*documents: dict[str, Any], hidden: Sequence[str] = ()) -> Rows:
    texts = {str(each["name"]): json.dumps(each) for each in documents}
    return Rows(documents=texts, hidden=frozenset(hidden))


def told(endpoints: Sequence[Endpoint]) -> list[str]:
    """Each command, and whether it is as it was first."""
    return [f"{e.qualified_name}{'2' * (e.description == 'anew')}" for e in endpoints]


@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [
        pytest.param({"x": A}, {"x": A2}, "a2", id="changed"),
        pytest.param({"x": A}, {"x": A, "y": B}, "a b", id="new"),
        pytest.param({"x": A, "y": B}, {"x": A}, "a", id="removed"),
        pytest.param({"x": A}, {}, "", id="the last is removed"),
        pytest.param({"x": A, "y": B}, {"x": "{", "y": B2}, "a b2", id="no JSON"),
        pytest.param({"x": A, "y": B}, {"x": A, "y": WRONG}, "a b", id="no document"),
        pytest.param({"x": [A, B, C]}, {"x": "["}, "a b c", id="a list that is no JSON"),
        pytest.param({"x": [A, B, C]}, {"x": [A2, WRONG, C]}, "a2 b c", id="one of a list"),
        pytest.param({"x": [A, B]}, {"x": [A]}, "a", id="a shorter list"),
        pytest.param({"x": [A, B]}, {"x": [WRONG, A]}, "a", id="what is kept is there elsewhere"),
        pytest.param({"x": A, "y": B}, {"x": A, "y": A}, "a b", id="called as another one now"),
        pytest.param({"x": B, "y": A}, {"x": A, "y": WRONG}, "a", id="another has its name now"),
        pytest.param({"x": "{"}, {"x": "["}, "", id="never right"),
    ],
)
def test_a_faulty_document_stays_as_it_was_and_all_others_are_as_they_are_now(
    tmp_path: Path, first: Files, then: Files, expected: str
) -> None:
    write(tmp_path, first)
    before = offered(tmp_path, Rows())
    write(tmp_path, then)
    for _again in range(2):  # and so for as long as it is faulty
        before = offered(tmp_path, Rows(), before.endpoints)
        assert told(before.endpoints) == expected.split()
    write(tmp_path, {"x": C})
    assert told(offered(tmp_path, Rows(), before.endpoints).endpoints) == ["c"]


def test_all_stay_as_they_were_while_the_folder_cannot_be_found(tmp_path: Path) -> None:
    folder = tmp_path / "endpoints"
    folder.mkdir()
    write(folder, {"x": A, "y": B})
    before = offered(folder, Rows()).endpoints
    write(folder, {})
    folder.rmdir()
    found = offered(folder, Rows(), before)
    assert found.endpoints == before
    assert found.outdated == (f"{folder}: there is no such file or folder; see ENDPOINTS",)


@pytest.mark.parametrize(
    ("files", "rows", "expected", "fault"),
    [
        pytest.param({"x": A}, rows_of(B), "a b", "", id="added"),
        pytest.param({}, rows_of(B), "b", "expected at least one", id="added alone"),
        pytest.param({"x": A}, rows_of(A2), "a", "name: the command /a is that of", id="a file's"),
        pytest.param({"x": A, "y": B}, rows_of(hidden="a"), "b", "", id="hidden"),
        pytest.param({"x": A}, rows_of(A2, hidden="a"), "a2", "", id="hidden, and another added"),
        pytest.param({"x": A}, rows_of({**B, "name": "help"}), "a", "bot's own", id="own name"),
        pytest.param({"x": A}, Rows(documents={"b": "{"}), "a", "expected JSON", id="no JSON"),
        pytest.param({"x": "{"}, rows_of(hidden="a"), "", "expected JSON", id="hidden and faulty"),
    ],
)
def test_what_was_added_or_hidden_in_discord_never_overrides_a_file(
    tmp_path: Path, files: Files, rows: Rows, expected: str, fault: str
) -> None:
    write(tmp_path, {"x": A})
    before = offered(tmp_path, Rows()).endpoints if files == {"x": "{"} else ()
    write(tmp_path, files)
    found = offered(tmp_path, rows, before)
    assert told(found.endpoints) == expected.split()
    assert fault in "\n".join(found.left_out)
    assert bool(found.left_out) is bool(fault)


def test_hidden_commands_leave_their_places_to_others(tmp_path: Path) -> None:
    many = [{**A, "name": f"e{number}"} for number in range(MAX_COMMANDS + 1)]
    write(tmp_path, {"x": many})
    assert len(offered(tmp_path, Rows()).left_out) == 1
    found = offered(tmp_path, rows_of(hidden=["e7"]))
    assert (len(found.endpoints), found.left_out, found.hidden) == (MAX_COMMANDS, (), ("e7",))


FULL = tuple({**A, "name": f"e{number}"} for number in range(MAX_COMMANDS))
ONE_LIST = '[{"name": "b", "endpointId": "b", "fieldIds": []}, {"name": "c"}]'


@pytest.mark.parametrize(
    ("files", "document"),
    [
        pytest.param({"x": A}, "{", id="no JSON"),
        pytest.param({"x": A}, '"\udc00"', id="half a character"),
        pytest.param({"x": A}, "9" * 5000, id="a large number"),
        pytest.param({"x": A}, json.dumps(A2), id="a file's"),
        pytest.param({"x": A}, json.dumps({**B, "name": "Studio"}), id="the owner's own"),
        pytest.param({"x": A}, json.dumps({**B, "group": "a"}), id="a group called as a command"),
        pytest.param({"x": {**A, "group": "b"}}, json.dumps(B), id="a command called as a group"),
        pytest.param({"x": A}, json.dumps({**B, "name": "🐍"}), id="no letters"),
        pytest.param({"x": A}, json.dumps([B, B]), id="twice"),
        pytest.param({"x": A}, ONE_LIST, id="one of a list"),
        pytest.param({"x": [*FULL]}, json.dumps(B), id="a hundred"),
        pytest.param({"x": A}, json.dumps({**B, "fields": {"x": {}}}), id="fields"),
    ],
)
def test_what_cannot_be_added_is_told_as_check_tells_it_of_a_file(
    tmp_path: Path, files: Files, document: str
) -> None:
    write(tmp_path, files)
    offer = offered(tmp_path, Rows())
    content = document.encode(errors="surrogatepass")
    with pytest.raises(Refused) as caught:
        checked(content, "y.json", offer)
    path = tmp_path / "y.json"
    path.write_bytes(content)
    expected = [each for each in load_endpoints(tmp_path).faults if each.startswith(f"{path}")]
    assert expected
    told = caught.value.user_message.splitlines()[1:]
    assert told == [each.replace(f"{path}", "y.json") for each in expected]


def test_of_many_faults_the_first_are_told_and_no_document_at_all_is_one() -> None:
    wrong = json.dumps([{}] * 50).encode()
    with pytest.raises(Refused) as caught:
        checked(wrong, "x", Offer())
    lines = caught.value.user_message.splitlines()
    assert (len(lines), lines[-1]) == (MOST_FAULTS + 2, f"and {150 - MOST_FAULTS} more")
    with pytest.raises(Refused, match="x: expected at least one endpoint document"):
        checked(b"[]", "x", Offer())
    with pytest.raises(Refused, match="credits: expected a number, as CREDITS_PER_DAY is set"):
        checked(json.dumps(A).encode(), "x", Offer(), "CREDITS_PER_DAY")


def test_what_was_added_is_read_again_as_it_was_given(tmp_path: Path) -> None:
    given = {**B, "credits": 2, "more": {"kept": True}, "fieldIds": ["n_1"]}
    given["fields"] = {"n_1": {"kind": "integer", "min": 1, "max": 5, "choices": [1, 5]}}
    write(tmp_path, {"x": given})
    (of_file,) = offered(tmp_path, Rows()).endpoints
    found = checked(json.dumps(given).encode(), "x", Offer())
    assert found.warnings == ("x: more: an unknown key, which is left alone",)
    (added,) = offer_of([], Rows(documents=found.documents)).endpoints
    assert (added.fields, added.credits) == (of_file.fields, of_file.credits)
    replaced = checked(json.dumps(B2).encode(), "x", Offer(endpoints=(added,)))
    assert [*replaced.documents] == ["b"]
