"""The WSGI application: a table of pages, and what everything that is not in it is answered."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from bot.ports import Telemetry

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Environ = dict[str, Any]
TEXT, JSON = "text/plain; charset=utf-8", "application/json"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What goes back. `headers` beside Content-Type and Content-Length."""

    status: int = HTTPStatus.OK
    body: bytes = b""
    type: str = TEXT
    headers: Mapping[str, str] = field(default_factory=dict)


Page = Callable[[Environ], Answer]


@dataclass(frozen=True, kw_only=True)
class Route:
    """A page and the methods it takes; whoever takes GET takes HEAD."""

    page: Page
    methods: tuple[str, ...] = ("GET", "HEAD")


def said(text: str, *, status: int = HTTPStatus.OK) -> Answer:
    return Answer(status=status, body=f"{text}\n".encode())


def document(value: object, *, status: int = HTTPStatus.OK) -> Answer:
    return Answer(status=status, body=json.dumps(value).encode() + b"\n", type=JSON)


class Application:
    """Finds the page of a request: by its whole path, else by its first part with a `/` behind. A fault of ours is logged, and its asker told nothing of it."""

    def __init__(self, routes: Mapping[str, Route], telemetry: Telemetry) -> None:
        self._routes, self._telemetry = routes, telemetry

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        answer = self._answer(environ)
        status = HTTPStatus(answer.status)
        headers = {"Content-Type": answer.type, "Content-Length": str(len(answer.body)), **answer.headers}
        start_response(f"{status.value} {status.phrase}", list(headers.items()))
        return [b"" if environ.get("REQUEST_METHOD") == "HEAD" else answer.body]

    def _answer(self, environ: Environ) -> Answer:
        path = str(environ.get("PATH_INFO", ""))
        route = self._routes.get(path) or self._routes.get(
            f"/{path.split('/')[1]}/" if path.count("/") > 1 else ""
        )
        if route is None:
            return said("There is nothing here.", status=HTTPStatus.NOT_FOUND)
        if environ.get("REQUEST_METHOD") not in route.methods:
            allowed = ", ".join(route.methods)
            refused = said(f"This takes {allowed}.", status=HTTPStatus.METHOD_NOT_ALLOWED)
            return Answer(status=refused.status, body=refused.body, headers={"Allow": allowed})
        try:
            return route.page(environ)
        except Exception as error:  # noqa: BLE001 — the last boundary: one bad request must not end the rest
            self._telemetry.failure("request failed", error, path=environ.get("PATH_INFO"))
            return said("That failed on my side.", status=HTTPStatus.INTERNAL_SERVER_ERROR)
