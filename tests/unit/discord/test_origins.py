import discord
import pytest
from discord.message import convert_emoji_reaction

from bot.discord.origins import is_written_to, same_emoji, unaddressed
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
        ("> <@5> said\na fox <@5>", "> <@5> said\na fox"),
        ("no mention", "no mention"),
    ],
)
def test_the_mention_that_addresses_the_bot_is_taken_off_and_nothing_else(
    content: str, text: str
) -> None:
    assert unaddressed(content, 5) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<@7> seed 3", True),
        ("seed 3 <@!7>", True),
        ("||<@7>|| **<@7>**", True),
        ("look: <@7>\n> what was said before", True),
        ("`code` <@7> `code`", True),
        ("a ` that ends nothing, <@7>", True),
        ("``two are not ` one, <@7>", True),
        (r"\`<@7>\`", True),
        (r"`\` <@7> `", True),
        ("1 > 0 <@7>", True),
        ("`1` > <@7>", True),
        ("haha", False),
        ("<@77> <@&7> <#7> @everyone 7", False),
        ("`<@7>`", False),
        ("``<@7>``", False),
        ("`` a ` b <@7>``", False),
        ("```\nsay\n<@7> seed 3\n```", False),
        ("```py\n`` <@7> `\n```", False),
        ("````<@7>````", False),
        ("> <@7> seed 3", False),
        ("nice!\n  > <@7> seed 3\nlike mine", False),
        (">>> nice\n<@7> seed 3", False),
    ],
)
def test_a_mention_counts_where_a_person_wrote_it_as_their_own(
    text: str, *, expected: bool
) -> None:
    assert is_written_to(7, text) is expected
