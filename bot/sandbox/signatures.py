"""Addresses as hosts of files sign them: good as they are written, and in no other way."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Signatures:
    """Those of one host; `name` is the parameter that holds them, `end` what stands after it."""

    name: str
    end: str = ""
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(16), repr=False)

    def signed(self, text: str) -> str:
        """The path and query, signed."""
        found = hmac.digest(self._key, text.encode(), hashlib.sha256).hex()
        return f"{text}&{self.name}={found}{self.end}"

    def hold(self, text: str) -> bool:
        """Whether this was signed here, sign for sign."""
        return text == self.signed(text.partition(f"&{self.name}=")[0])
