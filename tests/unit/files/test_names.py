import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.files.names import output_name, picture_name, safe_name
from tests.fuzz.strategies import characters


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("me.png", "me.png"),
        ("my face (1).PNG", "my_face_1.PNG"),
        ("../../etc/passwd", "etc_passwd"),
        ("新年.png", "image.png"),
        (".png", "image.png"),
        ("a.tar..gz", "a.tar.gz"),
        ("v1.2 final", "v1.2_final"),
        ("", "image"),
        ("…", "image"),
        ("a" * 100 + ".jpeg", "a" * 75 + ".jpeg"),
        ("a" * 100, "a" * 80),
        ("a" * 74 + ".b.jpeg", "a" * 74 + ".jpeg"),
        ('x"; filename="y.png', "x_filename_y.png"),
        ("a\r\nX-Evil: 1\r\n\r\n.png", "a_X-Evil_1.png"),
        ("gnp\u202egpj.exe", "gnp_gpj.exe"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("C:\\me.png", "C_me.png"),
        ("a\0.png", "a.png"),
        (".ssh/.png", "ssh.png"),
        ("CON.png", "image-CON.png"),
        ("aux.tar.gz", "image-aux.tar.gz"),
        ("com1", "image-com1"),
        ("console.png", "console.png"),
        ("é" * 300, "image"),
    ],
)
def test_names_are_made_safe(text: str, name: str) -> None:
    assert safe_name(text) == name


@given(st.text(characters))
def test_every_name_is_safe(text: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}", safe_name(text))


@given(
    st.from_regex(r"\A[ ._/]*(CON|prn|Aux|nul|com[0-9]|LPT[0-9])([ .].*)?\Z", alphabet=characters)
)
def test_no_name_is_that_of_a_device(text: str) -> None:
    assert not re.match(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", safe_name(text), re.IGNORECASE)


@pytest.mark.parametrize(
    ("text", "extension", "name"),
    [
        ("IMG_0001.HEIC", "jpg", "IMG_0001.jpg"),
        ("新年.png", "png", "image.png"),
        ("me.jpeg", "jpg", "me.jpg"),
        ("photo", "webp", "photo.webp"),
        ("my.holiday 2024", "png", "my.holiday_2024.png"),
        ("a" * 100 + ".heic", "jpg", "a" * 76 + ".jpg"),
    ],
)
def test_a_picture_is_named_by_what_it_really_is(text: str, extension: str, name: str) -> None:
    assert picture_name(text, extension) == name


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("cny-snakeyear", "PrOhEE", "20", 1, "jpg"), "cny-snakeyear-seed20-1.jpg"),
        (("新年快乐", "PrOhEE", "20", 2, "png"), "PrOhEE-seed20-2.png"),
        (("新年2", "PrOhEE", None, 1, "png"), "PrOhEE-1.png"),
        (("新年快乐", "新年", None, 1, "png"), "result-1.png"),
        (("upscale", "b", None, 1, "webp"), "upscale-1.webp"),
    ],
)
def test_a_result_is_named_by_endpoint_seed_and_number(
    parts: tuple[str, str, str | None, int, str], name: str
) -> None:
    assert output_name(*parts) == name
