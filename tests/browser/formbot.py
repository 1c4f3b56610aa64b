"""A bot that asks in every way: modals of all fields, selects of all kinds, layouts, suggestions."""

import io
from typing import Any

import discord
from discord import app_commands, ui

from bot.sandbox.pictures import sample_picture

MOODS = ("calm", "wild", "grim")
COLOURS = {"teal": "008080", "red": "ff0000", "dark red": "8b0000"}


class FormBot(discord.Client):
    """Answers /form, /choices, /people, /selects, /layout and /paint."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True, guild_messages=True))
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        for callback in (form, choices, people, selects, layout):
            command: Any = app_commands.Command(
                name=callback.__name__, description="Asks", callback=callback
            )
            self.tree.add_command(command)
        self.tree.add_command(paint)
        await self.tree.sync()


def said(value: object) -> str:
    """What was filled in, as text."""
    if isinstance(value, list | tuple):
        return "+".join(said(each) for each in value) or "none"
    return str(getattr(value, "filename", None) or getattr(value, "name", None) or value)


class Form(ui.Modal):
    """Labels with what they hold; it answers with all of it."""

    def __init__(self, title: str, *fields: tuple[str, Any], text: str = "") -> None:
        super().__init__(title=title)
        self.inputs = [field for _, field in fields]
        if text:
            self.add_item(ui.TextDisplay(text))
        for label, field in fields:
            self.add_item(ui.Label(text=label, description=f"About {label}", component=field))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        found = [getattr(each, "values", None) for each in self.inputs]
        values = [
            each.value if value is None else value
            for each, value in zip(self.inputs, found, strict=True)
        ]
        await interaction.response.send_message(" · ".join(map(said, values)))


async def form(interaction: discord.Interaction) -> None:
    moods = [discord.SelectOption(label=each, description=f"As {each}") for each in MOODS]
    await interaction.response.send_modal(
        Form(
            "All of it",
            ("Line", ui.TextInput(max_length=20)),
            ("Mood", ui.Select(options=moods, max_values=2)),
            ("Who", ui.UserSelect()),
            ("Pictures", ui.FileUpload(max_values=2)),
            text="Please **fill in**",
        )
    )


async def choices(interaction: discord.Interaction) -> None:
    await interaction.response.send_modal(
        Form(
            "More of it",
            ("One", ui.RadioGroup(options=[discord.RadioGroupOption(label=m) for m in MOODS])),
            (
                "Some",
                ui.CheckboxGroup(
                    options=[discord.CheckboxGroupOption(label=m, value=m) for m in MOODS],
                    max_values=2,
                ),
            ),
            ("Agreed", ui.Checkbox()),
            ("Where", ui.ChannelSelect(required=False)),
            ("Long", ui.TextInput(style=discord.TextStyle.long, default="as it was")),
        )
    )


async def people(interaction: discord.Interaction) -> None:
    moods = [discord.SelectOption(label=each, default=each == "wild") for each in MOODS]
    await interaction.response.send_modal(
        Form(
            "Who and how",
            ("Mood", ui.Select(options=moods)),
            ("Role", ui.RoleSelect()),
            ("Anybody", ui.MentionableSelect(max_values=2)),
            ("Where", ui.ChannelSelect(channel_types=[discord.ChannelType.text])),
        )
    )


class Asking(ui.View):
    """A select of every kind."""

    def __init__(self) -> None:
        super().__init__()
        moods = [discord.SelectOption(label=each) for each in MOODS]
        selects: tuple[Any, ...] = (
            ui.Select(placeholder="Moods", options=moods, min_values=2, max_values=2),
            ui.UserSelect(placeholder="A person"),
            ui.RoleSelect(placeholder="A role"),
            ui.MentionableSelect(placeholder="Anybody"),
            ui.ChannelSelect(placeholder="A channel", channel_types=[discord.ChannelType.text]),
        )
        for select in selects:
            select.callback = answering(select)
            self.add_item(select)


def answering(select: Any) -> Any:
    async def answer(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"{select.placeholder}: {said(select.values)}")

    return answer


class Frame(ui.LayoutView):
    """A frame with text, pictures, a file and a button."""

    def __init__(self) -> None:
        super().__init__()
        frame: ui.Container[Frame] = ui.Container(accent_colour=0x1F7A6D)
        thumbnail: ui.Thumbnail[Frame] = ui.Thumbnail("attachment://a.png", description="A face")
        frame.add_item(ui.Section("**A frame**\n-# small", accessory=thumbnail))
        frame.add_item(ui.Separator())
        gallery: ui.MediaGallery[Frame] = ui.MediaGallery()
        gallery.add_item(media="attachment://a.png", description="First")
        gallery.add_item(media="attachment://b.png", spoiler=True)
        frame.add_item(gallery)
        frame.add_item(ui.File("attachment://notes.txt"))
        button: ui.Button[Frame] = ui.Button(label="Press me")
        button.callback = pressed  # type: ignore[method-assign]
        row: ui.ActionRow[Frame] = ui.ActionRow()
        row.add_item(button)
        frame.add_item(row)
        self.add_item(frame)


async def pressed(interaction: discord.Interaction) -> None:
    await interaction.response.send_message("Pressed")


async def layout(interaction: discord.Interaction) -> None:
    pictures = {"a.png": sample_picture(1), "b.png": sample_picture(2)}
    files = [discord.File(io.BytesIO(data), name) for name, data in pictures.items()]
    files.append(discord.File(io.BytesIO(b"notes"), "notes.txt"))
    await interaction.response.send_message(view=Frame(), files=files)


async def selects(interaction: discord.Interaction) -> None:
    await interaction.response.send_message("Choose", view=Asking())


@app_commands.command(description="Paints")
async def paint(interaction: discord.Interaction, colour: str, who: discord.User) -> None:
    await interaction.response.send_message(f"{colour} for {who.name}")


@paint.autocomplete("colour")
async def suggest(
    _interaction: discord.Interaction, current: str
) -> list[app_commands.Choice[str]]:
    return [
        app_commands.Choice(name=name, value=value)
        for name, value in COLOURS.items()
        if current in name
    ]
