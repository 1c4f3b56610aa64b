"""`python -m bot check`: what is right and what is wrong with the set-up, line by line."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot.app import studio_of
from bot.discord.client import point_discord
from bot.discord.here import build_here
from bot.discord.own import own_command
from bot.discord.owners import build_studio
from bot.discord.publishing import (
    NO_USERS,
    Scope,
    can_have_users,
    named,
    owners_guild,
    published,
    scopes_of,
)
from bot.discord.requests import why
from bot.discord.shelf import add_to
from bot.discord.slash import AnyCommand, build_commands, differing, for_users, payload
from bot.endpoints.catalogue import Endpoint, load_endpoints
from bot.endpoints.offer import as_read, is_of_file, offer_of
from bot.endpoints.own import Own
from bot.endpoints.shelf import need_credits
from bot.errors import Rejected, SetupError, StorageError, StudioError
from bot.files.archives import archive_of
from bot.files.folders import fault_of
from bot.files.outside import Outside
from bot.files.proxies import Connector, proxies_of
from bot.jobs.added import added_at
from bot.jobs.database import Database
from bot.jobs.database import why as database_fault
from bot.settings import Settings, endpoints_of, load_env, suspicious
from bot.shell.environment import is_open, misspelt
from bot.shell.greeting import invite_of
from bot.shell.reaching import reason_of
from bot.shell.report import Report

OFFLINE = "ask Discord and the service, too: make check, or python -m bot check --online"
ONLINE = "open the link above where the bot is in no server yet, and start it: make run"
TYPED = discord.AppCommandType.chat_input.value  # a menu's entry stands beside them at each start
STRANGE = (
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
)  # of an answer that is none of Discord's
UNASKED = (discord.HTTPException, aiohttp.ClientError, OSError, *STRANGE)


async def check(environ: Mapping[str, str], *, online: bool) -> int:
    """Print a line for each finding, and what comes next; 0 when nothing is wrong, else 2."""
    report = Report()
    if is_open(Path()):
        report.note(
            ".env has secrets in it, and others on this machine can read it: chmod 600 .env"
        )
    for sentence in misspelt(environ, load_env({}, Path())):
        report.note(sentence)
    try:
        settings = Settings.from_env(environ)
    except SetupError as error:
        report.wrong(*error.faults)
        _check_endpoints(report, environ)
    else:
        await _check_all(report, environ, settings, online=online)
    return report.end(ONLINE if online else OFFLINE)


async def _check_all(
    report: Report, environ: Mapping[str, str], settings: Settings, *, online: bool
) -> None:
    report.right("settings: all that are needed are set")
    for warning in suspicious(settings):
        report.note(warning)
    _check_folder(report, settings.data_dir)
    endpoints = _check_endpoints(report, environ)
    if online:
        await _check_database(report, settings)
        if endpoints:
            endpoints = await _check_added(report, settings, endpoints)
        await _check_discord(report, settings, endpoints)
        await _check_service(report, settings)
        await _check_archive(report, settings)


def _check_endpoints(report: Report, environ: Mapping[str, str]) -> Sequence[Endpoint]:
    """Those that can be used; none where a document is wrong."""
    path, need_credits = endpoints_of(environ)
    try:
        loaded = load_endpoints(path, need_credits=need_credits)
    except SetupError as error:
        report.wrong(*error.faults)
        return ()
    report.wrong(*loaded.faults)
    for warning in loaded.warnings:
        report.note(warning)
    for endpoint in loaded.endpoints:
        report.right(f"/{endpoint.qualified_name}: {endpoint.name} ({_options(endpoint)})")
    return () if loaded.faults else loaded.endpoints


def _options(endpoint: Endpoint) -> str:
    return ", ".join(f"{field.name}: {field.kind}" for field in endpoint.fields) or "no options"


def _check_folder(report: Report, folder: Path) -> None:
    if fault := fault_of(folder):
        report.wrong(f"DATA_DIR={folder}: cannot be written to ({fault})")
    else:
        report.right(f"DATA_DIR={folder}: can be written to")


async def _check_database(report: Report, settings: Settings) -> None:
    if not settings.is_shared:
        return  # a file, which the first start makes
    try:
        await Database.answers(settings.database_url)
    except (SetupError, StorageError) as error:
        report.wrong(f"DATABASE_URL: the database does not answer: {database_fault(error)}")
    else:
        report.right("DATABASE_URL: the database answers")


async def _check_added(
    report: Report, settings: Settings, endpoints: Sequence[Endpoint]
) -> Sequence[Endpoint]:
    """What is offered beside the endpoints of files, or in spite of them."""
    try:
        rows = await added_at(settings.database_url)
    except (SetupError, StorageError):
        return endpoints  # it is told already, or there are no tables before the first start
    offer = offer_of([*map(as_read, endpoints)], rows, need_credits=need_credits(settings))
    report.wrong(*offer.left_out)
    for command in offer.hidden:
        report.note(f"/{command} is hidden: /studio add offers it again")
    for endpoint in offer.endpoints:
        if not is_of_file(endpoint):
            about = f"{endpoint.name} ({_options(endpoint)}), added in Discord"
            report.right(f"/{endpoint.qualified_name}: {about}")
    return offer.endpoints


async def _check_discord(report: Report, settings: Settings, endpoints: Sequence[Endpoint]) -> None:
    point_discord(settings)
    connector = Connector(proxies_of(settings))
    client = discord.Client(intents=discord.Intents.none(), connector=connector)
    try:
        async with client:
            await client.login(settings.discord_token.get_secret_value())
            application = await client.application_info()
            report.right(f"Discord takes the token: {application.name}")
            tree = app_commands.CommandTree(client)
            has_users = settings.user_install and await can_have_users(client)
            for scope, commands in _wanted(settings, endpoints).items():
                wanted = payload(commands, tree)
                wanted = for_users(wanted) if has_users and scope is None else wanted
                await _check_commands(report, client, scope, wanted)
    except discord.LoginFailure:
        report.wrong("Discord does not take DISCORD_TOKEN: copy it again from the developer portal")
    except UNASKED as error:
        report.wrong(f"Discord cannot be asked ({reason_of(error)}): try again later")
    else:
        if settings.user_install and not has_users:
            report.note(NO_USERS)
        _tell_of(report, application, settings)


def _wanted(settings: Settings, endpoints: Sequence[Endpoint]) -> dict[Scope, list[AnyCommand]]:
    """The commands that are typed, where they are to be; none while a document is wrong."""
    if not endpoints:
        return {}
    wanted: dict[Scope, list[AnyCommand]] = {
        scope: [
            *build_commands(endpoints, _never),
            *(own_command(own, _never) for own in Own),
            build_here(_never),
        ]
        for scope in scopes_of(settings.guild_ids)
    }
    for guild_id in owners_guild(settings):
        studio = build_studio(_never)
        add_to(studio, _never, _nothing)
        wanted.setdefault(guild_id, []).append(studio)
    return wanted


async def _check_commands(
    report: Report, client: discord.Client, scope: Scope, wanted: list[dict[str, Any]]
) -> None:
    """Whether Discord has the commands as they are here, which is no fault before a start."""
    try:
        found = [each for each in await published(client, scope) if each["type"] == TYPED]
        lacking = differing(wanted, found)
    except discord.HTTPException as error:
        report.note(f"Discord does not tell the commands: {named(scope)}: {why(error)}")
        return
    if not lacking:
        report.right(f"Discord has the commands: {named(scope)}")
        return
    report.note(
        f"Discord does not have these commands as they are here: {named(scope)}:"
        f" {', '.join(f'/{name}' for name in lacking)}. The bot tells it at each start, and then"
        " each hour; its log says why where that fails"
    )


async def _never(*_given: object) -> None:
    """What a command does that is only looked at."""


def _nothing(*_given: object) -> list[str]:
    """What is suggested then."""
    return []


def _tell_of(report: Report, application: discord.AppInfo, settings: Settings) -> None:
    if application.bot_public and not (settings.guild_ids or settings.user_install):
        report.note(
            "Public Bot is on, so anyone can invite the bot and spend your credits: turn it off in"
            " the developer portal, or set GUILD_IDS"
        )
    report.more(f"invite it with {invite_of(application.id)}")


async def _check_service(report: Report, settings: Settings) -> None:
    async with Outside.open(proxies=proxies_of(settings)) as outside:
        try:
            await studio_of(settings, outside).check_key()
        except StudioError as error:
            is_told = error.status or isinstance(error, Rejected)
            text = f"{error}" if is_told else f"it cannot be asked ({reason_of(error)})"
            report.wrong(f"the service at {settings.instant_studio_url}: {text}")
        else:
            report.right("the service takes INSTANT_STUDIO_API_KEY")


async def _check_archive(report: Report, settings: Settings) -> None:
    if not settings.archive_url:
        return  # a folder in DATA_DIR
    try:
        await archive_of(settings)
    except SetupError as error:
        report.wrong(*error.faults)
    else:
        report.right(f"ARCHIVE_URL={settings.archive_url}: can be read and written")
