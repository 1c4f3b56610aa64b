from bot.jobs.request import FieldKind
from tests.endpoints import make_field


def test_of_many_choices_those_are_suggested_that_fit_and_first_those_that_begin_so() -> None:
    models = tuple(f"{kind}-{n}" for kind in ("flux", "sdxl", "Anime-flux") for n in range(20))
    field = make_field("model", FieldKind.STRING, choices=models)
    assert field.listed == ()
    assert len(field.suggested("")) == 25
    assert field.suggested(" FLUX")[:20] == [f"flux-{n}" for n in range(20)]
    assert len(field.suggested("flux")) == 25
    assert field.suggested("anime-flux-19") == ["Anime-flux-19"]
    assert field.suggested("nothing") == []
    few = make_field("model", FieldKind.STRING, choices=models[:25])
    assert few.listed == few.choices
