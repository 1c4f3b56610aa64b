"""Where files are kept and handed out: at signed addresses that last a day.

https://docs.discord.com/developers/reference#signed-attachment-cdn-urls
"""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from bot.sandbox.clock import Clock
from bot.sandbox.discord.files import Attachment, File, safe_name
from bot.sandbox.signatures import Signatures

Json = Any
LINKS_LAST = timedelta(days=1)


class Cdn:
    """All files; `address` tells where they can be fetched."""

    def __init__(self, clock: Clock, new_id: Callable[[], int], address: Callable[[], str]) -> None:
        self._clock = clock
        self._new_id = new_id
        self._address = address
        self._signatures = Signatures("hm", end="&")
        self.files: dict[int, tuple[bytes, str | None]] = {}

    def store(
        self, channel_id: int, file: File, told: Json = None, *, is_ephemeral: bool = False
    ) -> Attachment:
        """A file as Discord keeps and describes it; `told` is what its sender says of it."""
        told = told or {}
        width, height = file.size_px or (None, None)
        file_id, name = self._new_id(), safe_name(file.name)
        self.files[file_id] = (file.data, file.kind or "application/octet-stream")
        return Attachment(
            file_id,
            name,
            file.kind,
            len(file.data),
            f"{self._address()}/attachments/{channel_id}/{file_id}/{quote(name)}",
            width,
            height,
            description=told.get("description") or file.description,
            title=told.get("title") or file.lost_name,
            is_ephemeral=is_ephemeral,
            signed=self._signed,
            flags=file.flags,
        )

    def data(self, file_id: int) -> bytes:
        """A file's bytes."""
        return self.files[file_id][0]

    def handed_out(self, path: str, file_id: int) -> tuple[bytes, str | None] | None:
        """A file and its type, where its path is one of the last day, as it was written; or None."""
        until = re.search(r"\?ex=([0-9a-f]+)", path)
        is_over = until is None or int(until[1], 16) < self._clock.now().timestamp()
        return self.files.get(file_id) if self._signatures.hold(path) and not is_over else None

    def _signed(self, url: str) -> str:
        now, here = self._clock.now(), self._address()
        path, until = url.removeprefix(here), now + LINKS_LAST
        query = f"?ex={int(until.timestamp()):x}&is={int(now.timestamp()):x}"
        return here + self._signatures.signed(path + query)
