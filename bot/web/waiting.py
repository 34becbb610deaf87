"""The site of a bot that stands by: alive, not ready, and what others hand in is to be handed in again."""

import socket
from collections.abc import Callable

from bot.ports import Telemetry
from bot.web.health import NOT_READY, alive
from bot.web.pages import Answer, Environ, Route, document
from bot.web.server import Server

AGAIN = {"Retry-After": "5"}
ANY = ("GET", "HEAD", "POST")


def waiting_site(listener: socket.socket, telemetry: Telemetry, waits_for: Callable[[], str]) -> Server:
    """Return what serves until we lead; `waits_for` says who does. The socket goes on listening after its end."""

    def not_ready(environ: Environ) -> Answer:
        del environ
        other = waits_for() or "another hangbot"
        reason = f"stands by: {other} works on this database"
        answer = document({"ready": False, "reasons": {"leader": reason}}, status=NOT_READY)
        return Answer(status=answer.status, body=answer.body, type=answer.type, headers=AGAIN)

    there = Route(page=not_ready, methods=ANY)
    routes = {"/healthz": Route(page=alive), "/readyz": Route(page=not_ready)}
    routes |= {f"/{name}/": there for name in ("webhooks", "heartbeat", "slack")}
    return Server(listener.dup(), routes, telemetry)
