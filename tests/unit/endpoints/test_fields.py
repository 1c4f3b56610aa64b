import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.endpoints.fields import infer_kind, option_name, parse_field_id, slug
from bot.jobs.job import FieldKind
from tests.fuzz.strategies import characters


@pytest.mark.parametrize(
    ("field_id", "parts"),
    [
        ("load_image_22", ("load_image", "22")),
        ("seed_56", ("seed", "56")),
        ("noise_seed_3", ("noise_seed", "3")),
        ("lora-name_7", ("lora-name", "7")),
        ("data[#22][load_image]", ("load_image", "22")),
        ("data[flux-sampler-parameters-seed#56][seed]", ("seed", "56")),
        ("data[标题#5][text]", ("text", "5")),
    ],
)
def test_both_spellings_of_a_field_id_are_read(field_id: str, parts: tuple[str, str]) -> None:
    found = parse_field_id(field_id)
    assert (found.input, found.node) == parts


@pytest.mark.parametrize(
    "text",
    ["seed", "", "_5", "5_5", "data[#22]", "data[22][seed]", "a b_1", "data[a\r\nb#22][seed]"],
)
def test_a_field_id_of_neither_spelling_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"got {text!r}")):
        parse_field_id(text)


@given(st.text(characters))
def test_any_text_is_a_field_id_or_a_value_error(text: str) -> None:
    try:
        found = parse_field_id(text)
    except ValueError:
        return
    assert found.node.isdecimal()
    assert found.input


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
