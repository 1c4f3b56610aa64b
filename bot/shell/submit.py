"""`python -m bot submit`: one job from the shell, without Discord."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

from bot.app import draw_seed, studio_of
from bot.endpoints.catalogue import Endpoint, load_endpoints, named_like
from bot.endpoints.values import values_of
from bot.errors import (
    BadImage,
    NotTaken,
    Refused,
    Rejected,
    StudioError,
    TooSlow,
    Unavailable,
)
from bot.files.folders import discard, fault_of, new_file
from bot.files.names import output_name, picture_name
from bot.files.outside import Outside
from bot.files.pictures import Pictures, Whose
from bot.files.proxies import proxies_of
from bot.files.results import Look, ending_of, look
from bot.files.turns import Postponed
from bot.jobs.progress import Doubt
from bot.jobs.request import FieldKind, Value
from bot.reasons import Reason
from bot.settings import Settings
from bot.shell.progress import Progress
from bot.studio.client import InstantStudio
from bot.studio.form import Upload
from bot.studio.reading import OVER
from bot.studio.replies import End, StudioJob
from bot.work.downloads import MAX_OUTPUT_BYTES
from bot.work.polling import next_delay_s, retry_delay_s
from bot.work.questions import has_stayed, once_more

OWNERS = Whose(member=0)
DOWNLOAD_TRIES = 6  # about a minute, where the service asks for no other pause


async def submit(settings: Settings, options: argparse.Namespace) -> int:
    """Run the job and save its images into the folder; 0, or Refused."""
    endpoint = _endpoint(settings, options.endpoint)
    values = values_of(endpoint, _given(endpoint, options), draw_seed)
    with tempfile.TemporaryDirectory(prefix="studio-") as converted:
        async with Pictures.open() as pictures:
            uploads = await _uploads(endpoint, options.image, Path(converted), pictures)
        if fault := fault_of(options.out):
            raise Refused(
                "--out {out}: cannot be written to ({fault}).", out=options.out, fault=fault
            )
        async with Outside.open(proxies=proxies_of(settings)) as outside:
            studio = studio_of(settings, outside)
            try:
                job = await _taken(studio, endpoint, values, uploads)
                with Progress() as progress:
                    job = await _ended(studio, job, settings.job_timeout_minutes * 60, progress)
            except StudioError as error:
                raise _refused(error) from error
            await _save(studio, job, endpoint, values, options.out)
    return 0


async def _taken(
    studio: InstantStudio, endpoint: Endpoint, values: Sequence[Value], uploads: Sequence[Upload]
) -> StudioJob:
    fields = [(value.field_id, value.text) for value in values]
    async with studio.turn():
        return await studio.submit(endpoint.id, fields, uploads)


def _refused(error: StudioError) -> Refused:
    text = error.user_message
    if isinstance(error, NotTaken):
        what = "takes no jobs now" if error.status else "cannot be reached"
        text = f"The service {what}. Nothing was charged; try again later."
    return Refused("{text}" + (" ({why})" if error.detail else ""), text=text, why=error.detail)


def _endpoint(settings: Settings, text: str) -> Endpoint:
    loaded = load_endpoints(settings.endpoints)
    found = named_like(loaded.endpoints, text)
    if len(found) > 1:
        names = [each.command for each in found]
        raise Refused("{text} may be {names}: give more of its name.", text=text, names=names)
    if not found:
        for fault in loaded.faults:
            print(f"left out: {fault}", file=sys.stderr)
        names = [each.command for each in loaded.endpoints]
        raise Refused(
            "There is no endpoint {text}. Configured are: {names}.", text=repr(text), names=names
        )
    return found[0]


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
    filename = picture_name(path.name, ending_of(media_type))
    path = converted if seen.made else path
    return Upload(field_id=field_id, filename=filename, media_type=media_type, path=path)


async def _ended(
    studio: InstantStudio, job: StudioJob, timeout_s: float, progress: Progress
) -> StudioJob:
    waited_s, state, asking = 0.0, job.state, _Asking(studio)
    progress.say(f"{job.job_id}: {state}")
    while job.end is not End.SURE:
        if waited_s > timeout_s:
            raise Refused("{job} took too long; it may still end at the service.", job=job.job_id)
        wait_s = asking.wait_s or next_delay_s(age_s=waited_s, state=job.state)
        await progress.wait(wait_s)
        waited_s += wait_s
        job = await asking.once(job)
        if job.state != state:
            state = job.state
            progress.say(f"{job.job_id}: {state}")
    if job.state in OVER and not job.image_urls:
        raise Refused(
            "The service could not finish this job" + (": {why}." if job.error else "."),
            why=job.error,
        )
    return job


class _Asking:
    """Asks as the bot does: what would end a job that is paid for has to stay so."""

    def __init__(self, studio: InstantStudio) -> None:
        self._studio = studio
        self._tries = self._slow = 0
        self._trouble_s = 0.0
        self._doubt: Doubt | None = None
        self.wait_s = 0.0  # because of a trouble

    async def once(self, job: StudioJob) -> StudioJob:
        """The job after one more question, maybe as it was; Rejected."""
        self._trouble_s += self.wait_s
        try:
            answer = await self._studio.status(job.job_id, slow=self._slow)
        except Rejected as error:
            if self._is_over(error.reason):
                raise
            return job
        except Unavailable as error:
            self._slow += isinstance(error, TooSlow)
            self._put_off(error.retry_after_s)
            return job
        if answer.end is End.PERHAPS:
            return replace(answer, end=End.SURE) if self._is_over(Reason.NO_IMAGES) else answer
        self._tries, self._trouble_s, self.wait_s, self._doubt = 0, 0.0, 0.0, None
        return answer

    def _is_over(self, reason: Reason) -> bool:
        self._doubt = once_more(self._doubt, reason, self._trouble_s)
        self._put_off(None)
        return has_stayed(self._doubt, self._trouble_s)

    def _put_off(self, retry_after_s: float | None) -> None:
        self.wait_s = retry_delay_s(self._tries, retry_after_s)
        self._tries += 1


async def _save(
    studio: InstantStudio,
    job: StudioJob,
    endpoint: Endpoint,
    values: Sequence[Value],
    folder: Path,
) -> None:
    if not job.image_urls:
        raise Refused("The service says it is done, but it gave no images.")
    seed = next((value.text for value in values if value.kind is FieldKind.SEED), None)
    lost = []
    for number, url in enumerate(job.image_urls, 1):
        try:
            async with _saved(studio, job, number - 1, folder) as (part, media_type):
                ending = ending_of(media_type, url)
                name = output_name(endpoint.command, endpoint.id, seed, number, ending)
                print(f"saved {part.rename(folder / name)}", flush=True)
        except (StudioError, BadImage) as error:
            lost.append(f"Image {number} could not be saved: {error.user_message}")
        except OSError as error:
            lost.append(f"Image {number} could not be saved: {error.strerror}.")
    if lost:
        raise Refused("{lost:\n}", lost=lost)


@asynccontextmanager
async def _saved(
    studio: InstantStudio, job: StudioJob, index: int, folder: Path
) -> AsyncIterator[tuple[Path, str]]:
    """The image in a new file, which is removed where it was not moved away; and its type."""
    file = new_file(folder)
    try:
        found = await _fetched(studio, job, index, Path(file.name))
        if found.is_nothing:
            raise BadImage("What the service handed out is no image.")
        yield Path(file.name), found.media_type
    finally:
        discard(file)


async def _fetched(studio: InstantStudio, job: StudioJob, index: int, path: Path) -> Look:
    """The image in the file: asked for again, where it is by then, until it came whole."""
    url = job.image_urls[index]
    for tries in range(DOWNLOAD_TRIES - 1):
        wait_s = None
        try:
            found = await _download(studio, url, path)
            if found.is_whole and not found.is_nothing:
                return found
        except Unavailable as error:
            wait_s = error.retry_after_s
        except Rejected:
            if await _address_now(studio, job, index) in {url, None}:
                raise
        await asyncio.sleep(retry_delay_s(tries, wait_s))
        url = await _address_now(studio, job, index) or url
    return await _download(studio, url, path)


async def _address_now(studio: InstantStudio, job: StudioJob, index: int) -> str | None:
    with suppress(Unavailable, Rejected, IndexError):
        return (await studio.status(job.job_id)).image_urls[index]
    return None


async def _download(studio: InstantStudio, url: str, path: Path) -> Look:
    size = 0
    with path.open("wb") as file:
        async with studio.download(url) as chunks:
            async for chunk in chunks:
                size += len(chunk)
                if size > MAX_OUTPUT_BYTES:
                    raise BadImage("An image of the result is too large to be saved.")
                file.write(chunk)
    return await look(path)
