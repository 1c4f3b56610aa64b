"""`python -m bot submit`: one job, without Discord."""

import argparse
import json
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from bot.errors import Refused
from bot.reasons import Reason
from bot.settings import Settings
from bot.shell import cli
from bot.shell.submit import submit
from bot.work import polling, questions
from tests.samples.pictures import picture
from tests.samples.results import sound
from tests.scenarios.conftest import COMMAND, Stage


def options(*arguments: str) -> argparse.Namespace:
    return cli._parser().parse_args(["submit", *arguments])


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    path.write_bytes(picture())
    return path


async def run_submit(stage: Stage, *arguments: str) -> int:
    return await submit(Settings.from_env(stage.environment()), options(*arguments))


async def test_submit_runs_one_job_and_saves_its_images(
    stage: Stage, photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.studio.seconds = dict.fromkeys(stage.studio.seconds, 0.5)
    out = tmp_path / "folder"
    arguments = [COMMAND, "--image", str(photo), "--seed", "20", "--out", str(out)]
    assert await run_submit(stage, *arguments) == 0
    job_id = next(iter(stage.studio.jobs))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{job_id}: pending"
    assert lines[-3] == f"{job_id}: succeeded"
    assert lines[-2:] == [f"saved {out}/cny-snakeyear-seed20-{n}.jpg" for n in (1, 2)]
    assert sorted(path.name for path in out.iterdir()) == [
        "cny-snakeyear-seed20-1.jpg",
        "cny-snakeyear-seed20-2.jpg",
    ]
    with Image.open(out / "cny-snakeyear-seed20-1.jpg") as image:
        assert image.format == "JPEG"
    assert stage.seeds() == ["20"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["none"], "There is no endpoint 'none'. Configured are: cny-snakeyear."),
        (["SNAKE"], "cny-snakeyear takes 1 --image, and 0 came."),
        ([COMMAND], "cny-snakeyear takes 1 --image, and 0 came."),
        ([COMMAND, "--image", "{none}"], "{none}: there is no such file."),
        ([COMMAND, "--image", "{text}"], "notes.png is not a picture. Nothing was charged; please send another picture."),
        ([COMMAND, "--image", "{photo}", "--set", "size"], "--set size: write it as NAME=VALUE."),
        ([COMMAND, "--image", "{photo}", "--set", "size=1"], "CNY-SnakeYear has no option size. It has: image, seed."),
        ([COMMAND, "--image", "{photo}", "--seed", "-1"], "seed has to be 0 to 9007199254740991, not -1."),
    ],
)  # fmt: skip
async def test_submit_refuses_in_one_sentence_before_anything_is_charged(
    stage: Stage, photo: Path, arguments: list[str], sentence: str
) -> None:
    text = photo.with_name("notes.png")
    text.write_text("just text")
    names = {"photo": photo, "text": text, "none": photo.with_name("none.png")}
    with pytest.raises(Refused) as caught:
        await run_submit(stage, *(argument.format(**names) for argument in arguments))
    assert caught.value.user_message == sentence.format(**names)
    assert stage.studio.posts == []


@pytest.mark.parametrize(
    ("out", "why"), [("photo.png", "File exists"), ("photo.png/images", "Not a directory")]
)
async def test_submit_refuses_a_folder_that_cannot_be_written_to_before_it_is_charged(
    stage: Stage, photo: Path, out: str, why: str
) -> None:
    folder = photo.parent / out
    with pytest.raises(Refused) as caught:
        await run_submit(stage, COMMAND, "--image", str(photo), "--out", str(folder))
    assert caught.value.user_message == f"--out {folder}: cannot be written to ({why})."
    assert stage.studio.posts == []


async def test_submit_converts_a_picture_as_the_bot_does(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "IMG_0001.HEIC"
    path.write_bytes(picture("HEIF"))
    await run_submit(stage, COMMAND, "--image", str(path), "--out", str(tmp_path))
    part = next(part for part in stage.studio.posts[0].parts if part.filename)
    assert (part.filename, part.content_type) == ("IMG_0001.jpg", "image/jpeg")
    assert part.data.startswith(b"\xff\xd8")


async def test_submit_asks_again_for_an_image_that_is_late_cut_or_elsewhere_by_now(
    stage: Stage, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "FIRST_RETRY_S", 0.01)
    stage.studio.lease = timedelta(hours=1)
    origin = stage.studio.origin
    addresses = iter(["http://10.0.0.1/1"])
    stage.studio.image_address = lambda path: next(addresses, origin + path)
    stage.studio.outputs |= {1: (sound(), "audio/wav"), 2: (picture(), "image/png")}
    for trouble in ({"status": 503}, {"status": 403}, {"status": 200, "body": picture()[:-9]}):
        stage.studio.fail_next("download", **trouble)
    out = tmp_path / "images"
    arguments = [COMMAND, "--image", str(photo), "--seed", "1", "--out", str(out)]
    assert await run_submit(stage, *arguments) == 0
    names = sorted(path.name for path in out.iterdir())
    assert names == ["cny-snakeyear-seed1-1.wav", "cny-snakeyear-seed1-2.png"]
    assert (out / names[1]).read_bytes() == picture()


async def test_submit_saves_the_other_images_where_one_cannot_be_saved(
    stage: Stage, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "FIRST_RETRY_S", 0.01)
    stage.studio.outputs[1] = (b"<html>no image</html>", "image/jpeg")
    out = tmp_path / "images"
    arguments = [COMMAND, "--image", str(photo), "--seed", "1", "--out", str(out)]
    with pytest.raises(Refused) as caught:
        await run_submit(stage, *arguments)
    assert caught.value.user_message == (
        "Image 1 could not be saved: What the service handed out is no image."
    )
    assert [path.name for path in out.iterdir()] == ["cny-snakeyear-seed1-2.jpg"]


async def test_submit_gives_an_image_up_after_some_tries(
    stage: Stage, photo: Path, tmp_path: Path
) -> None:
    stage.studio.endpoints["PrOhEE"] = 1
    stage.studio.fail_next("download", status=503, headers={"Retry-After": "0"}, times=100)
    with pytest.raises(Refused) as caught:
        await run_submit(stage, COMMAND, "--image", str(photo), "--out", str(tmp_path))
    assert caught.value.user_message == (
        "Image 1 could not be saved: The service no longer hands out this job's images. It was charged; the bot's owner can look it up."
    )


async def test_submit_says_at_once_that_the_service_cannot_be_reached(
    stage: Stage, photo: Path, unused_tcp_port: int
) -> None:
    stage.settings["INSTANT_STUDIO_URL"] = f"http://127.0.0.1:{unused_tcp_port}/api/v1"
    with pytest.raises(Refused) as caught:
        await run_submit(stage, COMMAND, "--image", str(photo))
    assert caught.value.user_message == (
        "The service cannot be reached. Nothing was charged; try again later."
    )


async def test_submit_asks_which_endpoint_is_meant_where_a_part_fits_several(
    stage: Stage, tmp_path: Path
) -> None:
    for number, name in enumerate(("Snake Year", "Horse Year")):
        document = {"name": name, "endpointId": f"x{number}", "fieldIds": []}
        (tmp_path / f"{number}.json").write_text(json.dumps(document))
    stage.settings["ENDPOINTS"] = str(tmp_path)
    with pytest.raises(
        Refused, match=r"^year may be snake-year, horse-year: give more of its name"
    ):
        await run_submit(stage, "year")


async def test_submit_without_a_seed_to_take_says_so(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "FIRST_RETRY_S", 0.1)
    monkeypatch.setitem(questions.ENOUGH, Reason.NO_IMAGES, (2, timedelta()))
    document = tmp_path / "a.json"
    document.write_text(json.dumps({"name": "A", "endpointId": "PrOhEE", "fieldIds": ["text_1"]}))
    stage.settings["ENDPOINTS"] = str(document)
    with pytest.raises(Refused, match="a takes no seed: leave --seed out"):
        await run_submit(stage, "a", "--seed", "5")
    stage.studio.fail_next("status", status=404)
    stage.studio.endpoints["PrOhEE"] = 0
    with pytest.raises(Refused, match="it gave no images"):
        await run_submit(stage, "a", "--set", "text=hello")
    assert stage.studio.posts[0].text("text") == "hello"


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (402, "The bot's owner has no credits left at the service. Nothing was charged; try again once they are topped up. (made to fail)"),
        (429, "The service takes no jobs now. Nothing was charged; try again later. (made to fail)"),
        (500, "The bot could not see whether the service took this job. It may have been charged, so it was not sent twice. Run it again if you want to. (made to fail)"),
    ],
)  # fmt: skip
async def test_submit_says_what_the_service_said(
    stage: Stage, photo: Path, status: int, sentence: str
) -> None:
    stage.studio.fail_next("submit", status=status)
    with pytest.raises(Refused) as caught:
        await run_submit(stage, COMMAND, "--image", str(photo))
    assert caught.value.user_message == sentence


async def test_submit_says_that_a_job_failed_or_took_too_long(stage: Stage, photo: Path) -> None:
    stage.studio.fail_job_next("out of memory")
    with pytest.raises(Refused, match="could not finish this job: out of memory"):
        await run_submit(stage, COMMAND, "--image", str(photo))
    stage.settings["JOB_TIMEOUT_MINUTES"] = "0.01"
    stage.studio.hold("pending")
    with pytest.raises(Refused, match="took too long"):
        await run_submit(stage, COMMAND, "--image", str(photo))
