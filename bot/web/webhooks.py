"""POST /webhooks/…: what others tell us, with a bearer token. Whoever has none is answered before anything is read."""

import hmac
import json
from collections.abc import Callable
from http import HTTPStatus

from bot.domain.errors import StoreFault
from bot.domain.outside import BadDocument, read_alerts, read_event
from bot.flows import outside
from bot.ports import Services
from bot.web.pages import Answer, Environ, Page, document

TOKEN = "HANGBOT_WEBHOOK_TOKEN"  # noqa: S105 — its name


def guarded(token: str, page: Callable[[object], Answer]) -> Page:
    """Return a page that takes a JSON document from who has the token."""

    def answer(environ: Environ) -> Answer:
        if not token:
            return _refused(
                f"{TOKEN} is not set for this bot: set it, and send it as a bearer token",
                HTTPStatus.FORBIDDEN,
            )
        given = str(environ.get("HTTP_AUTHORIZATION", ""))
        kind, _, word = given.partition(" ")
        if kind.lower() != "bearer" or not hmac.compare_digest(
            word.strip().encode("latin-1", "replace"), token.encode()
        ):
            refused = _refused(
                "send the bot's webhook token: Authorization: Bearer …", HTTPStatus.UNAUTHORIZED
            )
            return Answer(
                status=refused.status,
                body=refused.body,
                type=refused.type,
                headers={"WWW-Authenticate": "Bearer"},
            )
        try:
            read = json.loads(environ["wsgi.input"].read())
        except (ValueError, RecursionError):
            return _refused("this is no JSON", HTTPStatus.BAD_REQUEST)
        try:
            return page(read)
        except BadDocument as bad:
            return _refused(str(bad), HTTPStatus.BAD_REQUEST)
        except StoreFault as fault:
            return _refused(f"it cannot be kept now, send it again: {fault}", HTTPStatus.SERVICE_UNAVAILABLE)

    return answer


def _refused(problem: str, status: int) -> Answer:
    return document({"ok": False, "error": problem}, status=status)


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
