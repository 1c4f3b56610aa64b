"""A machine that reaches Discord and the service by a proxy alone."""

import pytest

from bot.shell.check import check
from tests.proxy import proxying
from tests.scenarios.conftest import Stage, png, replied

DISCORD, STUDIO = "discord.invalid", "studio.invalid"  # which nobody can look up


async def test_all_of_a_job_and_of_check_goes_by_the_proxy(
    stage: Stage, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    ports = {DISCORD: stage.discord.port, STUDIO: stage.studio.port}
    stage.discord.be_known_as(f"http://{DISCORD}")
    stage.studio.known_as = f"http://{STUDIO}"
    async with proxying(ports) as proxy:
        stage.settings |= {"HTTP_PROXY": proxy.url, "HTTPS_PROXY": "http://127.0.0.1:1"}
        assert await check(stage.environment(), online=True) == 0
        assert proxy.hosts() == {DISCORD, STUDIO}
        proxy.asked.clear()
        async with stage.bot():
            result = await stage.ended(replied(await stage.slash(stage.member(), seed=20)))
            asked = await stage.member("Ana").post(
                f"{stage.discord.bot_mention} seed 5", files=[png()]
            )
            await stage.ended(await stage.reply_to(asked))
    assert len(result.attachments) == 2
    assert proxy.hosts() == {DISCORD, STUDIO}
    for path in ("gateway?", "attachments/", "api/v10/webhooks/", "api/v10/channels/"):
        assert any(
            f" ws://{DISCORD}/{path}" in line or f" http://{DISCORD}/{path}" in line
            for line in proxy.asked
        )
    assert "pass@word" not in caplog.text + capsys.readouterr().out
