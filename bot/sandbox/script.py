"""The demo's conversation: a member acts, and what stands in the channel is printed as it changes."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.sandbox.discord.files import File
from bot.sandbox.discord.members import Member
from bot.sandbox.discord.messages import Message, Revision
from bot.sandbox.discord.server import DiscordSandbox
from bot.sandbox.pictures import sample_picture
from bot.sandbox.studio.server import StudioSandbox

Json = Any
COMMAND = "cny-snakeyear"
RERUN = "🔁"


class Transcript:
    """Prints each revision of each message once, with its time."""

    def __init__(self, discord: DiscordSandbox) -> None:
        self._discord = discord
        self._start = discord.clock.now()
        self._seen: dict[int, int] = {}
        discord.subscribe(self._look)

    def say(self, who: str, text: str) -> None:
        """What somebody did."""
        self._line(self._discord.clock.now(), f"{who}: {text}")

    def _look(self, _kind: str, what: object) -> None:
        if not isinstance(what, Message) or what.author is not self._discord.bot_user:
            return
        seen = self._seen.get(what.id, 0)
        for number, revision in enumerate(what.revisions[seen:], seen):
            verb = "replies" if number == 0 else "edits its reply"
            self._line(revision.at, f"{what.author.name} {verb}: {described(revision)}")
        self._seen[what.id] = len(what.revisions)

    def _line(self, at: datetime, text: str) -> None:
        print(f"{(at - self._start).total_seconds():6.2f} s  {text}", flush=True)


async def play(discord: DiscordSandbox, studio: StudioSandbox, out: Path) -> None:
    """The whole conversation; the posted images are saved into the folder."""
    await discord.until(lambda: COMMAND in discord.commands.names(), within_s=15)
    member = discord.member("Mei")
    transcript = Transcript(discord)

    transcript.say("Mei", f"/{COMMAND} image:mei.png seed:20")
    picture = File("mei.png", sample_picture())
    handle = await member.slash(COMMAND, image=picture, seed=20)
    await handle.responded()
    first = await _run(discord, studio, _reply(handle.message))

    transcript.say("Mei", f"reacts with {RERUN}")
    await member.react(first, RERUN)
    second = await _run(discord, studio, await _answer(discord, first))

    transcript.say("Mei", f"/{COMMAND} image:mei.png, and this time the service fails")
    studio.fail_job_next("CUDA out of memory")
    await _fail(discord, studio, member, picture)

    paths = [*_save(discord, first, out), *_save(discord, second, out)]
    print(f"\nSaved {len(paths)} images in {out}/: {', '.join(path.name for path in paths)}")


def described(revision: Revision) -> str:
    """A revision on one line, in words."""
    parts = [_plain(revision.content)]
    if revision.attachments:
        files = ", ".join(f"{a.filename} ({a.size // 1024} KiB)" for a in revision.attachments)
        parts.append(f"[{files}]")
    labels = [c["label"] for row in revision.components for c in row["components"]]
    return " ".join([*parts, *(f"<{label}>" for label in labels)])


def _plain(text: str) -> str:
    """On one line, and what is small at its end."""
    lines = sorted(text.split("\n"), key=lambda line: line.startswith("-# "))
    return re.sub(r"[*`]", "", " · ".join(line.removeprefix("-# ") for line in lines))


async def _run(discord: DiscordSandbox, studio: StudioSandbox, message: Message) -> Message:
    """Hold each state until it has been seen, up to the images and the bot's reaction."""
    for state, words in (
        ("pending", "Sent to the service"),
        ("in_queue", "In the service's queue"),
        ("processing", "Working"),
    ):
        studio.hold(state)
        await discord.until(lambda w=words: _says(message, w), within_s=15)  # type: ignore[misc]
    studio.release()
    await discord.until(lambda: message.attachments and RERUN in message.reactions, within_s=15)
    return message


async def _fail(
    discord: DiscordSandbox, studio: StudioSandbox, member: Member, picture: File
) -> None:
    handle = await member.slash(COMMAND, image=picture)
    await handle.responded()
    studio.release()
    await discord.until(lambda: _says(_reply(handle.message), "Failed"), within_s=15)


async def _answer(discord: DiscordSandbox, message: Message) -> Message:
    def answers() -> list[Message]:
        return [m for m in discord.messages() if m.reply_to == message.id]

    return (await discord.until(answers))[0]


def _says(message: Message, words: str) -> bool:
    return words in message.content


def _reply(message: Message | None) -> Message:
    if message is None:
        raise TimeoutError("the bot gave no reply")
    return message


def _save(discord: DiscordSandbox, message: Message, out: Path) -> list[Path]:
    paths = [out / Path(attachment.filename).name for attachment in message.attachments]
    for path, attachment in zip(paths, message.attachments, strict=True):
        path.touch(mode=0o600)
        path.write_bytes(discord.file(attachment))
    return paths
