"""The door of the Web API: reads a call, meets faults, checks token and rate, calls the method, lists violations."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from bot.sandbox import settings, wire
from bot.sandbox.api import METHODS, Method
from bot.sandbox.arguments import Arguments, sound
from bot.sandbox.box import Box, Call
from bot.sandbox.errors import Json, SlackError
from bot.sandbox.faults import Fault

HEADERS = {"x-oauth-scopes": settings.SCOPES}
AFTERWARDS = frozenset({"store_then_drop", "truncate", "slow"})


async def answer(request: Request) -> Response:
    """Do one call of `/api/METHOD`."""
    box: Box = request.app.state.box
    method = request.path_params["method"]
    try:
        values = await read(request)
    except SlackError as error:
        note(box, method, error)
        return JSONResponse(error.answer())
    channel = str(values.get("channel") or values.get("channel_id") or "")

    async def perform() -> Response:
        return _perform(box, method, values, _token(request, values))

    return await under_faults(box, perform, method=method, channel=channel, request=request)


async def under_faults(
    box: Box, perform: Callable[[], Awaitable[Response]], *, method: str, channel: str, request: Request
) -> Response:
    """Do a call, or what the fault that it meets makes of it."""
    fault = box.faults.meet(method, channel=channel, now=box.now())
    if fault and fault.kind == "slow":
        await asyncio.sleep(fault.seconds)
    if fault and fault.kind not in AFTERWARDS:
        return _instead(box, fault, method=method, channel=channel, request=request)
    response = await perform()
    if fault and fault.kind == "store_then_drop":
        wire.cut(wire.peer(request.scope))
    if fault and fault.kind == "truncate":
        wire.send_half(wire.peer(request.scope), bytes(response.body))
    return response


def _instead(box: Box, fault: Fault, *, method: str, channel: str, request: Request) -> Response:
    match fault.kind:
        case "rate_limit":
            seconds = fault.until - box.now() if fault.until is not None else fault.seconds
            verdict = box.rates.admit(method, channel, now=box.now())
            if verdict.retry_after is None:
                return _too_many(box.rates.refuse(method, channel, seconds=seconds, now=box.now()))
            return _refused(box, method, verdict.retry_after, ignored=verdict.ignored)
        case "error_500":
            return Response("upstream error", status_code=500)
        case "html":
            return HTMLResponse(
                "<!DOCTYPE html><html><title>Slack</title><body>We will be right back.</body></html>"
            )
        case "empty":
            return JSONResponse({})
        case "drop":
            wire.cut(wire.peer(request.scope))
            return Response(status_code=500)
        case _:
            return JSONResponse({"ok": False, "error": fault.kind})


def _perform(box: Box, method: str, values: Json, token: str) -> Response:
    now = box.now()
    channel = str(values.get("channel") or "")
    try:
        _check_token(method, token)
        do = _method(method)
        verdict = box.rates.admit(method, channel, now=now)
        if verdict.retry_after is not None:
            return _refused(box, method, verdict.retry_after, ignored=verdict.ignored)
        document = do(Call(box=box, method=method, args=Arguments(values), now=now))
    except SlackError as error:
        note(box, method, error)
        document = error.answer()
    return JSONResponse(document, headers=HEADERS)


def _method(name: str) -> Method:
    if name not in METHODS:
        raise SlackError("unknown_method")
    return METHODS[name]


def note(box: Box, method: str, error: SlackError) -> None:
    """List an error if it shows a mistake of the app."""
    if not error.listed:
        return
    detail = "; ".join(flaw.line for flaw in error.flaws)
    box.violations.add(now=box.now(), method=method, error=error.error, pointer=error.pointer, detail=detail)
    box.changes.bump()


def _refused(box: Box, method: str, retry_after: int, *, ignored: bool) -> Response:
    if ignored:
        box.violations.add(
            now=box.now(),
            method=method,
            error="ratelimited",
            pointer=None,
            detail="called before Retry-After was over",
        )
        box.changes.bump()
    return _too_many(retry_after)


def _too_many(retry_after: int) -> Response:
    headers = {"Retry-After": str(retry_after)}
    return JSONResponse({"ok": False, "error": "ratelimited"}, status_code=429, headers=headers)


def _check_token(method: str, token: str) -> None:
    if method == "api.test":
        return
    if not token:
        raise SlackError("not_authed")
    if token not in {settings.BOT_TOKEN, settings.APP_TOKEN}:
        raise SlackError("invalid_auth")
    if (token == settings.APP_TOKEN) != (method == "apps.connections.open"):
        raise SlackError("not_allowed_token_type")


def _token(request: Request, values: Json) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip()
    return str(values.get("token") or "")


async def read(request: Request) -> Json:
    """Read the arguments: JSON body, form fields, query. Raises SlackError invalid_json, json_not_object."""
    values: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        try:
            body = sound(json.loads(await request.body() or b"{}"))
        except ValueError as error:
            raise SlackError("invalid_json") from error
        if not isinstance(body, dict):
            raise SlackError("json_not_object")
        values.update(body)
    elif kind in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        async with request.form() as form:
            values.update({name: value for name, value in form.items() if isinstance(value, str)})
    return values
