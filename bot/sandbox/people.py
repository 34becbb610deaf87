"""What a person does: types a line, presses a button, submits or closes a modal, opens the Home tab.

Every function gives `{"ok": true, "ts"?}` once the app has acknowledged, or raises ActError with what the person sees.
"""

import re
from typing import Any

from bot.sandbox import blocks as rules
from bot.sandbox import payloads, picks, settings
from bot.sandbox.box import Box
from bot.sandbox.deliveries import NobodyThereError, NotAcknowledgedError
from bot.sandbox.errors import Json, SlackError
from bot.sandbox.respond import speak
from bot.sandbox.settings import Person
from bot.sandbox.tickets import Lease
from bot.sandbox.web_api import note
from bot.sandbox.workspace import Channel, Ephemeral

NO_APP = "dispatch_failed: no app is connected"
LIVE = re.compile(r"<(?:[@#!][^<>]+|https?://[^<>]+|mailto:[^<>]+)>")


class ActError(Exception):
    """The person sees this error; `more` says it in parts, for programs."""

    def __init__(self, error: str, more: Json | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.more = more or {}


async def say(box: Box, *, user: str, channel: str, text: str, thread_ts: str | None) -> Json:
    """Type a line into a channel, a thread or (`@hangbot`) the direct message with the bot."""
    person = box.workspace.person(user)
    place = where(box, person, channel)
    if not text.strip():
        raise ActError("no_text")
    if person.id not in place.members:
        raise ActError("not_in_channel")
    if place.archived:
        raise ActError("is_archived")
    if text.startswith("/"):
        return await _command(box, person, place, text, thread_ts)
    return await _message(box, person, place, text, thread_ts)


def where(box: Box, person: Person, wanted: str) -> Channel:
    """Find a channel as this person means it. Raises SlackError channel_not_found."""
    if wanted.lstrip("@") in {settings.BOT_NAME, settings.BOT_USER_ID}:
        return box.workspace.direct(person.id, now=box.now())
    return box.workspace.channel_called(wanted)


async def _command(box: Box, person: Person, channel: Channel, text: str, thread_ts: str | None) -> Json:
    command, *rest = text.split(maxsplit=1)
    if thread_ts:
        raise ActError(f"{command} is not supported in threads. Sorry!")
    if command not in {known["command"] for known in box.workspace.setup.commands}:
        raise ActError(f"{command} is not a valid command.")
    now = box.now()
    lease = Lease(user=person.id, channel=channel.id, at=now)
    payload = payloads.slash(
        person,
        channel,
        command=command,
        text=rest[0].strip() if rest else "",
        trigger_id=box.triggers.issue(person.id, now=now),
        response_url=_response_url(box, lease),
    )
    answer = await deliver(
        box, "slash_commands", payload, accepts_payload=True, to=(person, channel), what=command
    )
    if not answer:
        return {"ok": True}
    try:
        ts = speak(box, lease, answer, method=f"ack of {command}")
    except SlackError as error:
        note(box, f"ack of {command}", error)
        raise ActError("invalid_command_response") from error
    return {"ok": True, "ts": ts}


async def _message(box: Box, person: Person, channel: Channel, text: str, thread_ts: str | None) -> Json:
    now = box.now()
    written = escaped(box, text)
    ts = box.workspace.next_ts(now=now)
    message: Json = {
        "type": "message", "user": person.id, "ts": ts, "client_msg_id": f"sandbox-{ts}", "text": written,
        "team": settings.TEAM_ID,
    }  # fmt: skip
    box.workspace.post(channel, message, thread_ts=thread_ts)
    box.changes.bump()
    if settings.BOT_USER_ID not in channel.members:
        return {"ok": True, "ts": ts}
    events = box.workspace.setup.events
    tries = []
    if f"<@{settings.BOT_USER_ID}>" in written and not channel.is_im and "app_mention" in events:
        tries.append(box.app.emit(payloads.event(payloads.said(message, channel, mention=True), now=now)))
    if ("message.im" if channel.is_im else "message.channels") in events:
        tries.append(box.app.emit(payloads.event(payloads.said(message, channel, mention=False), now=now)))
    # A mention is told twice, as app_mention and as message: the app has heard when it acknowledged the first.
    heard = [await attempt is not None for attempt in tries[:1]]
    return {"ok": True, "ts": ts, "acknowledged": all(heard)}


def escaped(box: Box, text: str) -> str:
    """Write a typed line as Slack stores it: `&`, `<`, `>` escaped, names of people and channels made live."""
    parts, end = [], 0
    for live in LIVE.finditer(text):
        parts += [_escape(text[end : live.start()]), live.group()]
        end = live.end()
    written = "".join([*parts, _escape(text[end:])])
    for person in box.workspace.people.values():
        written = re.sub(
            rf"(?<![\w<@])@{re.escape(person.name)}\b", f"<@{person.id}>", written, flags=re.IGNORECASE
        )
    for channel in box.workspace.channels.values():
        if not channel.is_im:
            written = re.sub(
                rf"(?<![\w<#&])#{re.escape(channel.name)}(?![\w-])",
                f"<#{channel.id}|{channel.name}>",
                written,
            )
    return written


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


async def press(
    box: Box,
    *,
    user: str,
    channel: str,
    ts: str,
    action_id: str,
    value: Any = None,
    block_id: str | None = None,
) -> Json:
    """Press a button, or pick `value` from a menu, of a message or of an ephemeral that this person sees."""
    person = box.workspace.person(user)
    place = where(box, person, channel)
    message = _seen(box, person, place, ts)
    block, element = chosen(message.get("blocks") or [], action_id=action_id, value=value, block_id=block_id)
    now = box.now()
    action = picks.action(block, element, value, ts=f"{now:.6f}")
    state = _with_pick(box, ts, message["blocks"], action)
    lease = Lease(user=person.id, channel=place.id, at=now, original=ts, thread_ts=message.get("thread_ts"))
    payload = payloads.message_action(
        person,
        place,
        message,
        action,
        state=state,
        trigger_id=box.triggers.issue(person.id, now=now),
        response_url=_response_url(box, lease),
    )
    await deliver(box, "interactive", payload, accepts_payload=False, to=(person, place), what=action_id)
    return {"ok": True, "ts": ts}


async def press_in_view(
    box: Box, *, user: str, view_id: str, action_id: str, value: Any = None, block_id: str | None = None
) -> Json:
    """Press or pick in an open modal or in the Home tab."""
    person = box.workspace.person(user)
    view = _view(box, person, view_id)
    block, element = chosen(view["blocks"], action_id=action_id, value=value, block_id=block_id)
    now = box.now()
    action = picks.action(block, element, value, ts=f"{now:.6f}")
    state = _with_pick(box, view["id"], view["blocks"], action)
    shown = {**view, "state": {"values": state}}
    payload = payloads.view_action(
        person, shown, action, trigger_id=box.triggers.issue(person.id, now=now, view=view["id"])
    )
    await deliver(box, "interactive", payload, accepts_payload=False, to=(person, None), what=action_id)
    return {"ok": True}


def chosen(blocks: list[Json], *, action_id: str, value: Any, block_id: str | None) -> tuple[Json, Json]:
    """Find the block and element that a press means; `value` tells buttons with one action_id apart."""
    found = [
        (block, element)
        for block, element in rules.interactive(blocks)
        if element["action_id"] == action_id and block_id in (None, block["block_id"])
    ]
    if not found:
        known = sorted({str(element["action_id"]) for _, element in rules.interactive(blocks)})
        raise ActError(f"no element {action_id!r} there; there are {', '.join(known) or 'none'}")
    buttons = [pair for pair in found if pair[1]["type"] == "button"]
    if value is None or not buttons:
        return found[0]
    for pair in buttons:
        if value in (pair[1].get("value"), pair[1]["text"]["text"]):
            return pair
    raise ActError(f"no button {action_id!r} with value {value!r}")


def _seen(box: Box, person: Person, channel: Channel, ts: str) -> Json:
    message = channel.find(ts) if person.id in channel.members else None
    if message is None:
        whisper = box.workspace.ephemeral(ts)
        if whisper and whisper.user == person.id and whisper.channel == channel.id:
            message = whisper.message
    if message is None:
        raise ActError(f"message_not_found: {person.name} sees no message {ts} there")
    return message


def _with_pick(box: Box, key: str, blocks: list[Json], action: Json) -> Json:
    """Give `state.values` after this pick, and remember it."""
    state = picks.initial(blocks)
    remembered = box.modals.picked.setdefault(key, {})
    place = picks.PLACES.get(action["type"])
    if place and action["type"] != "overflow":
        entry = {"type": action["type"], place.field: action[place.field]}
        remembered.setdefault(action["block_id"], {})[action["action_id"]] = entry
    while len(box.modals.picked) > 500:
        box.modals.picked.pop(next(iter(box.modals.picked)))
    for block_id, entries in remembered.items():
        if block_id in state:
            state[block_id].update(entries)
    return state


def _view(box: Box, person: Person, view_id: str) -> Json:
    home = box.modals.homes.get(person.id)
    if home and home["id"] == view_id:
        return home
    owner, view = box.modals.find(view_id)
    if owner != person.id:
        raise ActError(f"not_found: that modal is not {person.name}'s")
    return view


async def open_home(box: Box, *, user: str) -> Json:
    """Look at the app's Home tab."""
    person = box.workspace.person(user)
    now = box.now()
    channel = box.workspace.direct(person.id, now=now)
    if "app_home_opened" not in box.workspace.setup.events:
        return {"ok": True}
    opened = payloads.home_opened(
        person, channel, view=box.modals.homes.get(person.id), ts=box.workspace.next_ts(now=now)
    )
    heard = await box.app.emit(payloads.event(opened, now=now))
    return {"ok": True, "acknowledged": heard is not None}


async def deliver(
    box: Box, kind: str, payload: Json, *, accepts_payload: bool, to: tuple[Person, Channel | None], what: str
) -> Json:
    """Send an envelope and give the ack's payload; tell the person when nobody answers. Raises ActError."""
    try:
        return await box.app.deliver(kind, payload, accepts_payload=accepts_payload)
    except NobodyThereError as error:
        _tell(box, to, f"{what} failed with the error `dispatch_failed`")
        raise ActError(NO_APP) from error
    except NotAcknowledgedError as error:
        if not error.lost:
            box.violations.add(
                now=box.now(),
                method=kind,
                error=error.error,
                pointer=None,
                detail=f"{what} was not acknowledged: {error}",
            )
        _tell(box, to, f"{what} failed with the error `{error.error}`")
        raise ActError(error.error) from error


def _tell(box: Box, to: tuple[Person, Channel | None], text: str) -> None:
    person, channel = to
    place = channel or box.workspace.direct(person.id, now=box.now())
    message = payloads.from_slackbot(text, ts=box.workspace.next_ts(now=box.now()))
    box.workspace.ephemerals.append(Ephemeral(user=person.id, channel=place.id, message=message))
    box.changes.bump()


def _response_url(box: Box, lease: Lease) -> str:
    return f"{box.url}respond/{settings.TEAM_ID}/{box.responses.issue(lease)}"
