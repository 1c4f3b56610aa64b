"""The command line: run · demo · check · submit · resume · sandbox · health. One error is one line."""

import argparse
import gc
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

from bot.errors import BotError, SetupError
from bot.logs import hide, set_up_logs
from bot.settings import Settings, load_env

VERSION = "0.1.0"
SYSTEM = os.name
SELDOM = (10_000, 20, 20)  # of Python's own 700, 10, 10 a burst of commands waits for a tenth
A_FREE_ONE = "the page's port (default: a free one)"


def command() -> NoReturn:
    """Run the command in a process of its own, and end that with its exit code, at once.

    A library's own threads (the bucket's has some) may be on their way back while Python takes itself
    down: they would abort it.
    """
    code: object = 0
    try:
        main()
    except SystemExit as ended:
        code = ended.code
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:  # whoever read it has gone, or it has no room
            code = code or 1
    os._exit(code if isinstance(code, int) else int(bool(code)))


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command, and exit: 0 when it went well, 2 for a wrong set-up, else 1."""
    if SYSTEM == "nt":  # no fcntl, no signals to a loop, no limits for what looks at pictures
        print(
            "On Windows the bot runs in WSL or in Docker: see docs/setup/windows.md.",
            file=sys.stderr,
        )
        sys.exit(2)
    import uvloop  # noqa: PLC0415 - there is none for Windows

    os.umask(0o077)  # whatever the bot writes is its owner's alone
    # As process 1 of a container it would not hear SIGTERM until `run` listens to it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    options = _parser().parse_args(argv)
    try:
        code = uvloop.run(options.main(options))
    except SetupError as error:
        print(hide(str(error)), file=sys.stderr)
        code = 2
    except BotError as error:
        print(hide(error.user_message), file=sys.stderr)
        code = 1
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot",
        description="A Discord bot that runs your Instant Studio endpoints as slash commands.",
    )
    python = ".".join(map(str, sys.version_info[:3]))
    version = f"instant-studio-bot {VERSION} (Python {python})"
    parser.add_argument("--version", action="version", version=version, help="say which it is")
    parser.set_defaults(main=run)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    commands.add_parser("run", help="connect to Discord and serve (the default)").set_defaults(
        main=run
    )
    _add_demo(commands)
    check = commands.add_parser("check", help="say what is right and wrong with the set-up")
    check.add_argument(
        "--online", action="store_true", help="ask Discord and the service, too (default: neither)"
    )
    check.set_defaults(main=_check)
    _add_submit(commands)
    resume = commands.add_parser(
        "resume", help="take up a job that was given up though it is paid for"
    )
    resume.add_argument("job", help="its id, or the beginning of it, as its reply says")
    resume.set_defaults(main=_resume)
    commands.add_parser("health", help="exit 0 while the bot's worker is alive").set_defaults(
        main=_health
    )
    return parser


def _add_demo(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    demo = commands.add_parser("demo", help="try the bot here, without any account")
    demo.add_argument(
        "--script",
        action="store_true",
        help="play one conversation and end (default: a chat in your browser)",
    )
    demo.add_argument(
        "--out",
        type=Path,
        default=Path("demo-images"),
        help="the folder for the script's images (default: %(default)s)",
    )
    demo.add_argument("--port", type=int, default=0, help=A_FREE_ONE)
    demo.add_argument(
        "--no-browser",
        action="store_true",
        help="only print the page's address (default: open it, too)",
    )
    demo.set_defaults(main=_demo)
    sandbox = commands.add_parser("sandbox", help="start the local Discord and service alone")
    sandbox.add_argument("--port", type=int, default=0, help=A_FREE_ONE)
    sandbox.set_defaults(main=_sandbox)


def _add_submit(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    submit = commands.add_parser("submit", help="run one job from the shell")
    submit.add_argument("endpoint", help="its command or name, or a part of that; or its id")
    submit.add_argument(
        "--image",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a picture, for each option that takes one (default: none)",
    )
    submit.add_argument("--seed", type=int, help="a whole number (default: drawn at random)")
    submit.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="another option (default: as the endpoint has it)",
    )
    submit.add_argument(
        "--out",
        type=Path,
        default=Path(),
        metavar="FOLDER",
        help="where the images go (default: here)",
    )
    submit.set_defaults(main=_submit)


def settings_here() -> Settings:
    """The settings from the environment and `.env`; SetupError."""
    return Settings.from_env(load_env(os.environ, Path()))


async def run(_options: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C."""
    with _everything_stays():
        from bot.shell.serve import serve  # noqa: PLC0415 - `health` must start without discord.py

    return await serve(settings_here())


@contextmanager
def _everything_stays() -> Iterator[None]:
    """Look for no garbage while modules are loaded, never among them, and else seldom."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(*SELDOM)
        gc.enable()


async def _demo(options: argparse.Namespace) -> int:
    with _everything_stays():
        from bot.sandbox.run import demo, script  # noqa: PLC0415 - only the demo needs the sandbox

    if options.script:
        return await script(options.out)
    return await demo(options.port, is_shown=not options.no_browser)


async def _sandbox(options: argparse.Namespace) -> int:
    with _everything_stays():
        from bot.sandbox.run import serve  # noqa: PLC0415 - only here is the sandbox needed

    return await serve(options.port)


async def _check(options: argparse.Namespace) -> int:
    with _everything_stays():
        from bot.shell.check import check  # noqa: PLC0415 - it imports discord.py

    environ = load_env(os.environ, Path())
    secrets: tuple[str, ...] = ()
    with suppress(SetupError):  # it says itself what is wrong
        secrets = Settings.from_env(environ).secrets()
    set_up_logs("critical", "plain", secrets)
    return await check(environ, online=options.online)


async def _submit(options: argparse.Namespace) -> int:
    from bot.shell.submit import submit  # noqa: PLC0415 - only here is it needed

    settings = settings_here()
    set_up_logs("warning", "plain", settings.secrets())
    return await submit(settings, options)


async def _resume(options: argparse.Namespace) -> int:
    from bot.shell.resume import resume  # noqa: PLC0415 - only here is it needed

    settings = settings_here()
    set_up_logs("warning", "plain", settings.secrets())
    return await resume(settings, options.job)


async def _health(_options: argparse.Namespace) -> int:
    from bot.ops.health import health  # noqa: PLC0415 - only here is it needed

    settings = settings_here()
    set_up_logs("warning", "plain", settings.secrets())
    return await health(settings)
