"""POST /webhooks/… and /heartbeat/…: what others tell us, with a bearer token. Whoever has none is answered before anything
is read.
"""

import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus

from bot.domain.errors import StoreFault
from bot.domain.outside import BadDocument, clean, read_alerts, read_event
from bot.flows import heartbeats, outside
from bot.ports import Services
from bot.web.pages import Answer, Environ, Page, document

HEARTBEAT = "/heartbeat/"
TOKEN = "HANGBOT_WEBHOOK_TOKEN"  # noqa: S105 — its name


def guarded(token: str, page: Callable[[object], Answer]) -> Page:
    """Return a page that takes a JSON document from who has the token."""

    def answer(environ: Environ) -> Answer:
        if (stranger := _without(token, environ)) is not None:
            return stranger
        return read_by(page, environ["wsgi.input"].read())

    return answer


def read_by(page: Callable[[object], Answer], body: bytes) -> Answer:
    """Return what a page answers to a JSON document."""
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return refused("this is no JSON", HTTPStatus.BAD_REQUEST)
    try:
        return page(read)
    except BadDocument as bad:
        return refused(str(bad), HTTPStatus.BAD_REQUEST)
    except StoreFault as fault:
        return refused(f"it cannot be kept now, send it again: {fault}", HTTPStatus.SERVICE_UNAVAILABLE)


def _without(token: str, environ: Environ) -> Answer | None:
    """Return what somebody is answered who has not the token; None where they have."""
    if not token:
        why = f"{TOKEN} is not set for this bot: set it, and send it as a bearer token"
        return refused(why, HTTPStatus.FORBIDDEN)
    kind, _, word = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
    given = word.strip().encode("latin-1", "replace")
    if kind.lower() == "bearer" and hmac.compare_digest(given, token.encode()):
        return None
    without = refused("send the bot's webhook token: Authorization: Bearer …", HTTPStatus.UNAUTHORIZED)
    return replace(without, headers={"WWW-Authenticate": "Bearer"})


def refused(problem: str, status: int) -> Answer:
    return document({"ok": False, "error": problem}, status=status)


def heartbeat(services: Services, token: str) -> Page:
    """Return what takes `/heartbeat/NAME`, and `/heartbeat/NAME/fail` from a job that failed."""

    def answer(environ: Environ) -> Answer:
        if (stranger := _without(token, environ)) is not None:
            return stranger
        name, _, rest = str(environ.get("PATH_INFO", "")).removeprefix(HEARTBEAT).partition("/")
        spec = next((one for one in services.settings.heartbeats if one.name == name), None)
        if spec is None or rest not in ("", "fail"):
            known = ", ".join(one.name for one in services.settings.heartbeats) or "none"
            why = f"the config has no heartbeat {clean(name, 64)!r}; it has: {known}"
            return refused(why, HTTPStatus.NOT_FOUND)
        try:
            heartbeats.take(spec, services, well=rest != "fail")
        except StoreFault as fault:
            return refused(f"it cannot be kept now, send it again: {fault}", HTTPStatus.SERVICE_UNAVAILABLE)
        return document({"ok": True})

    return answer


def event(services: Services) -> Callable[[object], Answer]:
    """Return what takes `{"kind": "deploy", "service", "version", "by", "quiet": "10m"}`."""

    def take(read: object) -> Answer:
        found = read_event(read, services.settings.fleet)
        return document({"ok": True, "new": outside.note_event(found, services)})

    return take


def alertmanager(services: Services) -> Callable[[object], Answer]:
    """Return what takes an Alertmanager's alerts."""

    def take(read: object) -> Answer:
        found = read_alerts(read, services.settings.fleet, now=services.clock.now())
        return document({"ok": True, "alerts": len(found), "new": outside.take_alerts(found, services)})

    return take
