"""Whether Slack will work as the config has it: the token, its scopes, the channel, the way in."""

from typing import Any

import yaml

from bot.chat.slack.app_manifest import manifest
from bot.chat.slack.edge import check
from bot.chat.slack.send import SlackOut, call, make_client
from bot.chat.slack.tokens import Tokens
from bot.domain import checkups
from bot.domain.checkups import Check
from bot.domain.clues import clue
from bot.domain.errors import ChatError, EdgeFault
from bot.domain.settings import Settings


def checks(tokens: Tokens, settings: Settings) -> tuple[Check, ...]:
    """Ask Slack, and say what it answers. Never raises."""
    client = make_client(tokens.bot, tokens.api_url)
    try:
        check(client, SlackOut(client), settings)
        me = call(client.auth_test)
        found = [
            checkups.ok("token", "doctor_slack_team", bot=str(me.get("user")), team=str(me.get("team"))),
            *_scopes(me),
            checkups.ok("channel", "doctor_slack_channel", channel=settings.channel),
        ]
        if settings.mode == "http":
            return (*found, checkups.ok("way_in", "doctor_slack_http"))
        opened = make_client(tokens.app, tokens.api_url)
        call(opened.apps_connections_open, app_token=tokens.app)
        return (*found, checkups.ok("way_in", "doctor_slack_socket"))
    except EdgeFault as fault:
        return (checkups.fault("slack", clue("doctor_as_written", text=str(fault))),)
    except ChatError as error:
        return (checkups.fault("slack", clue("doctor_as_written", text=f"Slack answers `{error}`")),)


def _scopes(answer: Any) -> list[Check]:
    """Compare what was granted with the manifest; a stand-in that tells no scopes is believed."""
    granted = str(getattr(answer, "headers", {}).get("x-oauth-scopes", ""))
    if not granted:
        return []
    wanted = yaml.safe_load(manifest())["oauth_config"]["scopes"]["bot"]
    missing = sorted(set(wanted) - {one.strip() for one in granted.split(",")})
    if not missing:
        return [checkups.ok("scopes", "doctor_slack_scopes", count=len(wanted))]
    said = clue("doctor_slack_scopes_missing", scopes=", ".join(missing))
    return [checkups.fault("scopes", said, clue("doctor_mend_scopes"))]
