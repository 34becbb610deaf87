"""Slack: payloads in, messages out. Its quirks live here alone.

`bot.chat.slack.edge` is imported by whoever runs it: bolt takes a third of a second that no other command needs.
"""

from importlib.resources import files

from bot.chat.slack.unconnected import Unconnected

__all__ = ["Unconnected", "manifest"]


def manifest() -> str:
    """Return the app manifest, as YAML to paste into Slack."""
    return files(__name__).joinpath("manifest.yaml").read_text(encoding="utf-8")
