"""Keeps the web at large out: a loopback `Host`, no foreign `Origin`, JSON only for what acts."""

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class Guard:
    """ASGI middleware. A page of another site could else drive the sandbox through a visitor's browser."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        refusal = _refusal(scope) if scope["type"] in {"http", "websocket"} else None
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            status, error = refusal
            await JSONResponse({"ok": False, "error": error}, status_code=status)(scope, receive, send)


def _refusal(scope: Scope) -> tuple[int, str] | None:
    headers = Headers(scope=scope)
    host = headers.get("host", "")
    if not is_loopback(host):
        return 403, "the Host header must be a loopback address"
    origin = headers.get("origin")
    if origin is not None and not same_place(origin, host):
        return 403, "requests from other origins are refused"
    if scope["type"] == "http" and scope["method"] == "POST" and scope["path"].startswith("/sandbox/"):
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            return 415, "Content-Type must be application/json"
    return None


def is_loopback(host: str) -> bool:
    """Tell whether a Host header names this machine."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def same_place(origin: str, host: str) -> bool:
    """Tell whether an Origin is this server: loopback, and the same port as in the Host header."""
    try:
        parts = urlsplit(origin)
        own = urlsplit(f"//{host}")
        return is_loopback(parts.netloc) and (parts.port or 80) == (own.port or 80)
    except ValueError:
        return False
