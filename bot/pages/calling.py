"""Handing a document to somebody's HTTP: one deadline, no redirects, no proxies of the environment; what may be wrong has a name."""

import json
import socket
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from bot.domain.errors import ChatBusy, ChatClosed, ChatDoubtful, ChatRefused

WITHIN_S = 10.0
MOST_READ = 64 << 10
SHOWN = 200
BUSY, CLOSED = 429, (401, 403)
RETRY_S, MOST_RETRY_S = 30.0, 300.0


class _NoRedirects(HTTPRedirectHandler):
    """What was given as the address is the address."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        del args, kwargs


def opener() -> OpenerDirector:
    return build_opener(_NoRedirects, ProxyHandler({}))


def post(url: str, document: Mapping[str, object], *, headers: Mapping[str, str] = {}) -> None:
    """Hand a JSON document in. Raises ChatBusy, ChatClosed, ChatRefused, ChatDoubtful; returns where the answer is 2xx."""
    request = Request(  # noqa: S310 — the config lets http and https in alone
        url,
        data=json.dumps(document).encode(),
        method="POST",
        headers={"Content-Type": "application/json", "User-Agent": "hangbot", **headers},
    )
    try:
        with opener().open(request, timeout=WITHIN_S) as answer:
            answer.read(MOST_READ)
    except HTTPError as error:
        with error:
            raise _refused(error) from error
    except TimeoutError as error:
        raise ChatDoubtful("timeout", f"no answer within {WITHIN_S:g} s") from error
    except URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise ChatDoubtful("timeout", f"no answer within {WITHIN_S:g} s") from error
        raise ChatDoubtful("unreachable", str(error.reason)[:SHOWN]) from error
    except (OSError, HTTPException, socket.gaierror) as error:
        raise ChatDoubtful("unreachable", f"{type(error).__name__}: {error}"[:SHOWN]) from error


def _refused(error: HTTPError) -> ChatBusy | ChatClosed | ChatRefused | ChatDoubtful:
    code = f"http_{error.code}"
    if error.code == BUSY:
        return ChatBusy(_retry_after(error.headers.get("Retry-After", "")))
    said = _said(error)
    if error.code in CLOSED:
        return ChatClosed(code, said)
    return ChatDoubtful(code, said) if error.code >= 500 or error.code == 408 else ChatRefused(code, said)


def _said(error: HTTPError) -> str:
    try:
        return error.read(MOST_READ).decode(errors="replace")[:SHOWN]
    except (OSError, HTTPException):
        return ""


def _retry_after(text: str) -> float:
    try:
        return min(max(float(text), 1.0), MOST_RETRY_S)
    except ValueError:
        return RETRY_S
