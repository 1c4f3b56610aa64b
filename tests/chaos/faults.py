"""What may go wrong in a run of chaos: how often, and how it looks on the wire."""

from typing import Any

from bot.sandbox.discord.server import (
    CALLBACK,
    DOWNLOAD,
    EDIT,
    EDIT_BY_TOKEN,
    LOOK,
    LOOK_BY_TOKEN,
    REACT,
    SEND,
)

FAULTY = 0.45  # of the calls that a fault may meet
SPELT = 0.1  # of the questions, after which it knows none
SPELL_S = (1.0, 5.0)  # how long the service knows no job
SPELLS: tuple[dict[str, Any], ...] = (
    {"status": 404, "body": '{"error": "job not found"}'},
    {"status": 404, "body": "<html>404</html>", "content_type": "text/html"},
)
SET_BY_S = (0, 48 * 3600, -2 * 3600, 90, -90)  # what a bot's clock may be wrong by
NOT_TAKEN = {429}  # answers after which a POST may be repeated
TROUBLED = (
    LOOK_BY_TOKEN,
    LOOK,
    "GET /channels/{channel_id}/messages",
    CALLBACK,
    DOWNLOAD,
    EDIT,
    EDIT_BY_TOKEN,
    REACT,
    SEND,
)
DISCORDS: tuple[dict[str, Any], ...] = (
    {"status": 500},
    {"status": 503},
    {"status": 429, "retry_after_s": 0.1},
    {"status": 429, "has_via": False},
    {"status": 502, "is_html": True},
    {"is_reset": True},
    {"is_reset": True, "is_after": True},
)
STUDIOS: dict[str, tuple[dict[str, Any], ...]] = {
    "submit": (
        {"status": 429},
        {"status": 503},
        {"status": 503, "accept": True},
        {"status": 500},
        {"status": 500, "accept": True},
        {"status": 200, "body": "<html>", "accept": True},
        {"is_reset": True},
        {"is_reset": True, "accept": True},
    ),
    "status": ({"status": 500}, {"status": 429}, {"status": 200, "body": "{"}, {"is_reset": True}),
    "download": (
        {"status": 404},
        {"status": 500},
        {"is_reset": True},
        {"status": 200, "body": b"half", "is_cut": True, "is_silent": True},
    ),
}
SLOWED = 0.4  # of the requests in a channel that Discord slows
SLOW: dict[str, Any] = {"status": 429, "retry_after_s": 2.0, "scope": "shared"}
