import json
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.endpoints.catalogue import Endpoint, find, load_endpoints, named_like
from bot.endpoints.documents import MAX_LINE, Place, documents_in
from bot.endpoints.options import Field
from bot.endpoints.own import NAMES
from bot.endpoints.values import drawn
from bot.errors import SetupError
from bot.jobs.request import MAX_SEED, FieldKind

EXAMPLE = Path(__file__).parents[3] / "endpoints" / "cny-snakeyear.json"


def document(**changes: Any) -> dict[str, Any]:
    plain = {"name": "Snake", "endpointId": "abc", "fieldIds": ["load_image_22", "seed_56"]}
    return {key: value for key, value in (plain | changes).items() if value is not ...}


def load(folder: Path, *documents: object) -> tuple[Endpoint, ...]:
    path = folder / "all.json"
    path.write_text(json.dumps(list(documents)), encoding="utf-8")
    return load_endpoints(path).endpoints


def faults(folder: Path, *documents: object) -> list[str]:
    path = folder / "all.json"
    path.write_text(json.dumps(list(documents)), encoding="utf-8")
    try:
        found = load_endpoints(path).faults
    except SetupError as error:
        found = error.faults
    return [fault.removeprefix(f"{path}: ") for fault in found]


def test_the_example_becomes_a_command_with_an_image_and_a_seed() -> None:
    (endpoint,) = load_endpoints(EXAMPLE).endpoints
    assert (endpoint.id, endpoint.name, endpoint.command) == (
        "PrOhEE",
        "CNY-SnakeYear",
        "cny-snakeyear",
    )
    assert endpoint.fields == (
        Field(
            id="load_image_22",
            kind=FieldKind.IMAGE,
            name="image",
            description="A picture: image",
            required=True,
        ),
        Field(
            id="seed_56",
            kind=FieldKind.SEED,
            name="seed",
            description="The same seed gives the same result; left out, it is drawn at random",
            required=False,
            min=0,
            max=MAX_SEED,
        ),
    )


def test_the_other_spelling_gives_the_same_options_under_its_own_ids(tmp_path: Path) -> None:
    ids = ["data[#22][load_image]", "data[flux-sampler-parameters-seed#56][seed]"]
    (endpoint,) = load(tmp_path, document(fieldIds=ids))
    assert [(f.id, f.kind, f.name) for f in endpoint.fields] == [
        (ids[0], FieldKind.IMAGE, "image"),
        (ids[1], FieldKind.SEED, "seed"),
    ]


def test_a_folder_a_file_and_a_list_are_read_alike(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(document()))
    (tmp_path / "b.json").write_text(json.dumps([document(name="新年快乐"), document(name="C")]))
    (tmp_path / "notes.txt").write_text("not read")
    assert [e.command for e in load_endpoints(tmp_path).endpoints] == ["snake", "新年快乐", "c"]
    assert [e.command for e in load_endpoints(tmp_path / "a.json").endpoints] == ["snake"]


def test_node_numbers_stand_in_names_only_where_two_would_clash(tmp_path: Path) -> None:
    ids = ["load_image_1", "load_image_2", "seed_3", "text_4"]
    (endpoint,) = load(tmp_path, document(fieldIds=ids))
    assert [f.name for f in endpoint.fields] == ["image_1", "image_2", "seed", "text"]


def test_a_text_that_says_what_is_not_wanted_is_not_needed(tmp_path: Path) -> None:
    ids = ["data[positive#6][text]", "data[Negative prompt#7][text]", "prompt_8", "negative_9"]
    (endpoint,) = load(tmp_path, document(fieldIds=ids, fields={"prompt_8": {"name": "negative"}}))
    assert [(f.name, f.required) for f in endpoint.fields] == [
        ("positive", True),
        ("negative-prompt", False),
        ("negative", False),
        ("negative_9", False),
    ]


def test_what_cannot_be_read_is_a_text_and_a_warning_until_its_owner_says_more(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.json"
    for fields, kind, count in (({}, "string", 1), ({"seed": {"kind": "seed"}}, "seed", 0)):
        path.write_text(json.dumps(document(fieldIds=["seed"], fields=fields)))
        loaded = load_endpoints(path)
        (field,) = loaded.endpoints[0].fields
        assert (field.id, field.name, field.kind) == ("seed", "seed", kind)
        assert (
            loaded.warnings[:1]
            == (
                (
                    f"{path}: fieldIds[0]: expected 'input_<node>' or 'data[title#<node>][input]',"
                    " got 'seed': taken as a text; its `kind` may stand in `fields`"
                ),
            )[:count]
        )


@pytest.mark.parametrize(
    ("field_id", "keys", "description"),
    [
        ("steps_1", {}, "Steps"),
        ("steps_1", {"min": 1, "max": 50, "default": 20}, "Steps (1 to 50); left out, it is 20"),
        ("cfg_1", {"min": 0.5}, "Cfg (at least 0.5)"),
        ("use_hd_1", {"default": True}, "Use hd; left out, it is true"),
        ("text_1", {"default": "a\nb" + "c" * 99}, f"Text; left out, it is a b{'c' * 74}…"),
        ("seed_1", {}, "The same seed gives the same result; left out, it is drawn at random"),
        ("seed_1", {"max": 9}, "The same seed gives the same result (at most 9); left out, it is drawn at random"),
        ("seed_1", {"default": 5}, "The same seed gives the same result; left out, it is 5"),
        ("seed_1", {"description": "Luck", "max": 9}, "Luck"),
    ],
)  # fmt: skip
def test_an_option_says_its_bounds_and_its_default(
    tmp_path: Path, field_id: str, keys: dict[str, Any], description: str
) -> None:
    (endpoint,) = load(tmp_path, document(fieldIds=[field_id], fields={field_id: keys}))
    assert endpoint.fields[0].description == description


@pytest.mark.parametrize("most", [9, 2**32, MAX_SEED])
def test_a_documents_max_rules_what_is_drawn(tmp_path: Path, most: int) -> None:
    keys = {"seed_1": {"max": most}}
    (endpoint,) = load(tmp_path, document(fieldIds=["seed_1"], fields=keys))
    assert drawn(endpoint.fields[0], lambda _low, high: high) == str(most)


def test_a_command_says_what_it_does_as_far_as_discord_has_room(tmp_path: Path) -> None:
    long = document(name="B", description="Paints\n" + "x" * 200)
    told, silent, cut = load(
        tmp_path, document(description="Paints"), document(name="A", description=" "), long
    )
    assert (told.description, silent.description) == ("Paints", "Run A")
    assert cut.description == f"Paints {'x' * 92}…"


def test_own_keys_refine_what_the_ids_say(tmp_path: Path) -> None:
    keys: dict[str, Any] = {
        "strength_1": {"min": 0, "max": 1, "default": 0.5, "description": "How much"},
        "style_2": {"choices": ["anime", "photo"], "required": True},
        "a_3": {"kind": "image", "name": "face", "required": False},
        "seed_4": {"default": 5},
    }
    (endpoint,) = load(
        tmp_path,
        document(
            fieldIds=list(keys), fields=keys, description="Paint", credits=10, group="New Year"
        ),
    )
    assert (endpoint.description, endpoint.credits, endpoint.qualified_name) == (
        "Paint",
        10,
        "new-year snake",
    )
    strength, style, face, seed = endpoint.fields
    assert (strength.min, strength.max, strength.default, strength.required) == (0, 1, 0.5, False)
    assert (strength.description, strength.kind) == ("How much", FieldKind.NUMBER)
    assert (style.choices, style.required, style.description) == (("anime", "photo"), True, "Style")
    assert (face.kind, face.name, face.required) == (FieldKind.IMAGE, "face", False)
    assert (seed.default, seed.required) == (5, False)


def test_a_cover_that_discord_would_refuse_is_left_out(tmp_path: Path) -> None:
    (endpoint,) = load(tmp_path, document(coverUrl="/relative.png"))
    assert endpoint.cover_url is None


@pytest.mark.parametrize("url", ["https://", "https:// /a.png", "https://a b/", "https://a/\n"])
def test_a_cover_that_is_no_address_is_left_out(tmp_path: Path, url: str) -> None:
    (endpoint,) = load(tmp_path, document(coverUrl=url))
    assert endpoint.cover_url is None


@pytest.mark.parametrize("text", ['{"credits": ' + "9" * 5000 + "}", "[" * 100_000])
def test_a_document_beyond_the_limits_of_python_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "large.json"
    path.write_text(text)
    with pytest.raises(SetupError) as caught:
        load_endpoints(path)
    assert caught.value.faults == (f"{path}: expected JSON: a number or a nesting is too large",)


def test_a_document_is_taken_or_told_of_however_deep_it_is_nested() -> None:
    limit = sys.getrecursionlimit()
    for depth in range(limit // 2, limit):
        text = json.dumps(document())[:-1] + f', "more": {"[" * depth}{"]" * depth}}}'
        (found,) = documents_in(text.encode(), Place("x"))
        assert (found.document is None) == bool(found.findings.faults), depth


def test_a_fault_is_one_line_of_bounded_length(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, document(fieldIds=["a\nb" * 70]))
    assert len(fault.splitlines()) == 1
    (fault,) = faults(tmp_path, document(fields={"x" * 5000: {}}))
    assert len(fault) <= MAX_LINE + 1


def test_names_of_options_stay_short_where_a_node_has_a_long_number(tmp_path: Path) -> None:
    ids = ["a_very_long_name_of_an_option_12345678901", "a_very_long_name_of_an_option_2"]
    (endpoint,) = load(tmp_path, document(fieldIds=ids))
    assert [f.name for f in endpoint.fields] == [
        "a_very_long_name_of_an_o_5678901",
        "a_very_long_name_of_an_o_2",
    ]


def test_an_option_without_letters_has_a_description_that_can_be_seen(tmp_path: Path) -> None:
    (endpoint,) = load(tmp_path, document(fieldIds=["__1"]))
    assert [(f.name, f.description) for f in endpoint.fields] == [("_", "_")]


def test_a_path_that_is_too_long_is_told(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"/x{100}"):
        load_endpoints(tmp_path / ("x" * 500))


def test_an_unknown_key_of_the_service_is_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document(outputFormat="jpeg")))
    loaded = load_endpoints(path)
    assert loaded.warnings == (f"{path}: outputFormat: an unknown key, which is left alone",)
    assert len(loaded.endpoints) == 1


ONE = ["size_1"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"name": ...}, "name: expected this key, and it is missing"),
        ({"endpointId": 5}, "endpointId: expected a valid string"),
        ({"name": "🐍"}, "name: expected letters or digits, got '🐍'"),
        ({"group": "🐍"}, "group: expected letters or digits"),
        ({"fieldIds": ["seed_1", ""]}, "fieldIds[1]: expected text in one line, got ''"),
        ({"fieldIds": ["seed_1", 5]}, "fieldIds[1]: expected a valid string"),
        ({"fieldIds": ["seed_1", "seed_1"]}, "fieldIds[1]: 'seed_1' stands there twice"),
        ({"fieldIds": [f"seed_{n}" for n in range(26)]}, "fieldIds: expected at most 25 items"),
        ({"fields": {"text_9": {}}}, "fields.text_9: expected one of fieldIds"),
        ({"fields": {"seed_56": {"minimum": 1}}}, "fields.seed_56.minimum: an unknown key; expected one of kind, name, description, required, default, min, max, choices"),
        ({"fields": {"seed_56": {"kind": "colour"}}}, "fields.seed_56.kind: expected one of image, seed, string, integer, number, boolean, got 'colour'"),
        ({"fields": {"seed_56": {"name": "My Seed"}}}, "fields.seed_56.name: expected up to 32 lower-case letters, digits, - or _, got 'My Seed'"),
        ({"fields": {"seed_56": {"name": "image"}, "load_image_22": {"name": "image"}}}, "fields: two options are called 'image'"),
        ({"fields": {"seed_56": {"defualt": 1}}}, "fields.seed_56.defualt: an unknown key; expected one of kind, name, description, required, default, min, max, choices; did you mean default?"),
        ({"endpointId": ..., "endpointID": "abc"}, "endpointId: expected this key, and it is missing; did you mean it by endpointID?"),
        ({"fields": {"seed_65": {}}}, "fields.seed_65: expected one of fieldIds; did you mean seed_56?"),
        ({"fields": {"seed_56": {"kind": "sead"}}}, "fields.seed_56.kind: expected one of image, seed, string, integer, number, boolean, got 'sead'; did you mean seed?"),
        ({"fields": {"seed_56": 5}}, "fields.seed_56: expected an object"),
        ({"fields": {"seed_56": {"default": []}}}, "fields.seed_56.default: expected a text, a number, or true or false"),
        ({"nsfw": "yes"}, "nsfw: expected true or false"),
        ({"name": "x" * 201}, "name: expected at most 200 characters"),
        ({"group": ""}, "group: expected at least 1 character"),
        ({"credits": -1}, "credits: expected at least 0"),
        ({"fields": {"seed_56": {"choices": []}}}, "fields.seed_56.choices: expected at least 1 item"),
        ({"endpointId": "a\0b"}, "endpointId: expected text that can be seen"),
        ({"credits": float("inf")}, "credits: expected a finite number"),
        ({"description": "\ud83d"}, "expected text, and there is half a character"),
        ({"fieldIds": ["data[a\r\nb#1][seed]"]}, "fieldIds[0]: expected text in one line, got 'data[a\\r\\nb#1][seed]'"),
        ({"fields": {"seed_56": {"min": float("nan")}}}, "fields.seed_56.min: expected a finite number"),
        ({"fieldIds": ["cfg_1"], "fields": {"cfg_1": {"choices": [1, float("inf")]}}}, "fields.cfg_1.choices[1]: expected a short value of kind number, got inf"),
        ({"fieldIds": ONE, "fields": {"size_1": {"choices": [2**53]}}}, f"fields.size_1.choices[0]: out of bounds: expected -{2**53 - 1} to {2**53 - 1}, got {2**53}"),
        ({"fieldIds": ["text_1"], "fields": {"text_1": {"choices": [" "]}}}, "fields.text_1.choices[0]: expected a short value of kind string, got ' '"),
        ({"fieldIds": ["text_1"], "fields": {"text_1": {"choices": ["a", "a"]}}}, "fields.text_1.choices: 'a' stands there twice"),
        ({"fields": {"seed_56": {"description": " "}}}, "fields.seed_56.description: expected text that can be seen"),
        ({"fields": {"seed_56": {"description": ""}}}, "fields.seed_56.description: expected text that can be seen"),
        ({"fields": {"load_image_22": {"min": 1}}}, "fields.load_image_22.min: expected only for numbers, and this is of kind image"),
        ({"fields": {"load_image_22": {"default": "a.png"}}}, "fields.load_image_22.default: expected none for a picture"),
        ({"fieldIds": ONE, "fields": {"size_1": {"min": 5, "max": 4}}}, "fields.size_1.min: expected at most max (4), got 5"),
        ({"fields": {"seed_56": {"min": 0.5}}}, "fields.seed_56.min: expected a whole number, got 0.5"),
        ({"fieldIds": ONE, "fields": {"size_1": {"max": 9.5}}}, "fields.size_1.max: expected a whole number, got 9.5"),
        ({"fieldIds": ONE, "fields": {"size_1": {"max": 2**60}}}, f"fields.size_1.max: expected at most {MAX_SEED}"),
        ({"fieldIds": ONE, "fields": {"size_1": {"choices": [1, "two"]}}}, "fields.size_1.choices[1]: expected a short value of kind integer, got 'two'"),
        ({"fieldIds": ONE, "fields": {"size_1": {"default": 1.5}}}, "fields.size_1.default: expected a value of kind integer, got 1.5"),
        ({"fieldIds": ONE, "fields": {"size_1": {"default": 9, "max": 5}}}, "fields.size_1.default: out of bounds: expected at most 5, got 9"),
        ({"fieldIds": ["cfg_1"], "fields": {"cfg_1": {"choices": [1, 2.5], "min": 2, "max": 3}}}, "fields.cfg_1.choices[0]: out of bounds: expected 2 to 3, got 1"),
        ({"fields": {"seed_56": {"default": -1}}}, "fields.seed_56.default: out of bounds: expected 0 to 9007199254740991, got -1"),
        ({"fieldIds": ONE, "fields": {"size_1": {"default": True}}}, "fields.size_1.default: expected a value of kind integer, got true"),
        ({"fieldIds": ["use_1"], "fields": {"use_1": {"default": "yes"}}}, "fields.use_1.default: expected a value of kind boolean, got 'yes'"),
        ({"fieldIds": ["text_1"], "fields": {"text_1": {"default": "c", "choices": ["a", "b"]}}}, "fields.text_1.default: expected one of choices, got 'c'"),
    ],
)  # fmt: skip
def test_a_wrong_document_is_told_with_its_place(
    tmp_path: Path, changes: dict[str, Any], fault: str
) -> None:
    assert faults(tmp_path, document(**changes)) == [f"[0]: {fault}"]


def test_a_command_of_too_many_characters_is_told(tmp_path: Path) -> None:
    ids = [f"text{n}_1" for n in range(10)]
    choices = ["x" * 95 + str(n) for n in range(25)]
    found = faults(tmp_path, document(fieldIds=ids, fields={i: {"choices": choices} for i in ids}))
    assert found == [
        "[0]: expected at most 8,000 characters in all names, descriptions and choices together"
    ]


def test_all_faults_of_all_documents_come_in_one_list(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"name": ')
    (tmp_path / "b.json").write_text('"text"')
    (tmp_path / "c.json").write_bytes(b"\xff\xfe")
    (tmp_path / "d.json").write_text(json.dumps(document(fieldIds=["x\n", "y\n"])))
    with pytest.raises(SetupError) as caught:
        load_endpoints(tmp_path)
    assert caught.value.faults == (
        f"{tmp_path}/a.json: line 1, column 10: expected JSON: Expecting value",
        f"{tmp_path}/b.json: expected an object with name, endpointId and fieldIds",
        f"{tmp_path}/c.json: expected a text file in UTF-8",
        f"{tmp_path}/d.json: fieldIds[0]: expected text in one line, got 'x\\n'",
        f"{tmp_path}/d.json: fieldIds[1]: expected text in one line, got 'y\\n'",
    )


def test_what_a_folder_has_beside_its_documents_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(document()), encoding="utf-8-sig")
    (tmp_path / "b.JSON").write_text("{}")
    (tmp_path / "c.json.txt").write_text("{}")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "d.json").write_text("{}")
    (tmp_path / "other").mkdir()
    (tmp_path / ".gitkeep").touch()
    loaded = load_endpoints(tmp_path)
    assert [each.command for each in loaded.endpoints] == ["snake"]
    assert loaded.warnings == (
        f"{tmp_path}/b.JSON: passed over, as its name does not end in .json",
        f"{tmp_path}/c.json.txt: passed over, as its name does not end in .json",
        f"{tmp_path}/more: passed over, as it is a folder",
    )


def test_a_key_that_was_probably_meant_for_another_is_guessed(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document(credit=5, NSFW=True, outputFormat="png")))
    assert load_endpoints(path).warnings == (
        f"{path}: credit: an unknown key, which is left alone; did you mean credits?",
        f"{path}: NSFW: an unknown key, which is left alone; did you mean nsfw?",
        f"{path}: outputFormat: an unknown key, which is left alone",
    )


def test_no_documents_and_no_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="expected at least one endpoint document"):
        load_endpoints(tmp_path)
    with pytest.raises(SetupError, match="there is no such file or folder; see ENDPOINTS"):
        load_endpoints(tmp_path / "none")


def test_a_document_that_cannot_be_used_stops_no_other(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{")
    (tmp_path / "b.json").write_text(json.dumps([document(), document(name="🐍"), document()]))
    (tmp_path / "c.json").write_text(json.dumps(document(name="Horse", credits=5)))
    loaded = load_endpoints(tmp_path)
    assert [each.command for each in loaded.endpoints] == ["snake", "horse"]
    assert [fault.partition(": expected")[0] for fault in loaded.faults] == [
        f"{tmp_path}/a.json: line 1, column 2",
        f"{tmp_path}/b.json: [1]: name",
        (
            f"{tmp_path}/b.json: [2]: name: the command /snake is that of"
            f" {tmp_path}/b.json: [0], too; rename one"
        ),
    ]
    found = load_endpoints(tmp_path, need_credits="CREDITS_PER_DAY")
    assert [e.command for e in found.endpoints] == ["horse"]


@pytest.mark.parametrize(
    ("first", "last", "fault"),
    [
        ({"name": "Snake!"}, {"name": "snake"}, "[1]: name: the command /snake is that of {path}: [0], too; rename one"),
        ({"group": "cny"}, {"name": "cny"}, "[1]: name: /cny is the name of a group, too"),
        ({"name": "cny"}, {"group": "cny"}, "[1]: group: /cny is a command, too"),
        ({"group": "cny"}, {"group": "cny", "name": "b", "nsfw": True}, "[1]: nsfw: expected for all endpoints of the group cny or for none of them: Discord restricts a group as a whole"),
    ],
)  # fmt: skip
def test_what_does_not_fit_beside_the_others_is_left_out_and_told(
    tmp_path: Path, first: dict[str, Any], last: dict[str, Any], fault: str
) -> None:
    told = fault.format(path=tmp_path / "all.json")
    assert faults(tmp_path, document(**first), document(**last)) == [told]
    assert len(load(tmp_path, document(**first), document(**last))) == 1


def test_over_a_hundred_commands_have_to_be_grouped(tmp_path: Path) -> None:
    many = [document(name=f"e{n}") for n in range(95)]
    assert faults(tmp_path, *many) == [
        "[94]: expected at most 94 commands beside the bot's own 6: put some into a `group`"
    ]
    assert len(load(tmp_path, *many)) == 94
    grouped = [document(name=f"e{n}", group=f"g{n // 25}") for n in range(101)]
    assert len(load(tmp_path, *grouped)) == 101


@pytest.mark.parametrize("name", sorted(NAMES))
def test_the_names_of_the_bots_own_commands_are_taken(tmp_path: Path, name: str) -> None:
    shouted = name.replace("-", " ").title()
    other, grouped = document(), document(name=shouted, group="my")
    alone, group = faults(tmp_path, document(name=shouted), document(group=shouted), other, grouped)
    assert alone.startswith(f"[0]: name: /{name} is a command of the bot's own: choose another")
    assert group == f"[1]: group: /{name} is a command of the bot's own: rename the group"
    found = [each.qualified_name for each in load(tmp_path, document(name=name), other, grouped)]
    assert found == ["snake", f"my {name}"]


def test_a_group_has_room_for_25(tmp_path: Path) -> None:
    many = [document(name=f"e{n}", group="all") for n in range(26)]
    assert faults(tmp_path, *many) == ["[25]: group: expected at most 25 endpoints in all"]


def test_a_quota_needs_to_know_what_each_endpoint_costs(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document()))
    with pytest.raises(SetupError, match=r"a\.json: credits: expected a number, as CREDITS"):
        load_endpoints(path, need_credits="CREDITS_PER_DAY")


def test_an_endpoint_is_found_by_command_name_or_id(tmp_path: Path) -> None:
    snake, horse = load(tmp_path, document(group="cny"), document(name="Horse", endpointId="Xy"))
    endpoints = (snake, horse)
    for text in ("snake", "cny snake", "Snake", "SNAKE", "abc"):
        assert find(endpoints, text) is snake
    assert find(endpoints, "Xy") is horse
    assert find(endpoints, "xy") is None


def test_an_endpoint_is_found_by_a_part_of_its_name(tmp_path: Path) -> None:
    snake, horse = load(tmp_path, document(name="Snake Year"), document(name="Horse-Year"))
    endpoints = (snake, horse)
    for text in ("snake", "SNAKE year", "snakey", "snake-year"):
        assert named_like(endpoints, text) == [snake]
    assert named_like(endpoints, "year") == [snake, horse]
    for text in ("cow", "-", ""):
        assert named_like(endpoints, text) == []
