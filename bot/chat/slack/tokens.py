"""What Slack gives an app to know it by: tokens, and in HTTP mode the secret that Slack signs with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.domain.errors import EdgeFault

ReadSecret = Callable[[str, Mapping[str, str]], str | None]


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """`app` for Socket Mode, `signing` for HTTP mode, the other one empty. `api_url` is another Slack Web API, where
    SLACK_API_URL names one.
    """

    bot: str
    app: str = ""
    signing: str = ""
    api_url: str | None = None


def read_tokens(environ: Mapping[str, str], secret: ReadSecret, *, http: bool) -> Tokens:
    """Return what the mode needs, or raise EdgeFault saying which is missing and where to get it."""
    bot = secret("SLACK_BOT_TOKEN", environ)
    if not bot:
        raise EdgeFault(
            "SLACK_BOT_TOKEN is not set. Install the app (hangbot manifest) and export its xoxb- token."
        )
    if not bot.startswith("xoxb-"):
        raise EdgeFault("SLACK_BOT_TOKEN is no bot token: it begins with xoxb-.")
    api_url = environ.get("SLACK_API_URL") or None
    if http:
        return Tokens(bot=bot, signing=_signing(environ, secret), api_url=api_url)
    return Tokens(bot=bot, app=_app(environ, secret), api_url=api_url)


def _app(environ: Mapping[str, str], secret: ReadSecret) -> str:
    app = secret("SLACK_APP_TOKEN", environ)
    if not app:
        raise EdgeFault(
            "SLACK_APP_TOKEN is not set. Make an app-level token with connections:write, export its xapp- token."
        )
    if not app.startswith("xapp-"):
        raise EdgeFault("SLACK_APP_TOKEN is no app-level token: it begins with xapp-.")
    return app


def _signing(environ: Mapping[str, str], secret: ReadSecret) -> str:
    signing = secret("SLACK_SIGNING_SECRET", environ)
    if not signing:
        raise EdgeFault(
            "SLACK_SIGNING_SECRET is not set, and slack.mode is http. Export it from the app's Basic Information page."
        )
    return signing
