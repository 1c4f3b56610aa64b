"""`python -m bot check`: what is right and what is wrong with the set-up, line by line."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import aiohttp
import discord
from discord import app_commands

from bot.app import studio_of
from bot.discord.client import PERMISSIONS, point_discord
from bot.discord.own import own_command
from bot.discord.publishing import Scope, named, published, scopes_of
from bot.discord.requests import why
from bot.discord.slash import build_commands, differing, payload
from bot.endpoints.catalogue import Endpoint, load_endpoints
from bot.endpoints.documents import printable
from bot.endpoints.own import Own
from bot.errors import SetupError, StorageError, StudioError
from bot.files.archives import archive_of
from bot.files.folders import fault_of
from bot.files.outside import Outside
from bot.files.proxies import Connector, proxies_of
from bot.jobs.database import Database
from bot.jobs.database import why as database_fault
from bot.logs import hide
from bot.settings import Settings, endpoints_of, is_open, suspicious

INVITED = ("bot", "applications.commands")


async def check(environ: Mapping[str, str], *, online: bool) -> int:
    """Print a line for each finding; 0 when nothing is wrong, else 2."""
    if is_open(Path()):
        _note(".env has secrets in it, and others on this machine can read it: chmod 600 .env")
    try:
        settings = Settings.from_env(environ)
    except SetupError as error:
        _wrong(*error.faults)
        _check_endpoints(environ)
        return 2
    _right("settings: all that are needed are set")
    for warning in suspicious(settings):
        _note(warning)
    fine = _check_folder(settings.data_dir)
    endpoints = _check_endpoints(environ)
    fine &= endpoints is not None
    if online:
        fine &= await _check_database(settings)
        fine &= await _check_discord(settings, endpoints or ())
        fine &= await _check_service(settings)
        fine &= await _check_archive(settings)
    return 0 if fine else 2


def _check_endpoints(environ: Mapping[str, str]) -> Sequence[Endpoint] | None:
    """Those that can be used, or None where a document is wrong."""
    path, need_credits = endpoints_of(environ)
    try:
        loaded = load_endpoints(path, need_credits=need_credits)
    except SetupError as error:
        _wrong(*error.faults)
        return None
    _wrong(*loaded.faults)
    for warning in loaded.warnings:
        _note(warning)
    for endpoint in loaded.endpoints:
        _right(f"/{endpoint.qualified_name}: {endpoint.name} ({_options(endpoint)})")
    return None if loaded.faults else loaded.endpoints


def _options(endpoint: Endpoint) -> str:
    return ", ".join(f"{field.name}: {field.kind}" for field in endpoint.fields) or "no options"


def _check_folder(folder: Path) -> bool:
    if fault := fault_of(folder):
        _wrong(f"DATA_DIR={folder}: cannot be written to ({fault})")
        return False
    _right(f"DATA_DIR={folder}: can be written to")
    return True


async def _check_database(settings: Settings) -> bool:
    if not settings.is_shared:
        return True  # a file, which the first start makes
    try:
        await Database.answers(settings.database_url)
    except (SetupError, StorageError) as error:
        _wrong(f"DATABASE_URL: the database does not answer: {database_fault(error)}")
        return False
    _right("DATABASE_URL: the database answers")
    return True


async def _check_discord(settings: Settings, endpoints: Sequence[Endpoint]) -> bool:
    point_discord(settings)
    connector = Connector(proxies_of(settings))
    client = discord.Client(intents=discord.Intents.none(), connector=connector)
    try:
        async with client:
            await client.login(settings.discord_token.get_secret_value())
            application = await client.application_info()
            scopes = scopes_of(settings.guild_ids) if endpoints else ()
            told = [await _about_commands(client, scope, endpoints) for scope in scopes]
    except discord.LoginFailure:
        _wrong("Discord does not take DISCORD_TOKEN: copy it again from the developer portal")
        return False
    except (discord.HTTPException, aiohttp.ClientError, OSError, LookupError, TypeError) as error:
        _wrong(f"Discord cannot be asked ({type(error).__name__}): try again later")
        return False
    _right(f"Discord takes the token: {application.name}")
    for say, text in told:
        say(text)
    if application.bot_public and not settings.guild_ids:
        _note(
            "Public Bot is on, so anyone can invite the bot and spend your credits: turn it off in"
            " the developer portal, or set GUILD_IDS"
        )
    url = discord.utils.oauth_url(application.id, permissions=PERMISSIONS, scopes=INVITED)
    print(f"      invite it with {url}")
    return True


TYPED = discord.AppCommandType.chat_input.value  # a menu's entry stands beside them at each start


async def _about_commands(
    client: discord.Client, scope: Scope, endpoints: Sequence[Endpoint]
) -> tuple[Callable[[str], None], str]:
    """Whether Discord has the commands as they are here, which is no fault before a start."""
    commands = [*build_commands(endpoints, _never), *(own_command(own, _never) for own in Own)]
    wanted = payload(commands, app_commands.CommandTree(client))
    try:
        found = [each for each in await published(client, scope) if each["type"] == TYPED]
        lacking = differing(wanted, found)
    except discord.HTTPException as error:
        return _note, f"Discord does not tell the commands: {named(scope)}: {why(error)}"
    if not lacking:
        return _right, f"Discord has the commands: {named(scope)}"
    return _note, (
        f"Discord does not have these commands as they are here: {named(scope)}:"
        f" {', '.join(f'/{name}' for name in lacking)}. The bot tells it at each start, and then"
        " each hour; its log says why where that fails"
    )


async def _never(*_given: object) -> None:
    """What a command does that is only looked at."""


async def _check_service(settings: Settings) -> bool:
    async with Outside.open(proxies=proxies_of(settings)) as outside:
        try:
            await studio_of(settings, outside).check_key()
        except StudioError as error:
            _wrong(f"the service at {settings.instant_studio_url}: {error}")
            return False
    _right("the service takes INSTANT_STUDIO_API_KEY")
    return True


async def _check_archive(settings: Settings) -> bool:
    if not settings.archive_url:
        return True  # a folder in DATA_DIR
    try:
        await archive_of(settings)
    except SetupError as error:
        _wrong(*error.faults)
        return False
    _right(f"ARCHIVE_URL={settings.archive_url}: can be read and written")
    return True


def _right(text: str) -> None:
    _say("ok   ", text)


def _note(text: str) -> None:
    _say("note ", text)


def _wrong(*texts: str) -> None:
    for text in texts:
        _say("wrong", text)


def _say(kind: str, text: str) -> None:
    print(f"{kind} {printable(hide(text))}")
