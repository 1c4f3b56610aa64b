"""What Discord writes of places and people though nobody here uses it."""

from typing import Any

Json = Any
JOINED = "2026-01-01T00:00:00+00:00"  # by all members

# What a server has that nobody here uses.
_NULL: Json = dict.fromkeys(
    (
        "icon", "splash", "discovery_splash", "banner", "description", "afk_channel_id",
        "application_id", "system_channel_id", "rules_channel_id", "public_updates_channel_id",
        "safety_alerts_channel_id", "vanity_url_code", "incidents_data",
    )
)  # fmt: skip
OF_SERVERS: Json = {
    **_NULL,
    "emojis": [],
    "stickers": [],
    "features": [],
    "premium_subscription_count": 0,
    "premium_progress_bar_enabled": False,
    "nsfw_level": 0,
    "verification_level": 0,
    "default_message_notifications": 0,
    "explicit_content_filter": 0,
    "mfa_level": 0,
    "system_channel_flags": 0,
    "preferred_locale": "en-US",
    "afk_timeout": 300,
    "max_members": 500_000,
    "max_video_channel_users": 25,
    "max_stage_video_channel_users": 50,
}
# https://docs.discord.com/developers/events/gateway-events#guild-create
OF_SERVERS_IN_EVENTS: Json = {
    "joined_at": JOINED,
    "large": False,
    "voice_states": [],
    "presences": [],
    "stage_instances": [],
    "guild_scheduled_events": [],
    "soundboard_sounds": [],
}
# https://docs.discord.com/developers/resources/guild#get-guild
OF_SERVERS_IN_ANSWERS: Json = {
    "home_header": None,
    "region": "deprecated",
    "widget_enabled": False,
    "widget_channel_id": None,
    "max_presences": None,
    "nsfw": False,
}
# https://docs.discord.com/developers/resources/guild#guild-member-object
OF_MEMBERS: Json = {
    "nick": None,
    "avatar": None,
    "banner": None,
    "joined_at": JOINED,
    "premium_since": None,
    "communication_disabled_until": None,
    "pending": False,
    "deaf": False,
    "mute": False,
    "flags": 0,
}
OF_CHANNELS: Json = {"position": 0, "topic": None, "rate_limit_per_user": 0}
