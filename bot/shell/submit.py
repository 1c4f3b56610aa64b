"""`python -m bot submit`: one job from the shell, without Discord."""

import argparse
import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

from bot.app import draw_seed, studio_of
from bot.endpoints.catalogue import Endpoint, find, load_endpoints
from bot.endpoints.values import values_of
from bot.errors import BadImage, NotTaken, Refused, StudioError, Unavailable
from bot.files.arrivals import filled
from bot.files.folders import discard, fault_of, new_file
from bot.files.kinds import Unseen, extension_of
from bot.files.names import output_name, picture_name
from bot.files.outside import Outside
from bot.files.pictures import Pictures, Whose
from bot.files.turns import Postponed
from bot.jobs.job import FieldKind, Value
from bot.jobs.queue import utc_now
from bot.settings import Settings
from bot.studio.client import InstantStudio
from bot.studio.form import Upload
from bot.studio.replies import StudioJob
from bot.work.downloads import MAX_OUTPUT_BYTES
from bot.work.polling import next_delay_s, retry_delay_s

OWNERS = Whose(member=0)
DOWNLOAD_TRIES = 6  # about a minute, where the service asks for no other pause


async def submit(settings: Settings, options: argparse.Namespace) -> int:
    """Run the job and save its images into the folder; 0, or Refused."""
    endpoint = _endpoint(settings, options.endpoint)
    values = values_of(endpoint, _given(endpoint, options), draw_seed)
    async with Pictures.open() as pictures:
        with tempfile.TemporaryDirectory(prefix="studio-") as converted:
            uploads = await _uploads(endpoint, options.image, Path(converted), pictures)
            if fault := fault_of(options.out):
                raise Refused(
                    "--out {out}: cannot be written to ({fault}).", out=options.out, fault=fault
                )
            async with Outside.open() as outside:
                studio = studio_of(settings, outside)
                try:
                    job = await _taken(studio, endpoint, values, uploads)
                    job = await _ended(studio, job, utc_now(), settings.job_timeout_minutes * 60)
                except StudioError as error:
                    raise _refused(error) from error
                seed = next((v.text for v in values if v.kind is FieldKind.SEED), None)
                name = partial(output_name, endpoint.command, endpoint.id, seed)
                await _save(studio, job, pictures, options.out, name)
    return 0


async def _taken(
    studio: InstantStudio, endpoint: Endpoint, values: Sequence[Value], uploads: Sequence[Upload]
) -> StudioJob:
    fields = [(value.field_id, value.text) for value in values]
    async with studio.turn():
        job = await studio.submit(endpoint.id, fields, uploads)
    print(f"{job.job_id}: {job.state}", flush=True)
    return job


def _refused(error: StudioError) -> Refused:
    text = error.user_message
    if isinstance(error, NotTaken):
        what = "takes no jobs now" if error.status else "cannot be reached"
        text = f"The service {what}. Nothing was charged; try again later."
    return Refused("{text}" + (" ({why})" if error.detail else ""), text=text, why=error.detail)


def _endpoint(settings: Settings, text: str) -> Endpoint:
    endpoints = load_endpoints(settings.endpoints).endpoints
    endpoint = find(endpoints, text)
    if endpoint is None:
        names = [each.command for each in endpoints]
        raise Refused(
            "There is no endpoint {text}. Configured are: {names}.", text=repr(text), names=names
        )
    return endpoint


def _given(endpoint: Endpoint, options: argparse.Namespace) -> dict[str, object]:
    given: dict[str, object] = {}
    for text in options.set:
        name, equals, value = text.partition("=")
        if not equals:
            raise Refused("--set {text}: write it as NAME=VALUE.", text=text)
        given[name] = value
    if options.seed is not None:
        seeds = [field.name for field in endpoint.fields if field.kind is FieldKind.SEED]
        if not seeds:
            raise Refused("{command} takes no seed: leave --seed out.", command=endpoint.command)
        given[seeds[0]] = options.seed
    return given


async def _uploads(
    endpoint: Endpoint, paths: Sequence[Path], converted: Path, pictures: Pictures
) -> list[Upload]:
    fields = [field for field in endpoint.fields if field.kind is FieldKind.IMAGE]
    wanted = sum(field.required for field in fields)
    if not wanted <= len(paths) <= len(fields):
        many = f"{wanted}" if wanted == len(fields) else f"{wanted} to {len(fields)}"
        raise Refused(
            "{command} takes {many} --image, and {came} came.",
            command=endpoint.command,
            many=many,
            came=len(paths),
        )
    return [
        await _upload(field.id, path, converted / f"{number}", pictures)
        for number, (field, path) in enumerate(zip(fields, paths, strict=False))
    ]


async def _upload(field_id: str, path: Path, converted: Path, pictures: Pictures) -> Upload:
    """The picture as the service takes it: the file itself, or what it was converted to."""
    if not await asyncio.to_thread(path.is_file):
        raise Refused("{path}: there is no such file.", path=path)
    try:
        seen = await pictures.input(path, converted, path.name, OWNERS)
    except Postponed as error:
        raise Refused("{path}: cannot be looked at ({why}).", path=path, why=error) from error
    media_type = seen.made or seen.media_type
    filename = picture_name(path.name, extension_of(media_type))
    path = converted if seen.made else path
    return Upload(field_id=field_id, filename=filename, media_type=media_type, path=path)


async def _ended(
    studio: InstantStudio, job: StudioJob, since: datetime, timeout_s: float
) -> StudioJob:
    tries, state = 0, job.state
    while job.state not in {"succeeded", "failed"}:
        age_s = (utc_now() - since).total_seconds()
        if age_s > timeout_s:
            raise Refused("{job} took too long; it may still end at the service.", job=job.job_id)
        try:
            await asyncio.sleep(next_delay_s(age_s=age_s, state=job.state))
            job, tries = await studio.status(job.job_id), 0
        except Unavailable as error:
            await asyncio.sleep(retry_delay_s(tries, error.retry_after_s))
            tries += 1
        if job.state != state:
            state = job.state
            print(f"{job.job_id}: {state}", flush=True)
    if job.state == "failed":
        raise Refused(
            "The service could not finish this job" + (": {why}." if job.error else "."),
            why=job.error,
        )
    return job


async def _save(
    studio: InstantStudio,
    job: StudioJob,
    pictures: Pictures,
    folder: Path,
    name: Callable[[int, str], str],
) -> None:
    if not job.image_urls:
        raise Refused("The service says it is done, but it gave no images.")
    lost = []
    for number, url in enumerate(job.image_urls, 1):
        try:
            async with _saved(studio, url, folder) as part:
                ending = extension_of(await _media_type(part, pictures))
                print(f"saved {part.rename(folder / name(number, ending))}", flush=True)
        except (StudioError, BadImage) as error:
            lost.append(f"Image {number} could not be saved: {error.user_message}")
        except OSError as error:
            lost.append(f"Image {number} could not be saved: {error.strerror}.")
    if lost:
        raise Refused("{lost:\n}", lost=lost)


async def _media_type(path: Path, pictures: Pictures) -> str:
    """What it is, or else what its first bytes say; BadImage."""
    try:
        return await pictures.output(path, OWNERS)
    except (Unseen, Postponed):
        return await (await filled(path)).media_type()


@asynccontextmanager
async def _saved(studio: InstantStudio, url: str, folder: Path) -> AsyncIterator[Path]:
    """The image in a new file, which is removed where it was not moved away."""
    file = new_file(folder)
    try:
        await _download_patiently(studio, url, Path(file.name))
        yield Path(file.name)
    finally:
        discard(file)


async def _download_patiently(studio: InstantStudio, url: str, path: Path) -> None:
    for tries in range(DOWNLOAD_TRIES - 1):
        try:
            return await _download(studio, url, path)
        except Unavailable as error:
            await asyncio.sleep(retry_delay_s(tries, error.retry_after_s))
    return await _download(studio, url, path)


async def _download(studio: InstantStudio, url: str, path: Path) -> None:
    size = 0
    with path.open("wb") as file:
        async with studio.download(url) as chunks:
            async for chunk in chunks:
                size += len(chunk)
                if size > MAX_OUTPUT_BYTES:
                    raise BadImage("An image of the result is too large to be saved.")
                file.write(chunk)
