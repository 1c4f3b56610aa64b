"""The demo's own workflows: their documents, and what the local service makes of a job of theirs."""

import json
from collections.abc import Mapping
from pathlib import Path

from bot.sandbox.pictures import poster, restyled
from bot.sandbox.studio.jobs import StudioJob, tinted
from bot.sandbox.studio.server import StudioSandbox

SNAKE = {"name": "CNY-SnakeYear", "endpointId": "PrOhEE", "fieldIds": ["load_image_22", "seed_56"]}
STYLES = ("ink", "poster", "night", "soft")
POSTER = {
    "name": "Poster",
    "endpointId": "PoStEr",
    "description": "Draws a poster of your words",
    "credits": 2,
    "fieldIds": ["prompt_6", "width_5", "height_5", "seed_3"],
    "fields": {
        "prompt_6": {"name": "prompt", "description": "What it says", "required": True},
        "width_5": {"kind": "integer", "default": 768, "min": 256, "max": 1024},
        "height_5": {"kind": "integer", "default": 512, "min": 256, "max": 1024},
    },
}
RESTYLE = {
    "name": "Restyle",
    "endpointId": "ReStYl",
    "description": "Draws your picture in another style",
    "credits": 3,
    "fieldIds": ["load_image_1", "style_4", "denoise_9", "seed_3"],
    "fields": {
        "style_4": {"name": "style", "choices": list(STYLES), "default": STYLES[0]},
        "denoise_9": {"name": "strength", "kind": "number", "default": 0.6, "min": 0, "max": 1},
    },
}
SECONDS: Mapping[str, float] = {"pending": 1.0, "in_queue": 1.5, "processing": 3.0}
WIDE = (768, 512)  # of a poster
IMAGES: Mapping[str, int] = {"PrOhEE": 2, "PoStEr": 1, "ReStYl": 1}


def write(folder: Path) -> Path:
    """A folder with the three documents."""
    folder.mkdir()
    for document in (SNAKE, POSTER, RESTYLE):
        path = folder / f"{str(document['name']).lower()}.json"
        path.write_text(json.dumps(document), encoding="utf-8")
    return folder


def drawn(job: StudioJob, number: int) -> bytes:
    """One image of a job: a JPEG that shows what was asked."""
    asked = job.submission
    seed = int(asked.text("seed") or 0)
    if asked.endpoint == POSTER["endpointId"]:
        size = (int(asked.text("width") or WIDE[0]), int(asked.text("height") or WIDE[1]))
        return poster(asked.text("prompt") or "", size, seed)
    if asked.endpoint == RESTYLE["endpointId"]:
        strength = float(asked.text("denoise") or 0.6)
        picture = next(part.data for part in asked.parts if part.filename is not None)
        return restyled(picture, asked.text("style") or STYLES[0], strength, seed)
    words = asked.text("prompt") or asked.text("text")
    return poster(words, WIDE, seed) if words else tinted(job, number)


def teach(service: StudioSandbox) -> None:
    """Let the local service run them, and what is added, at a pace that a person can watch."""
    service.runs_others = True
    service.endpoints.update(IMAGES)
    service.seconds = dict(SECONDS)
    service.drawn = drawn
