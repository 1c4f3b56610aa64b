"""The forms of threads: of a message, without one, and as a forum's post.

Which types a thread without a message may have is its channel's to say.

https://docs.discord.com/developers/resources/channel#start-thread-from-message
"""

from collections.abc import Mapping

from bot.sandbox.discord.forms.kinds import Kind, OneOf, Snowflake, Text, Whole, YesNo
from bot.sandbox.discord.forms.shapes import Fields, ListOf

OF_MESSAGE: Mapping[str, Kind] = {
    "name": Text(1, 100),
    "auto_archive_duration": OneOf((60, 1440, 4320, 10080)),
    "rate_limit_per_user": Whole(0, 21600),
}
WITHOUT_MESSAGE: Mapping[str, Kind] = {
    **OF_MESSAGE,
    "invitable": YesNo(),
}
POST: Mapping[str, Kind] = {
    **OF_MESSAGE,
    "message": Fields({}),
    "applied_tags": ListOf(Snowflake(), most=5),
}
