"""The demo's own workflows: each shows what was asked of it."""

import io
from itertools import combinations
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from bot.endpoints.catalogue import load_endpoints
from bot.sandbox import examples
from bot.sandbox.pictures import poster, restyled, sample_picture

PICTURE = sample_picture()
WIDE = (768, 512)


def difference(one: bytes, other: bytes) -> float:
    """How far two pictures of one size are apart: the mean of their pixels' differences."""
    images = [Image.open(io.BytesIO(data)).convert("RGB") for data in (one, other)]
    return sum(ImageStat.Stat(ImageChops.difference(*images)).mean)


def test_the_documents_are_right_and_in_a_folder_of_their_own(tmp_path: Path) -> None:
    found = load_endpoints(examples.write(tmp_path / "endpoints"))
    assert (found.faults, found.warnings) == ((), ())
    assert {each.command: [field.name for field in each.fields] for each in found.endpoints} == {
        "cny-snakeyear": ["image", "seed"],
        "poster": ["prompt", "width", "height", "seed"],
        "restyle": ["image", "style", "strength", "seed"],
    }


@pytest.mark.parametrize("size", [WIDE, (256, 256), (512, 1024)], ids=str)
def test_a_poster_has_its_size(size: tuple[int, int]) -> None:
    assert Image.open(io.BytesIO(poster("a red fox", size, 1))).size == size


@pytest.mark.parametrize("words", ["", " ", "\n", "新年快乐", "\ud83d", "x" * 5000], ids=ascii)
def test_a_poster_bears_any_words(words: str) -> None:
    assert poster(words, WIDE, 0)


def test_other_words_and_seeds_are_other_posters() -> None:
    plain = poster("a red fox", WIDE, 1)
    assert difference(plain, poster("a blue owl", WIDE, 1)) > 1
    assert difference(plain, poster("a red fox", WIDE, 2)) > 20
    assert plain == poster("a red fox", WIDE, 1)


def test_each_style_looks_different_and_as_strong_as_it_is_asked_for() -> None:
    made = {style: restyled(PICTURE, style, 1.0, 7) for style in examples.STYLES}
    assert min(difference(a, b) for a, b in combinations(made.values(), 2)) > 10
    for style, strong in made.items():
        weak, none = (restyled(PICTURE, style, strength, 7) for strength in (0.3, 0))
        assert 0 < difference(none, weak) < difference(none, strong)
