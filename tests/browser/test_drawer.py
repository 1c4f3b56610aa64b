"""Behind the scenes: the live log, and what can be made to go wrong."""

import re

from playwright.async_api import expect

from tests.browser.conftest import Chat


async def run(chat: Chat) -> None:
    await chat.command("cny")
    await chat.sample()
    await chat.send()
    await expect(chat.page.locator("#command")).to_be_hidden()


async def test_the_log_shows_both_protocols_and_the_form_that_was_posted(chat: Chat) -> None:
    page = chat.page
    await page.click("#open-drawer")
    async with chat.stage.bot():
        await run(chat)
        await expect(chat.last.locator(".tiles.of-2 img")).to_have_count(2)
    for said in (
        "INTERACTION_CREATE cny-snakeyear image",
        re.compile("200 POST answer CNY-SnakeYear seed .* Waiting for a turn"),
        re.compile("200 PATCH answer, by its token CNY-SnakeYear seed .* 2 files$"),
        "PUT commands cny-snakeyear Run CNY-SnakeYear",
        "204 PUT reaction 🔁",
        "200 GET image 2 of job",
    ):
        await expect(page.locator("#log summary", has_text=said).first).to_be_visible()
    # The browser fetches its pictures from the same place.
    await expect(page.locator("#log summary", has_text="GET file")).to_have_text(
        re.compile(r"200 GET file sample-1\.png$")
    )
    await expect(page.locator("#log summary", has_text="200 GET job")).to_contain_text(
        [re.compile(r"job \w{8} succeeded$")]
    )
    assert await page.locator("#log").evaluate("it => it.scrollWidth <= it.clientWidth")
    post = page.locator("#log li", has_text="POST new job")
    await expect(post.locator("summary")).to_contain_text(
        re.compile(r"endpoint=PrOhEE · seed_56 \d+ · load_image_22 sample-1\.png · job")
    )
    await post.locator("summary").click()
    for part in ('"load_image_22"', '"sample-1.png"', '"seed_56"', '"job_state": "pending"'):
        await expect(post.locator("pre")).to_contain_text(part)


async def test_jobs_fail_and_wait_by_switch(chat: Chat) -> None:
    page = chat.page
    await page.click("#open-drawer")
    fails = page.get_by_role("switch", name="Next job fails")
    await expect(fails).to_have_accessible_description("The reply ends with the service's reason.")
    async with chat.stage.bot():
        await fails.click()
        await expect(fails).to_have_attribute("aria-checked", "true")
        await run(chat)
        await expect(chat.last.locator(".content")).to_contain_text("Failed.")
        await expect(chat.last.locator("blockquote")).to_have_text("CUDA out of memory")
        await expect(fails).to_have_attribute("aria-checked", "false")

        await page.get_by_role("switch", name="Hold jobs in the queue").click()
        await chat.last.get_by_role("button", name="Run again").click()
        await expect(chat.last.locator(".content")).to_contain_text("In the service's queue")
        await page.get_by_role("button", name="Jump 16 minutes ahead").click()
        await expect(chat.last.locator("time[data-unix]")).to_have_text("16 minutes ago")
        await page.get_by_role("switch", name="Hold jobs in the queue").click()
        chat.stage.discord.advance(minutes=1)  # so old a job is asked about twice a minute
        await expect(chat.messages().nth(1).locator(".tiles.of-2 img")).to_have_count(2)
        await expect(chat.last.locator(".content")).to_have_text("@Mei Your CNY-SnakeYear is done.")


async def test_the_service_answers_errors_by_switch(chat: Chat) -> None:
    page = chat.page
    await page.click("#open-drawer")
    async with chat.stage.bot():
        busy = page.get_by_role("switch", name="Service answers 429")
        await busy.click()
        await run(chat)
        await expect(page.locator("#log b.bad", has_text="429").first).to_be_visible()
        await busy.click()
        await expect(chat.last.locator(".tiles.of-2 img")).to_have_count(2)
        await page.get_by_role("switch", name="Service answers 500").click()
        await run(chat)
        await expect(chat.last.locator(".content")).to_contain_text("It may have been charged")


# What is said of the connection is soon over: discord.py is back within a second.
WATCH = """() => {
  window.said = [];
  const connection = document.getElementById("connection");
  new MutationObserver(() => said.push(connection.textContent)).observe(connection, { childList: true });
}"""


async def test_a_slow_service_and_a_dropped_gateway(chat: Chat) -> None:
    page = chat.page
    await page.click("#open-drawer")
    async with chat.stage.bot():
        slow = page.get_by_role("switch", name="Slow service")
        await slow.click()
        await run(chat)
        await expect(chat.last.locator(".content")).to_contain_text("Sent to the service")
        await page.evaluate(WATCH)
        await page.get_by_role("button", name="Drop the gateway").click()
        await page.wait_for_function("() => said.includes('The bot is not connected.')")
        await expect(page.locator("#connection")).to_have_text("")
        await slow.click()
        await expect(chat.last.locator(".tiles.of-2 img")).to_have_count(2)
    assert len(chat.stage.studio.posts) == 1
