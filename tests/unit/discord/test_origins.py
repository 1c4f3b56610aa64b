import discord
import pytest
from discord.message import convert_emoji_reaction

from bot.discord.origins import same_emoji, unaddressed
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


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<@5> snake seed 20", "snake seed 20"),
        ("<@!5>\nsnake\n\na fox", "snake\n\na fox"),
        ("<@5> <@!5> snake", "snake"),
        ("snake <@5>", "snake"),
        ("a fox <@5> in the snow", "a fox in the snow"),
        ("a fox\n<@5>\nin the snow", "a fox\nin the snow"),
        ("a fox<@5>in the snow", "a fox in the snow"),
        ("<@5> a fox that says <@5>", "a fox that says <@5>"),
        ("a fox that says `<@5>` <@5>", "a fox that says `<@5>`"),
        ("a fox for <@77>  and <@&5>", "a fox for <@77>  and <@&5>"),
        ("no mention", "no mention"),
    ],
)
def test_the_mention_that_addresses_the_bot_is_taken_off_and_nothing_else(
    content: str, text: str
) -> None:
    assert unaddressed(content, 5) == text
