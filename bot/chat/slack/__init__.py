"""Slack: payloads in, messages out. Its quirks live here alone.

`bot.chat.slack.edge` is imported by whoever runs it: bolt takes a third of a second that no other command needs.
"""

from bot.chat.slack.app_manifest import manifest
from bot.chat.slack.unconnected import Unconnected

__all__ = ["Unconnected", "manifest"]
