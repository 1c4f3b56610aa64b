"""How long the database is waited for before an answer that Discord wants within 3 s."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

ANSWER_S = 1.5

_END: ContextVar[float | None] = ContextVar("end", default=None)  # by the loop's clock


@contextmanager
def one_answer() -> Iterator[None]:
    """All that is waited for while the block runs is before one answer: it has one end."""
    token = _END.set(_in_a_while())
    try:
        yield
    finally:
        _END.reset(token)


def in_time() -> asyncio.Timeout:
    """A block that ends by TimeoutError where it takes longer than what is before an answer may."""
    end = _END.get()
    return asyncio.timeout_at(_in_a_while() if end is None else end)


def _in_a_while() -> float:
    return asyncio.get_running_loop().time() + ANSWER_S
