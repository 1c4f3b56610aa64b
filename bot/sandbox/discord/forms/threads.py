"""The forms of threads: of a message, without one, and as a forum's post.

https://docs.discord.com/developers/resources/channel#start-thread-from-message
"""

from collections.abc import Mapping

from bot.sandbox.discord.forms.kinds import Kind, OneOf, Snowflake, Text, Whole, YesNo
from bot.sandbox.discord.forms.messages import MESSAGE
from bot.sandbox.discord.forms.shapes import ListOf

OF_MESSAGE: Mapping[str, Kind] = {
    "name": Text(1, 100),
    "auto_archive_duration": OneOf((60, 1440, 4320, 10080)),
    "rate_limit_per_user": Whole(0, 21600),
}
WITHOUT_MESSAGE: Mapping[str, Kind] = {
    **OF_MESSAGE,
    "type": OneOf((10, 11, 12)),
    "invitable": YesNo(),
}
POST: Mapping[str, Kind] = {
    **OF_MESSAGE,
    "message": MESSAGE,
    "applied_tags": ListOf(Snowflake(), most=5),
}
