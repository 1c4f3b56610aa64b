from bot.discord.publishing import pause_s


def test_discord_is_asked_each_hour_and_sooner_after_the_first_failures() -> None:
    assert [pause_s(failures) for failures in range(7)] == [3600, 60, 300, 900, 3600, 3600, 3600]
