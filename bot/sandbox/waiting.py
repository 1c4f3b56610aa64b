"""Waiting for something to become true, and being told of what happens."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")
What = TypeVar("What")


class Changes:
    """Tells whoever waits that something has changed."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def tell(self) -> None:
        """Something has changed."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def until(self, found: Callable[[], T], *, within_s: float = 10.0) -> T:
        """What `found` gives once it is true; TimeoutError names what was waited for."""
        try:
            async with asyncio.timeout(within_s):
                while not (value := found()):
                    with suppress(TimeoutError):  # time alone may make it true, too
                        async with asyncio.timeout(0.1):
                            await self._changed.wait()
                return value
        except TimeoutError:
            name = getattr(found, "__qualname__", repr(found))
            raise TimeoutError(f"waited {within_s} s in vain for {name}") from None


class News(Generic[What]):
    """What happens, by its kind: told to whoever listens, and to whoever waits."""

    def __init__(self) -> None:
        self.changes = Changes()
        self._listeners: list[Callable[[str, What], None]] = []

    def subscribe(self, listener: Callable[[str, What], None]) -> None:
        """Let this be told of everything."""
        self._listeners.append(listener)

    def tell(self, kind: str, what: What) -> None:
        """Tell everybody."""
        for listener in self._listeners:
            listener(kind, what)
        self.changes.tell()
