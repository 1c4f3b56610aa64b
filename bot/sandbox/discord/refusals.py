"""How Discord says no: a status, a code, and for a form the place of each fault."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Json = Any


class Refusal(Exception):
    """An answer with an error status; `body` is what Discord writes."""

    def __init__(self, status: int, code: int, message: str, **more: Json) -> None:
        super().__init__(f"{status} {code} {message}")
        self.status = status
        self.code = code
        self.body = {"message": message, "code": code, **more}
        self.headers: dict[str, str] = {}


@dataclass(frozen=True)
class Fault:
    """What is wrong at a place of a form."""

    path: tuple[str, ...]
    code: str
    text: str


@dataclass(frozen=True)
class Place:
    """A place in a form. Faults are noted there, and told once all of the form was looked at."""

    path: tuple[str, ...] = ()
    faults: list[Fault] = field(default_factory=list)

    def __getitem__(self, key: str | int) -> "Place":
        """The place of a field, or of an element of a list."""
        return Place((*self.path, str(key)), self.faults)

    def wrong(self, code: str, text: str) -> None:
        """Note a fault here."""
        self.faults.append(Fault(self.path, code, text))

    @property
    def is_right(self) -> bool:
        """Whether nothing was found wrong, here or below."""
        size = len(self.path)
        return all(fault.path[:size] != self.path for fault in self.faults)

    def close(self) -> None:
        """Nothing, or the Refusal that names all faults."""
        if self.faults:
            raise Refusal(400, 50035, "Invalid Form Body", errors=_tree(self.faults))


def form_error(path: str, code: str, text: str) -> Refusal:
    """400 with 50035, and the place of the one fault."""
    errors = _tree([Fault(tuple(path.split(".")), code, text)])
    return Refusal(400, 50035, "Invalid Form Body", errors=errors)


def _tree(faults: Sequence[Fault]) -> Json:
    root: dict[str, Json] = {}
    for fault in faults:
        node = root
        for part in fault.path:
            node = node.setdefault(part, {})
        node.setdefault("_errors", []).append({"code": fault.code, "message": fault.text})
    return root
