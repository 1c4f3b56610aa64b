# mypy: disable-error-code="untyped-decorator"
"""A bot of hikari's, for a Python that has it: says in lines what it saw. Run by test_hikari.py."""

import sys

import hikari

TOKEN, URL = sys.argv[1:]
bot = hikari.GatewayBot(TOKEN, rest_url=URL, banner=None, intents=hikari.Intents.GUILDS)


@bot.listen()
async def told_of_a_server(event: hikari.GuildAvailableEvent) -> None:
    me, channels = bot.get_me(), event.guild.get_channels()
    print(f"logged in as {me} in {event.guild.name} with {len(channels)} channel", flush=True)
    application = await bot.rest.fetch_application()
    command = bot.rest.slash_command_builder("echo", "Says it again")
    await bot.rest.set_application_commands(application, [command])
    print("published", flush=True)


@bot.listen()
async def asked(event: hikari.InteractionCreateEvent) -> None:
    if isinstance(event.interaction, hikari.CommandInteraction):
        kind = hikari.ResponseType.MESSAGE_CREATE
        await event.interaction.create_initial_response(kind, "hi")
        message = await event.interaction.fetch_initial_response()
        print(f"answered with {message.content}", flush=True)
        await event.interaction.edit_initial_response("ho")


bot.run(check_for_updates=False)
