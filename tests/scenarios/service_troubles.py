"""The trouble that a service can be in, by its name in docs/operating.md, and how it is played."""

import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from aiohttp import web

from bot.sandbox.discord.messages import Message
from bot.work.downloads import CUT_TRIES
from tests.samples.pictures import animated, picture, png_header
from tests.samples.results import sound
from tests.scenarios.service_scene import (
    Case,
    Play,
    Scene,
    away,
    broken_upload,
    eventually,
    running,
)

REASON = '{"error": "because"}'
ENDPOINT = "PrOhEE"
CAP_BYTES = 100_000  # in place of 200 MiB
LONG_S = 600  # a Retry-After that is longer than any wait of the bot's own
PNG_END = b"\0\0\0\0IEND\xaeB`\x82"
VIDEO = b"\x00\x00\x00\x20ftypisom" + bytes(100)


def is_first(request: web.Request) -> bool:
    return request.path.endswith("/1")


def faulty(call: str, *troubles: dict[str, Any]) -> Play:
    """The next calls of the kind meet these, one after the other."""

    async def play(scene: Scene) -> Message:
        for trouble in troubles:
            match = {"match": is_first} if call == "download" else {}
            scene.studio.fail_next(call, **(match | {"body": REASON} | trouble))
        return await scene.asked()

    return play


def said(*states: str, job_id: str = "j-1") -> Play:
    """The job is j-1, and the next questions are answered with these states."""
    bodies = [json.dumps({"job_id": job_id, "job_state": state}) for state in states]
    play = faulty("status", *({"status": 200, "body": body} for body in bodies))

    async def named(scene: Scene) -> Message:
        scene.studio.new_id = lambda: "j-1"
        return await play(scene)

    return named


async def one_id_twice(scene: Scene) -> Message:
    scene.studio.new_id = lambda: "j-1"
    await scene.ended(await scene.asked())
    return await scene.asked()


def for_long(call: str, minutes: int, **trouble: Any) -> Play:
    """The call meets this whenever it is made, until so many minutes are over."""

    async def play(scene: Scene) -> Message:
        scene.studio.fail_next(call, **({"times": 10_000, "body": REASON} | trouble))
        message = await scene.asked()
        await scene.logged(f"{call}: {trouble['status']}")
        await eventually(scene.next_due)  # what was logged is written down, too
        scene.stage.discord.advance(minutes=minutes)
        return message

    return play


def taken_but_said(body: str, **answer: Any) -> Play:
    """The job j-1 is made, and the answer is this."""

    async def play(scene: Scene) -> Message:
        scene.studio.new_id = lambda: "j-1"
        scene.studio.fail_next("submit", **({"status": 200} | answer), body=body, accept=True)
        return await scene.asked()

    return play


async def endless(scene: Scene) -> Message:
    """One question is on its way while the time runs out, and the next one is the last."""
    scene.studio.hold("pending")
    question = scene.studio.pause("status")
    message = await scene.asked()
    await question.reached()
    scene.studio.hold("in_queue")
    scene.stage.discord.advance(minutes=12 * 60 + 1)
    question.release()
    return message


async def spelled_otherwise(scene: Scene) -> Message:
    """Its job, answered by a service that writes its JSON in another way."""
    message = await running(scene)
    (job,) = scene.studio.jobs.values()
    images = [{"url": scene.studio.image_address(f"/files/{job.id}/{n}")} for n in (1, 2)]
    job.state = "succeeded"
    said = {"id": job.id.upper(), "status": "Completed", "images": images}
    scene.studio.fail_next("status", status=200, body=json.dumps({"data": said}))
    return message


async def failing(scene: Scene) -> Message:
    scene.studio.fail_job_next("because")
    return await scene.asked()


def result_of(images: int) -> Play:
    async def play(scene: Scene) -> Message:
        scene.studio.endpoints[ENDPOINT] = images
        scene.studio.outputs |= dict.fromkeys(range(1, images + 1), (picture(), "image/png"))
        return await scene.asked()

    return play


def handing_out(data: bytes, kind: str, *numbers: int) -> Play:
    """The service hands out these bytes as the first image, or as those of the numbers."""

    async def play(scene: Scene) -> Message:
        scene.studio.outputs |= dict.fromkeys(numbers or (1,), (data, kind))
        return await scene.asked()

    return play


def offering(address: Callable[[Scene, str], str]) -> Play:
    """The first image has this address."""

    async def play(scene: Scene) -> Message:
        scene.elsewhere.redirects_to = scene.studio.origin
        scene.studio.redirects_to = scene.elsewhere.origin
        origin = scene.studio.origin
        scene.studio.image_address = lambda path: (
            address(scene, path) if path.endswith("/1") else origin + path
        )
        return await scene.asked()

    return play


async def run_out(scene: Scene) -> Message:
    """The service names addresses that are over, and later ones that are not."""
    scene.studio.lease = timedelta(seconds=-1)
    message = await scene.asked()
    await scene.logged("image 1: download: 403")
    scene.studio.lease = timedelta(minutes=5)
    return message


def answers(call: str, *statuses: int) -> dict[str, Case]:
    """Each of the statuses, once; refusals with a reason, and the rest as proxies write it."""
    html = {"body": "<html>sorry</html>", "content_type": "text/html"}
    return {
        str(status): Case(faulty(call, {"status": status} | (html if status in HTML else {})))
        for status in statuses
    }


def asking_to_wait(call: str) -> dict[str, Case]:
    wait = {"headers": {"Retry-After": str(LONG_S)}}
    return {
        f"{status} with Retry-After": Case(faulty(call, {"status": status} | wait))
        for status in (429, 503)
    }


def bodies(call: str, **named: str) -> dict[str, Case]:
    texts = {
        "HTML with 200": "<html>Welcome</html>",
        "an empty answer with 200": "",
        "{}": "{}",
        "wrong types": '{"job_id": [5], "job_state": ["pending"]}',
    }
    return {
        name: Case(faulty(call, {"status": 200, "body": text}))
        for name, text in (texts | named).items()
    }


CUT = {"status": 200, "is_cut": True}
SILENT = {"is_silent": True}
PAGE = {"body": "<html>Not here</html>", "content_type": "text/html"}
PACKED = {"status": 200, "content_type": "image/png", "headers": {"Content-Encoding": "gzip"}}
ERRORS = (400, 401, 402, 403, 408, 413, 422, 429, 500, 502, 503, 504)
HTML = {408, 409, 425, *range(429, 600)}  # proxies write it; a refusal of the service has a reason
THERE = {"headers": {"Location": "/api/v1/jobs/j-1"}}
ELSEWHERE = {"headers": {"Location": "https://elsewhere.test/api/v1/jobs?endpoint=PrOhEE"}}
SOON = {"headers": {"Retry-After": "1"}}

TROUBLES: dict[str, dict[str, Case]] = {
    "submit": {
        "connection refused": Case(away("submit")),
        "time-out while connecting, before the body was sent": Case(away("submit", is_deaf=True)),
        "reset while the form goes out": Case(broken_upload(is_reset=True), tries=1),
        "a standstill while the form goes out": Case(broken_upload(is_reset=False), tries=1),
        "nothing taken for 2 hours": Case(for_long("submit", 121, status=503, **SOON)),
        "reset before an answer": Case(faulty("submit", {"is_reset": True})),
        "reset within the answer": Case(faulty("submit", CUT | {"accept": True})),
        "time-out before the body was read": Case(faulty("submit", SILENT)),
        "time-out after the job was made": Case(faulty("submit", SILENT | {"accept": True})),
        **answers("submit", 404, 409, 425, 499, *ERRORS),
        "418, and any other 4xx": Case(faulty("submit", {"status": 418})),
        **{
            f"{status} to another address": Case(faulty("submit", {"status": status} | ELSEWHERE))
            for status in (301, 302, 303, 307, 308)
        },
        **{
            f"{status} to the job": Case(taken_but_said("", status=status, **THERE))
            for status in (302, 303)
        },
        "an id that another job has": Case(one_id_twice, tries=2),
        **asking_to_wait("submit"),
        **bodies("submit"),
        "truncated JSON without the job's id": Case(
            faulty("submit", {"status": 200, "body": '{"job_state": "pending", "job_i'})
        ),
        "truncated JSON with the job's id": Case(taken_but_said('{"job_id": "j-1", "job_st')),
        "wrong types beside the job's id": Case(
            taken_but_said('{"job_id": "j-1", "job_state": 5}')
        ),
    },
    "status": {
        "connection refused": Case(away("status")),
        "time-out while connecting, before the question was sent": Case(
            away("status", is_deaf=True)
        ),
        # aiohttp itself asks once more.
        "reset before an answer": Case(faulty("status", *[{"is_reset": True}] * 2), tries=3),
        "reset within the answer": Case(faulty("status", CUT)),
        "time-out before the question was read": Case(faulty("status", SILENT)),
        "time-out after it was read": Case(faulty("status", SILENT | {"accept": True})),
        **answers("status", 302, *ERRORS),
        **asking_to_wait("status"),
        "404 once": Case(faulty("status", {"status": 404})),
        "404 once after a while of 503": Case(
            faulty("status", *[{"status": 503}] * 4, {"status": 404}), tries=6
        ),
        "404 nine times": Case(faulty("status", {"status": 404, "times": 9}), tries=10),
        "404 for more than an hour": Case(
            faulty("status", {"status": 404, "times": 10_000}), tries=10
        ),
        "a page with 404 for two hours": Case(
            faulty("status", {"status": 404, "times": 30} | PAGE), tries=31
        ),
        **bodies("status"),
        "truncated JSON": Case(faulty("status", {"status": 200, "body": '{"job_id": "a", "jo'})),
        "a state never heard of": Case(said("warming_up")),
        "states running backwards": Case(said("processing", "in_queue"), tries=3),
        "an answer about another job": Case(said("failed", job_id="j-2")),
        "failed": Case(failing),
        "the same in another spelling": Case(
            spelled_otherwise, tries=1
        ),  # or one that was out before
        "succeeded with no images at first": Case(said("succeeded", "succeeded"), tries=3),
        "succeeded with no images for five minutes": Case(result_of(0), tries=8),
        "no end within JOB_TIMEOUT_MINUTES": Case(endless, tries=2),
    },
    "download": {
        "connection refused": Case(away("download")),
        "time-out while connecting": Case(away("download", is_deaf=True)),
        "reset before an answer": Case(faulty("download", *[{"is_reset": True}] * 2), tries=3),
        "reset within the file": Case(faulty("download", CUT)),
        "time-out before an answer": Case(faulty("download", SILENT)),
        "time-out within the file": Case(faulty("download", CUT | SILENT)),
        **answers("download", *ERRORS),
        **asking_to_wait("download"),
        "404 once, and then 200": Case(faulty("download", {"status": 404})),
        "404 for 24 hours, one image": Case(
            for_long("download", 24 * 60, status=404, match=is_first)
        ),
        "404 for 24 hours, all images": Case(for_long("download", 24 * 60, status=404)),
        "40 images": Case(result_of(40)),
        "a relative URL": Case(offering(lambda _scene, path: f"../../..{path}")),
        "a URL that redirects once": Case(
            offering(lambda scene, path: f"{scene.elsewhere.origin}/redirect{path}")
        ),
        "a URL at a private address": Case(
            offering(lambda scene, path: scene.elsewhere.origin + path), tries=0
        ),
        "a URL that redirects to a private address": Case(
            offering(lambda scene, path: f"{scene.studio.origin}/redirect{path}")
        ),
        "a URL on another host": Case(offering(lambda scene, path: scene.elsewhere.origin + path)),
        "a URL that redirects forever": Case(
            offering(lambda scene, path: f"{scene.studio.origin}{'/redirect' * 9}{path}")
        ),
        "a URL that is no web address": Case(
            offering(lambda _scene, path: f"file://{path}"), tries=0
        ),
        "a URL that cannot be read": Case(
            offering(lambda _scene, path: f"http://[{path}"), tries=0
        ),
        "a file cut in chunks": Case(faulty("download", CUT | {"length": "chunks"})),
        "a URL that has run out": Case(run_out),
        "half a file, as if it were all": Case(
            faulty("download", CUT | {"length": "none", "body": picture()})
        ),
        "a file that ends too soon each time": Case(
            handing_out(picture()[:-9], "image/png"), tries=CUT_TRIES
        ),
        "an HTML page once": Case(faulty("download", {"status": 200, "body": "<html>busy</html>"})),
        "an HTML page called .png": Case(handing_out(b"<html>an image</html>", "image/png")),
        "a decompression bomb, by its size in pixels": Case(
            handing_out(png_header(30_000, 30_000) + PNG_END, "image/png")
        ),
        "a decompression bomb, by its Content-Encoding": Case(
            faulty("download", PACKED | {"body": gzip.compress(bytes(10 * CAP_BYTES))})
        ),
        "500 MB, or anything over 200 MiB": Case(
            handing_out(picture() + bytes(CAP_BYTES), "image/png")
        ),
        "no image at all": Case(handing_out(b"<html>no image</html>", "image/png", 1, 2)),
        "a video": Case(handing_out(VIDEO, "video/mp4")),
        "a GIF": Case(handing_out(animated("GIF"), "image/gif")),
        "a sound": Case(handing_out(sound(), "audio/wav")),
    },
}
