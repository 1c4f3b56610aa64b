import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.names import output_name, safe_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("me.png", "me.png"),
        ("my face (1).PNG", "my_face_1_.PNG"),
        ("../../etc/passwd", "etc_passwd"),
        ("新年.png", "png"),
        ("", "image"),
        ("…", "image"),
        ("a" * 100 + ".jpeg", "a" * 75 + ".jpeg"),
        ("a" * 100, "a" * 80),
        ('x"; filename="y.png', "x_filename_y.png"),
    ],
)
def test_names_are_made_safe(text: str, name: str) -> None:
    assert safe_name(text) == name


@given(st.text())
def test_every_name_is_safe(text: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}", safe_name(text))


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("cny-snakeyear", "20", 1, "jpg"), "cny-snakeyear-seed20-1.jpg"),
        (("新年快乐", "20", 2, "png"), "result-seed20-2.png"),
        (("upscale", None, 1, "webp"), "upscale-1.webp"),
    ],
)
def test_a_result_is_named_by_endpoint_seed_and_number(
    parts: tuple[str, str | None, int, str], name: str
) -> None:
    assert output_name(*parts) == name
