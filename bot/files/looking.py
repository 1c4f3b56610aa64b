"""The process that looks at pictures: an order a line comes in, an answer a line goes out.

`pictures.py` starts it as `python -m bot.files.looking MEMORY_BYTES CPU_S`, without an environment.
It ends with its input, and also while it looks at a picture, so that it never outlives the bot.
"""

import fcntl
import math
import os
import select
import sys
import time
import warnings
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from bot.files.images import carried_out
from bot.files.orders import READY, line_of, order_of

try:
    import resource
except ImportError:  # it is not there on every system
    resource = None  # type: ignore[assignment]


def main(memory_bytes: int, cpu_s: int) -> None:
    """Carry out orders until there are no more."""
    warnings.simplefilter("ignore")
    _give_way()
    _limit("RLIMIT_CORE", 0)
    _limit("RLIMIT_AS", memory_bytes)
    with _answers() as answers:
        answers.write(READY)
        while line := sys.stdin.buffer.readline():
            _limit("RLIMIT_CPU", math.ceil(time.process_time()) + cpu_s)
            _end_with_input(watch=True)
            answer = carried_out(order_of(line))
            _end_with_input(watch=False)
            answers.write(line_of(answer))


def _give_way() -> None:
    """Let the system end this process before any other where memory runs out."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def _limit(name: str, most: int) -> None:
    if resource:
        with suppress(OSError, ValueError):  # a system may know it and not have it
            number = getattr(resource, name)
            resource.setrlimit(number, (most, resource.getrlimit(number)[1]))


def _answers() -> BinaryIO:
    """Where answers go; what a library prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    return answers


def _end_with_input(*, watch: bool) -> None:
    """From now on the end of the input ends the process at once; or no longer.

    The system sends SIGIO for it, so that it comes through while a decoder is at work.
    """
    flags = fcntl.fcntl(0, fcntl.F_GETFL)
    if watch:
        fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(0, fcntl.F_SETFL, flags | os.O_ASYNC if watch else flags & ~os.O_ASYNC)
    if watch and select.select([0], [], [], 0)[0]:  # it has ended already: one order at a time
        sys.exit()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
