"""How the names of others' hosts are looked up."""

import asyncio
import socket
import threading
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

import aiohttp
import pytest

from bot.files import lookups
from bot.files.outside import BadAddress, Outside

PRIVATE = "a private address"


async def test_names_that_nobody_answers_for_hold_no_other_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer, asked, look = threading.Event(), list[str](), socket.getaddrinfo

    def getaddrinfo(host: str, *given: Any) -> Any:
        asked.append(host)
        if host != "quick.test":
            answer.wait(20)
        return look("::1", *given)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    async with Outside.open() as outside:
        get = partial(outside.get, home=None, connect_s=5, total_s=30)
        hanging = [asyncio.create_task(_begun(get(f"http://hangs{n}.test/"))) for n in range(12)]
        async with asyncio.timeout(10):
            while len(asked) < len(hanging):  # noqa: ASYNC110 - threads tell nobody
                await asyncio.sleep(0.01)
            assert await asyncio.to_thread(int) == 0
            with pytest.raises(BadAddress, match=PRIVATE):
                await _begun(get("http://quick.test/"))
        monkeypatch.setattr(lookups, "ANSWER_S", 0.05)
        with pytest.raises((TimeoutError, aiohttp.ClientError)):
            await _begun(get("http://hangs.test/"))
        assert {task.done() for task in hanging} == {False}
        answer.set()
        ended = await asyncio.gather(*hanging, return_exceptions=True)
    assert {f"{each}" for each in ended} == {PRIVATE}


async def _begun(getting: AbstractAsyncContextManager[object]) -> None:
    async with getting:
        pass
