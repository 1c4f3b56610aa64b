"""Carrying jobs on: the loop, one step for each status, and what a step shows in Discord.

Knows Discord by the messenger alone, and the service by its client; how a member asks is not its
business.
"""
