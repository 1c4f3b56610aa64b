"""Buttons and selects that answer by their custom ids alone, so that nothing of them is kept in memory."""

from typing import Any

from discord import ui


def view_of(*items: ui.Item[Any]) -> ui.View:
    """The view with these; discord.py keeps none that is stopped."""
    view = ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    view.stop()
    return view
