"""The same exchanges and bytes as a job of the bot has, by a script that does nothing else.

It keeps nothing, looks at nothing, and tries nothing twice: what is left is aiohttp, and JSON.
"""

import asyncio
import json
import os
from typing import Any

import aiohttp

from bot.endpoints.catalogue import load_endpoints
from bot.files.outside import Outside
from bot.work.polling import next_delay_s
from tests.bench.bare import COMMAND
from tests.bench.played import ENDPOINTS

Json = Any
API, GATEWAY = os.environ["DISCORD_API_URL"], os.environ["DISCORD_GATEWAY_URL"]
TOKEN, STUDIO = os.environ["DISCORD_TOKEN"], os.environ["INSTANT_STUDIO_URL"]
BOT = {"Authorization": f"Bot {TOKEN}"}
KEY = {"Authorization": f"Bearer {os.environ['INSTANT_STUDIO_API_KEY']}"}
OPTIONS = [
    {"type": 11, "name": "image", "description": "A picture", "required": True},
    {"type": 4, "name": "seed", "description": "A number"},
]
TEXT = "**CNY-SnakeYear**\n-# seed `20` · asked <t:1795669964:R>"
AGAIN = {"type": 2, "style": 2, "label": "Run again", "custom_id": "run-again:" + "0" * 32}
CANCEL = {"type": 2, "style": 2, "label": "Cancel", "custom_id": "cancel:" + "0" * 32}
MORE = {"type": 2, "style": 2, "label": "More…", "custom_id": f"more:{'0' * 32}:accepted"}


def row(*buttons: Json) -> list[Json]:
    return [{"type": 1, "components": list(buttons)}]


async def main() -> None:
    """Register the command, and run each that is used."""
    (endpoint,) = load_endpoints(ENDPOINTS).endpoints
    fields = {field.name: field.id for field in endpoint.fields}
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session, Outside.open() as outside:
        del outside  # the same modules are loaded
        async with session.get(f"{API}/oauth2/applications/@me", headers=BOT) as answer:
            application_id = (await answer.json(content_type=None))["id"]
        command = {"name": COMMAND, "description": "Runs", "type": 1, "options": OPTIONS}
        commands = f"{API}/applications/{application_id}/commands"
        async with session.put(commands, headers=BOT, json=[command]) as answer:
            answer.raise_for_status()
        async with session.ws_connect(GATEWAY) as socket, asyncio.TaskGroup() as tasks:
            hello = await socket.receive_json()
            properties = {"os": "linux", "browser": "raw", "device": "raw"}
            identity = {"token": TOKEN, "intents": 1, "properties": properties}
            await socket.send_json({"op": 2, "d": identity})
            tasks.create_task(beat(socket, hello["d"]["heartbeat_interval"] / 1000))
            async for message in socket:
                event = json.loads(message.data)
                if event["t"] == "INTERACTION_CREATE":
                    tasks.create_task(run(session, event["d"], endpoint.id, fields))


async def beat(socket: aiohttp.ClientWebSocketResponse, every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        await socket.send_json({"op": 1, "d": None})


async def run(
    session: aiohttp.ClientSession, event: Json, endpoint_id: str, fields: dict[str, str]
) -> None:
    """One job, from its answer to the reaction."""
    said = {"content": f"{TEXT}\n**Waiting for a turn**", "components": row(CANCEL, MORE)}
    told = {"type": 4, "data": {**said, "allowed_mentions": {"parse": []}}}
    callback = f"{API}/interactions/{event['id']}/{event['token']}/callback"
    found = await asked(session, "POST", callback, json=told, params={"with_response": "true"})
    message_id = found["interaction"]["response_message_id"]
    given = {option["name"]: option["value"] for option in event["data"]["options"]}
    attachment = event["data"]["resolved"]["attachments"][given["image"]]
    async with session.get(attachment["url"]) as answer:
        picture = await answer.read()
    form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    form.add_field(fields["seed"], str(given["seed"]))
    form.add_field(fields["image"], picture, filename="me.png", content_type="image/png")
    jobs = f"{STUDIO}/jobs"
    job = await asked(
        session, "POST", jobs, data=form, headers=KEY, params={"endpoint": endpoint_id}
    )
    began = asyncio.get_running_loop().time()
    while job["job_state"] != "succeeded":
        age_s = asyncio.get_running_loop().time() - began
        await asyncio.sleep(next_delay_s(age_s=age_s, state=job["job_state"]))
        job = await asked(session, "GET", f"{jobs}/{job['job_id']}", headers=KEY)
    images = []
    for url in job["image_urls"]:
        async with session.get(url, headers=KEY) as answer:
            images.append(await answer.read())
    await deliver(session, event, message_id, images)


async def deliver(
    session: aiohttp.ClientSession, event: Json, message_id: str, images: list[bytes]
) -> None:
    """The images into the reply, and the reaction under it."""
    attachments = [{"id": number, "filename": f"{number}.png"} for number in range(len(images))]
    payload = {"content": TEXT, "components": row(AGAIN, MORE), "attachments": attachments}
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("payload_json", json.dumps(payload))
    for number, image in enumerate(images):
        form.add_field(
            f"files[{number}]", image, filename=f"{number}.png", content_type="image/png"
        )
    token = f"{API}/webhooks/{event['application_id']}/{event['token']}"
    await asked(session, "PATCH", f"{token}/messages/{message_id}", data=form)
    message = f"{API}/channels/{event['channel_id']}/messages/{message_id}"
    emoji = "%F0%9F%94%81"
    async with session.put(f"{message}/reactions/{emoji}/@me", headers=BOT) as answer:
        answer.raise_for_status()


async def asked(session: aiohttp.ClientSession, method: str, url: str, **given: Any) -> Json:
    """What the other side answers, as JSON."""
    async with session.request(method, url, **given) as answer:
        answer.raise_for_status()
        return await answer.json(content_type=None)


if __name__ == "__main__":
    asyncio.run(main())
