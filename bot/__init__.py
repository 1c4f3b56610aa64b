"""The bot: see docs/architecture.md for what lives where."""
