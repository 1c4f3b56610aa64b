"""A worker's life sign in the database: under which key it stands, and how old it may be."""

from collections.abc import Sequence

HEARTBEAT_S = 10.0  # how often it is written
FRESH_S = 45.0  # a worker that has not turned for longer hangs


def heartbeat_of(shard_ids: Sequence[int] | None) -> str:
    """The note's key; processes that share a database have different shards."""
    return f"heartbeat {min(shard_ids)}" if shard_ids else "heartbeat"
