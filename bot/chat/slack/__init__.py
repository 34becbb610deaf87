"""Slack: payloads in, messages out. Its quirks live here alone."""

from importlib.resources import files

from bot.chat.slack.edge import SlackEdge, Tokens, read_tokens, sender
from bot.chat.slack.unconnected import Unconnected

__all__ = ["SlackEdge", "Tokens", "Unconnected", "manifest", "read_tokens", "sender"]


def manifest() -> str:
    """Return the app manifest, as YAML to paste into Slack."""
    return files(__name__).joinpath("manifest.yaml").read_text(encoding="utf-8")
