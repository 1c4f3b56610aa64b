import re

import pytest
from discord.app_commands.commands import VALID_SLASH_COMMAND_NAME
from hypothesis import given
from hypothesis import strategies as st

from bot.endpoints.fields import (
    infer_kind,
    option_name,
    option_names,
    parse_field_id,
    slug,
)
from bot.jobs.request import FieldKind
from tests.fuzz.strategies import characters
from tests.samples.field_ids import FIELD_IDS


@pytest.mark.parametrize(
    ("field_id", "parts"),
    [
        ("load_image_22", ("load_image", "22", "")),
        ("seed_56", ("seed", "56", "")),
        ("noise_seed_3", ("noise_seed", "3", "")),
        ("lora-name_7", ("lora-name", "7", "")),
        ("text_57:62:174", ("text", "57:62:174", "")),
        ("data[#22][load_image]", ("load_image", "22", "")),
        ("data[a [b]#c#56:1][seed]", ("seed", "56:1", "a [b]#c")),
        ("data[标题#5][text]", ("text", "5", "标题")),
        ("data[22][seed]", ("data[22][seed]", "", "")),
    ],
)
def test_both_spellings_of_a_field_id_are_read(field_id: str, parts: tuple[str, str, str]) -> None:
    found = parse_field_id(field_id)
    assert (found.input, found.node, found.title) == parts


@pytest.mark.parametrize("field_id", FIELD_IDS)
def test_every_id_of_a_workflow_gives_an_option(field_id: str) -> None:
    found = parse_field_id(field_id)
    assert (option_name(found.input), found.kind) == FIELD_IDS[field_id]


@pytest.mark.parametrize(
    "text", ["", "data[a\r\nb#22][seed]", "seed_5\0", "a\u2028b_1", "\ud83d_1"]
)
def test_an_id_that_could_not_stand_in_a_header_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected text in one line, got "):
        parse_field_id(text)


@given(st.text(characters))
def test_any_text_is_a_field_id_or_a_value_error(text: str) -> None:
    try:
        found = parse_field_id(text)
    except ValueError:
        return
    assert found.input
    assert not set("\r\n\0") & set(text)


@pytest.mark.parametrize(
    ("ids", "own", "names"),
    [
        (["load_image_1", "load_image_2", "seed_3"], {}, ["image_1", "image_2", "seed"]),
        (["text_57:8", "text_57:62:174"], {}, ["text_57_8", "text_57_62_174"]),
        (["data[positive prompt#6][text]", "data[negative prompt#7][text]"], {}, ["positive-prompt", "negative-prompt"]),
        (["data[#6][text]", "data[Negative#7][text]"], {}, ["text", "negative"]),
        (["data[Prompt#6][text]", "data[Prompt#7][text]"], {}, ["text_6", "text_7"]),
        (["data[Seed#6][text]", "data[🐍#7][text]", "seed_8"], {}, ["text_6", "text_7", "seed"]),
        (["data[正面#6][text]", "data[负面#7][text]"], {}, ["正面", "负面"]),
        (["text_6", "prompt_7"], {1: "text"}, ["text_6", "text"]),
        (["text_6", "text_7"], {0: "text", 1: "text"}, ["text", "text"]),
        (["a.b_1", "a b_1"], {}, ["a_b_1", "a_b_1_2"]),
        (["text", "TEXT"], {}, ["text", "text_2"]),
        ([f"{'x' * 40}_{n}" for n in (12345678, 22345678)], {}, [f"{'x' * 24}_2345678", f"{'x' * 24}_2345678_2"[:28] + "_2"]),
    ],
)  # fmt: skip
def test_two_of_one_name_are_told_apart_by_their_titles_and_then_by_their_numbers(
    ids: list[str], own: dict[int, str], names: list[str]
) -> None:
    parts = [parse_field_id(text) for text in ids]
    assert option_names(parts, [own.get(n) for n in range(len(ids))]) == names


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("load_image", FieldKind.IMAGE),
        ("image", FieldKind.IMAGE),
        ("mask", FieldKind.IMAGE),
        ("image2", FieldKind.IMAGE),
        ("seed", FieldKind.SEED),
        ("noise_seed", FieldKind.SEED),
        ("text", FieldKind.STRING),
        ("prompt", FieldKind.STRING),
        ("positive", FieldKind.STRING),
        ("text_g", FieldKind.STRING),
        ("sampler_name", FieldKind.STRING),
        ("steps", FieldKind.INTEGER),
        ("width", FieldKind.INTEGER),
        ("batch_size", FieldKind.INTEGER),
        ("image_width", FieldKind.INTEGER),
        ("cfg", FieldKind.NUMBER),
        ("guidance", FieldKind.NUMBER),
        ("denoise", FieldKind.NUMBER),
        ("image_strength", FieldKind.NUMBER),
        ("scale", FieldKind.NUMBER),
        ("enabled", FieldKind.BOOLEAN),
        ("use_face_fix", FieldKind.BOOLEAN),
        ("something_else", FieldKind.STRING),
        ("文字", FieldKind.STRING),
    ],
)
def test_the_kind_follows_from_the_name_of_the_input(name: str, kind: FieldKind) -> None:
    assert infer_kind(name) is kind


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("load_image", "image"),
        ("seed", "seed"),
        ("Upload_Mask", "mask"),
        ("load_", "load_"),
        ("noise_seed", "seed"),
        ("noise-seed", "seed"),
        ("noise-level", "noise_level"),
        ("文字", "文字"),
        ("!!!", "value"),
    ],
)
def test_an_option_is_named_as_a_person_would_type_it(name: str, option: str) -> None:
    assert option_name(name) == option


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("CNY-SnakeYear", "cny-snakeyear"),
        ("新年快乐", "新年快乐"),
        ("Snake Year 2025!", "snake-year-2025"),
        ("Ｆｕｌｌ", "full"),
        ("हिन्दी", "हिन्दी"),
        ("ภาษาไทย", "ภาษาไทย"),
        ("a" * 40, "a" * 32),
        ("🐍", ""),
    ],
)
def test_a_command_is_named_after_its_endpoint_in_any_script(text: str, name: str) -> None:
    assert slug(text) == name


@given(st.text(characters))
def test_every_name_is_one_that_discord_takes(text: str) -> None:
    name = slug(text)
    assert len(name) <= 32
    assert name == name.lower()
    assert not re.search(r"[\s!-,./:-@\[-^`{-~]", name)


def test_every_sign_of_a_name_is_one_that_discord_takes() -> None:
    for sign in map(chr, [*range(0x20, 0xD800), *range(0xE000, 0x10000)]):
        name = slug(f"a{sign}b")
        assert VALID_SLASH_COMMAND_NAME.fullmatch(name), f"{sign} is {ord(sign):x}"
