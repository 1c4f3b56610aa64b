import discord
import pytest
from discord.message import convert_emoji_reaction

from bot.discord.origins import same_emoji
from bot.settings import Settings

NEEDED = {"DISCORD_TOKEN": "a.b.c", "INSTANT_STUDIO_API_KEY": "key"}
OWN = 812345678901234567


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("🔁", "🔁", True),
        ("♻", "♻\ufe0f", True),
        ("🔁", "👍", False),
        (f"again:{OWN}", f"<:again:{OWN}>", True),
        (f"again:{OWN}", f"<a:again:{OWN}>", True),
        (f"again:{OWN}", f"<:renamed:{OWN}>", True),
        (f"again:{OWN}", f"<:again:{OWN + 1}>", False),
        (f"again:{OWN}", "again", False),
        (f"again:{OWN}", "🔁", False),
    ],
)
def test_an_emoji_is_the_same_however_it_is_written(one: str, other: str, expected: bool) -> None:  # noqa: FBT001 - of the table
    assert same_emoji(one, other) is expected
    assert same_emoji(other, one) is expected


@pytest.mark.parametrize("text", [f"again:{OWN}", f"<:again:{OWN}>", f"<a:again:{OWN}>"])
@pytest.mark.parametrize("is_animated", [False, True])
def test_a_servers_own_emoji_is_put_and_known_again(text: str, is_animated: bool) -> None:  # noqa: FBT001 - of the table
    emoji = Settings.from_env(NEEDED | {"RERUN_EMOJI": text}).rerun_emoji
    assert convert_emoji_reaction(emoji) == f"again:{OWN}"
    given = discord.PartialEmoji(name="again", id=OWN, animated=is_animated)
    assert same_emoji(str(given), emoji)
