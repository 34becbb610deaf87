"""Serves the chat page and the files that were uploaded."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.sandbox.box import Box

PAGE = Path(__file__).parent / "page"
TYPES = {
    ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png", ".json": "application/json",
    ".woff2": "font/woff2", ".ico": "image/x-icon",
}  # fmt: skip
TEXTUAL = frozenset({"txt", "log", "json", "csv", "md", "py", "yaml", "yml", "text", "collapsed", "ics"})
# Text is never made markup; should that fail once, nothing foreign runs all the same.
POLICY = "default-src 'self'; img-src 'self' https: http: data:; base-uri 'none'; frame-ancestors 'none'"
NO_CACHE = {
    "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": POLICY,
}  # fmt: skip


async def index(request: Request) -> Response:  # noqa: ARG001 - Starlette hands it over
    """Serve the page itself."""
    return _asset("index.html")


async def asset(request: Request) -> Response:
    """Serve what belongs to the page."""
    return _asset(request.path_params["path"])


def _asset(name: str) -> Response:
    path = (PAGE / name).resolve()
    if not path.is_relative_to(PAGE) or path.suffix not in TYPES or not path.is_file():
        return Response("there is no such file", status_code=404, media_type="text/plain")
    return Response(path.read_bytes(), media_type=TYPES[path.suffix], headers=NO_CACHE)


async def permalink(request: Request) -> Response:
    """Lead a permalink to its message on the page."""
    return RedirectResponse(f"/#{request.path_params['channel']}/{request.path_params['anchor']}")


async def upload(request: Request) -> Response:
    """Give an uploaded file: text is shown, the rest downloaded."""
    box: Box = request.app.state.box
    stored = box.workspace.files.get(request.path_params["file_id"])
    if stored is None or stored.content is None or not stored.shared:
        return Response("there is no such file", status_code=404, media_type="text/plain")
    suffix = stored.name.rpartition(".")[2].lower()
    if suffix == "png":
        return Response(stored.content, media_type="image/png", headers=NO_CACHE)
    if suffix in TEXTUAL or "." not in stored.name:
        return Response(stored.content, media_type="text/plain; charset=utf-8", headers=NO_CACHE)
    headers = {**NO_CACHE, "Content-Disposition": "attachment"}
    return Response(stored.content, media_type="application/octet-stream", headers=headers)
