"""The Slack app's manifest: as it stands for Socket Mode, and with request URLs for HTTP mode."""

from importlib.resources import files
from urllib.parse import urlsplit

import yaml

from bot.domain.errors import EdgeFault

PATH = "/slack/events"


def manifest(url: str | None = None) -> str:
    """Return it as YAML to paste into Slack; `url`: where Slack reaches the bot, in HTTP mode. Raises EdgeFault."""
    text = files(__package__).joinpath("manifest.yaml").read_text(encoding="utf-8")
    return text if url is None else _over_http(text, _request_url(url))


def _over_http(text: str, request_url: str) -> str:
    document = yaml.safe_load(text)
    for command in document["features"]["slash_commands"]:
        command["url"] = request_url
    settings = document["settings"]
    for part in ("event_subscriptions", "interactivity"):
        settings[part] = {"request_url": request_url, **settings[part]}
    settings["socket_mode_enabled"] = False
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)


def _request_url(url: str) -> str:
    """Slack calls only what has a certificate (docs.slack.dev/apis/events-api/using-http-request-urls)."""
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme == "https" and bool(parts.hostname) and not (parts.query or parts.fragment)
    except ValueError:
        usable = False
    if not usable:
        raise EdgeFault(
            f"{url} is nothing that Slack would call. Write where it reaches this bot: https://hangbot.example.org"
        )
    return f"{url.strip().rstrip('/').removesuffix(PATH)}{PATH}"
