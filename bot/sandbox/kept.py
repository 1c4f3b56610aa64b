"""What came, for whoever looks afterwards: all of it in a test, the newest of it in a demo of days."""

from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(list[T], Generic[T]):
    """A list that grows at its end, and forgets its begin where `most` is set."""

    most: int | None = None

    def append(self, item: T) -> None:
        """Keep one more."""
        super().append(item)
        if self.most is not None:
            del self[: -self.most]
