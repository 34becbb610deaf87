"""`/sandbox/*`: what tests, scripts and the page do as people, see, and break."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from bot.sandbox import people, picks, request_url, submitting
from bot.sandbox.api.files import shown as shown_file
from bot.sandbox.api.users import shown as shown_user
from bot.sandbox.arguments import sound
from bot.sandbox.box import Box
from bot.sandbox.errors import Json, SlackError
from bot.sandbox.faults import KINDS, FaultError, checked, wish_kind
from bot.sandbox.payloads import TEAM, whispered
from bot.sandbox.request_url import RequestUrl
from bot.sandbox.workspace import Channel

COALESCE_SECONDS = 0.05
ALIVE_SECONDS = 15.0
REASONS = frozenset({"warning", "refresh_requested", "link_disabled", "too_many_websockets"})


class WishError(Exception):
    """The body of a request is not what this address takes."""


async def act(request: Request) -> Response:
    """Do one of ACTS with the JSON body."""
    box: Box = request.app.state.box
    try:
        body = sound(await request.json())
    except ValueError:
        return JSONResponse({"ok": False, "error": "the body must be JSON"}, status_code=400)
    try:
        answer = await ACTS[request.path_params["act"]](box, body if isinstance(body, dict) else {})
    except KeyError:
        return JSONResponse(
            {"ok": False, "error": f"no such act; there are {', '.join(ACTS)}"}, status_code=404
        )
    except (WishError, FaultError) as error:
        return JSONResponse({"ok": False, "error": str(error)}, status_code=400)
    except people.ActError as error:
        return JSONResponse({"ok": False, "error": error.error, **error.more})
    except (SlackError, picks.PickError) as error:
        return JSONResponse({"ok": False, "error": str(error)})
    return JSONResponse(answer)


def _needed(body: Json, *names: str) -> dict[str, str]:
    for name in names:
        if not isinstance(body.get(name), str) or not body[name]:
            raise WishError(f"`{name}` must be a string")
    return {name: body[name] for name in names}


async def _say(box: Box, body: Json) -> Json:
    thread_ts = body.get("thread_ts")
    return await people.say(
        box, **_needed(body, "user", "channel", "text"), thread_ts=str(thread_ts) if thread_ts else None
    )


async def _press(box: Box, body: Json) -> Json:
    more: dict[str, Any] = {"value": body.get("value"), "block_id": body.get("block_id")}
    if "view_id" in body:
        return await people.press_in_view(box, **_needed(body, "user", "view_id", "action_id"), **more)
    return await people.press(box, **_needed(body, "user", "channel", "ts", "action_id"), **more)


async def _submit(box: Box, body: Json) -> Json:
    return await submitting.submit(box, **_needed(body, "user", "view_id"), values=body.get("values"))


async def _close(box: Box, body: Json) -> Json:
    return await submitting.close(box, **_needed(body, "user", "view_id"))


async def _home(box: Box, body: Json) -> Json:
    return await people.open_home(box, **_needed(body, "user"))


async def _fault(box: Box, body: Json) -> Json:
    kind = wish_kind(body)
    if KINDS[kind].on_link:
        await _break_link(box, kind, body, *checked(body))
    else:
        if body.get("channel"):
            body["channel"] = box.workspace.channel_called(str(body["channel"])).id
        box.faults.add(body, now=box.now())
    box.changes.bump()
    return {"ok": True}


async def _break_link(box: Box, kind: str, body: Json, seconds: float, count: int | None) -> None:
    match kind:
        case "disconnect":
            reason = str(body.get("reason") or "refresh_requested")
            if reason not in REASONS:
                raise FaultError(f"unknown reason {reason!r}; known are {', '.join(sorted(REASONS))}")
            await box.hub.disconnect(reason, seconds=seconds)
        case "close":
            box.hub.reset()
        case "half_open":
            box.hub.fall_silent()
        case _:
            box.app.duplicates += count or 1


async def _heal(box: Box, body: Json) -> Json:  # noqa: ARG001 - every act is called alike
    box.faults.heal()
    box.rates.reopen()
    box.hub.heal()
    if box.http:
        box.http.duplicates = 0
    box.changes.bump()
    return {"ok": True}


async def _request_url(box: Box, body: Json) -> Json:
    """Deliver by HTTP from now on (`url` null: by socket again), if the app there answers the challenge."""
    url = body.get("url")
    if url is not None and (problem := request_url.refused(str(url))):
        raise WishError(problem)
    box.http, before = RequestUrl(str(url)) if url is not None else None, box.http
    problem = await box.http.verify() if box.http else ""
    if problem:
        box.http = before
        return {"ok": False, "error": problem}
    box.changes.bump()
    return {"ok": True}


Act = Callable[[Box, Json], Awaitable[Json]]
ACTS: dict[str, Act] = {
    "say": _say,
    "press": _press,
    "submit": _submit,
    "close": _close,
    "home": _home,
    "fault": _fault,
    "heal": _heal,
    "request_url": _request_url,
}


async def state(request: Request) -> Response:
    """Show everything."""
    return JSONResponse(shown(request.app.state.box))


def shown(box: Box) -> Json:
    """Give the whole workspace as one document."""
    workspace = box.workspace
    notes = {person.id: person.note for person in workspace.people.values()}
    users = [
        {**shown_user(person, now=box.now()), "note": notes[person.id]}
        for person in workspace.people.values()
    ]
    views = [{**view, "user": user} for user, stack in box.modals.stacks.items() for view in stack]
    return {
        "run": box.run,
        "version": box.changes.version,
        "title": workspace.setup.title,
        "team": {**TEAM, "name": workspace.setup.title},
        "users": users,
        "channels": [_channel(channel) for channel in workspace.channels.values()],
        "ephemerals": [whispered(ephemeral) for ephemeral in workspace.ephemerals],
        "views": views,
        "home": box.modals.homes,
        "files": [shown_file(stored, box.url) for stored in workspace.files.values() if stored.shared],
        "commands": list(workspace.setup.commands),
        "hang": workspace.setup.hang,
        "connected": len(box.hub.lines) + (box.http is not None),
        "request_url": box.http.url if box.http else None,
        "faults": box.faults.shown(),
        "rule_violations": box.violations.listed(),
    }


def _channel(channel: Channel) -> Json:
    messages = [
        {**message, "replies": channel.replies.get(ts, [])} for ts, message in channel.messages.items()
    ]
    return {
        "id": channel.id, "name": channel.name, "is_im": channel.is_im, "user": channel.user, "members": channel.members,
        "topic": channel.topic, "is_archived": channel.archived, "messages": messages,
    }  # fmt: skip


async def stream(request: Request) -> Response:
    """Tell of each change, at most 20 times a second, as server-sent events."""
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(
        _versions(request.app.state.box), media_type="text/event-stream", headers=headers
    )


async def _versions(box: Box) -> AsyncIterator[str]:
    version = box.changes.version
    yield f'data: {{"version": {version}}}\n\n'
    while True:
        if not await box.changes.newer_than(version, seconds=ALIVE_SECONDS):
            yield ": alive\n\n"
            continue
        version = box.changes.version
        yield f'data: {{"version": {version}}}\n\n'
        await asyncio.sleep(COALESCE_SECONDS)
