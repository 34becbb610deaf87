"""What Slack sends to an app: slash commands, interactions and events, shaped as the real ones.

https://docs.slack.dev/reference/interaction-payloads , https://docs.slack.dev/reference/events
"""

import secrets

from bot.sandbox import settings
from bot.sandbox.errors import Json
from bot.sandbox.settings import Person
from bot.sandbox.workspace import Channel, Ephemeral

TEAM: Json = {"id": settings.TEAM_ID, "domain": settings.TEAM_DOMAIN}


def slash(
    person: Person, channel: Channel, *, command: str, text: str, trigger_id: str, response_url: str
) -> Json:
    """Give a slash command's payload."""
    return {
        "token": settings.VERIFICATION_TOKEN, "team_id": settings.TEAM_ID, "team_domain": settings.TEAM_DOMAIN,
        "channel_id": channel.id, "channel_name": "directmessage" if channel.is_im else channel.name,
        "user_id": person.id, "user_name": person.name, "command": command, "text": text,
        "api_app_id": settings.APP_ID, "is_enterprise_install": "false", "response_url": response_url,
        "trigger_id": trigger_id,
    }  # fmt: skip


def _interaction(kind: str, person: Person) -> Json:
    return {
        "type": kind, "team": TEAM, "api_app_id": settings.APP_ID, "token": settings.VERIFICATION_TOKEN,
        "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": settings.TEAM_ID},
        "enterprise": None, "is_enterprise_install": False,
    }  # fmt: skip


def message_action(
    person: Person,
    channel: Channel,
    message: Json,
    action: Json,
    *,
    state: Json,
    trigger_id: str,
    response_url: str,
) -> Json:
    """Give the block_actions of a message; `message` is left out of an ephemeral's, as in Slack."""
    ephemeral = bool(message.get("is_ephemeral"))
    container: Json = {
        "type": "message", "message_ts": message["ts"], "channel_id": channel.id, "is_ephemeral": ephemeral,
    }  # fmt: skip
    if "thread_ts" in message:
        container["thread_ts"] = message["thread_ts"]
    name = "directmessage" if channel.is_im else channel.name
    payload: Json = {
        **_interaction("block_actions", person), "container": container, "trigger_id": trigger_id,
        "channel": {"id": channel.id, "name": name}, "state": {"values": state}, "response_url": response_url,
        "actions": [action],
    }  # fmt: skip
    if not ephemeral:
        payload["message"] = message
    return payload


def view_action(person: Person, view: Json, action: Json, *, trigger_id: str) -> Json:
    """Give the block_actions of a modal or Home tab."""
    return {
        **_interaction("block_actions", person), "container": {"type": "view", "view_id": view["id"]}, "view": view,
        "trigger_id": trigger_id, "actions": [action],
    }  # fmt: skip


def view_submission(person: Person, view: Json, *, trigger_id: str) -> Json:
    """Give a submitted modal; its `state` is in the view."""
    return {
        **_interaction("view_submission", person),
        "trigger_id": trigger_id,
        "view": view,
        "response_urls": [],
    }


def view_closed(person: Person, view: Json) -> Json:
    """Give a modal that was closed without being submitted."""
    return {**_interaction("view_closed", person), "view": view, "is_cleared": False}


def event(inner: Json, *, now: float) -> Json:
    """Wrap an event for the Events API."""
    authorization = {
        "enterprise_id": None, "team_id": settings.TEAM_ID, "user_id": settings.BOT_USER_ID, "is_bot": True,
        "is_enterprise_install": False,
    }  # fmt: skip
    return {
        "token": settings.VERIFICATION_TOKEN, "team_id": settings.TEAM_ID, "api_app_id": settings.APP_ID, "event": inner,
        "type": "event_callback", "event_id": "Ev" + secrets.token_hex(5).upper(), "event_time": int(now),
        "authorizations": [authorization], "is_ext_shared_channel": False, "event_context": secrets.token_hex(8),
    }  # fmt: skip


def said(message: Json, channel: Channel, *, mention: bool) -> Json:
    """Give the event of a person's message: app_mention, or message with its channel_type."""
    inner = {
        **message,
        "channel": channel.id,
        "event_ts": message["ts"],
        "type": "app_mention" if mention else "message",
    }
    if not mention:
        inner["channel_type"] = "im" if channel.is_im else "channel"
    return inner


def home_opened(person: Person, channel: Channel, *, view: Json | None, ts: str) -> Json:
    """Give the event of a person who looks at the app's Home tab."""
    inner: Json = {
        "type": "app_home_opened",
        "user": person.id,
        "channel": channel.id,
        "tab": "home",
        "event_ts": ts,
    }
    return {**inner, "view": view} if view else inner


def from_slackbot(text: str, *, ts: str) -> Json:
    """Give what Slack itself tells a person."""
    return {
        "type": "message",
        "user": settings.SLACKBOT,
        "username": "Slackbot",
        "text": text,
        "ts": ts,
        "is_ephemeral": True,
    }


def whispered(ephemeral: Ephemeral) -> Json:
    """Give an ephemeral as the state shows it."""
    return {"user": ephemeral.user, "channel": ephemeral.channel, "message": ephemeral.message}
