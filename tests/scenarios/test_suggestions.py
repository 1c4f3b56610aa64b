"""An option with more choices than a command may list: what fits is suggested as one types."""

import pytest

from tests.scenarios.conftest import Stage, replied

MODELS = [f"{kind}-{n}" for kind in ("flux", "sdxl") for n in range(100)]
DOCUMENT = {
    "name": "Paint",
    "endpointId": "PaInT",
    "fieldIds": ["text_1", "steps_2"],
    "fields": {
        "text_1": {"name": "model", "choices": MODELS, "required": True},
        "steps_2": {"kind": "integer", "choices": list(range(5, 155, 5))},
    },
}


@pytest.fixture
def paint(stage: Stage) -> Stage:
    stage.serve(DOCUMENT)
    return stage


async def test_what_fits_is_suggested_and_is_what_the_service_gets(paint: Stage) -> None:
    mei = paint.member()
    async with paint.bot():
        found = await suggested(paint, "model", "sdxl-9")
        assert found == ["sdxl-9", *(f"sdxl-9{n}" for n in range(10))]
        assert len(await suggested(paint, "model", "")) == 25
        assert await suggested(paint, "steps", "15") == [15, 150, 115]
        handle = await mei.slash("paint", model="sdxl-42", steps=150)
        await paint.ended(replied(await handle.responded()))
    (post,) = paint.studio.posts
    assert [part.data.decode() for part in post.parts] == ["sdxl-42", "150"]


async def test_what_is_none_of_them_is_refused_with_those_that_are_near(paint: Stage) -> None:
    mei = paint.member()
    async with paint.bot():
        handle = await mei.slash("paint", model="sdxl")
        sentence = replied(await handle.responded()).content
    assert sentence.startswith("model has to be one of its 200 choices, as: sdxl-0, sdxl-1, ")
    assert paint.studio.posts == []


async def suggested(stage: Stage, name: str, typed: str) -> list[object]:
    """What Discord offers when so much of the option is typed."""
    handle = await stage.member().complete("paint", name, typed)
    await stage.discord.until(lambda: handle.choices is not None)
    return [choice["value"] for choice in handle.choices]
