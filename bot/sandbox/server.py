"""All addresses of the sandbox in one place."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from bot.sandbox import control, pagefiles, web_api
from bot.sandbox.api import files
from bot.sandbox.box import Box
from bot.sandbox.errors import SlackError
from bot.sandbox.guard import Guard
from bot.sandbox.respond import speak
from bot.sandbox.web_api import note

RESPONSE_URL = "response_url"
UPLOAD = "upload"


def build(box: Box) -> Starlette:
    """Put the application together."""
    app = Starlette(
        routes=[
            Route("/", pagefiles.index),
            Route("/page/{path:path}", pagefiles.asset),
            Route("/files/{file_id}/{name:path}", pagefiles.upload),
            Route("/archives/{channel}/{anchor}", pagefiles.permalink),
            Route("/api/{method}", web_api.answer, methods=["GET", "POST"]),
            Route("/upload/{file_id}", _upload, methods=["POST"]),
            Route("/respond/{team}/{key}", _respond, methods=["POST"]),
            Route("/sandbox/state", control.state),
            Route("/sandbox/stream", control.stream),
            Route("/sandbox/{act}", control.act, methods=["POST"]),
            WebSocketRoute("/link/", _link),
        ],
        middleware=[Middleware(Guard)],
    )
    app.state.box = box
    return app


async def _link(socket: WebSocket) -> None:
    box: Box = socket.app.state.box
    await box.hub.serve(socket)


async def _respond(request: Request) -> Response:
    box: Box = request.app.state.box

    async def perform() -> Response:
        try:
            body = await web_api.read(request)
            lease = box.responses.use(request.path_params["key"], now=box.now())
            speak(box, lease, body, method=RESPONSE_URL)
        except SlackError as error:
            note(box, RESPONSE_URL, error)
            return JSONResponse(error.answer(), status_code=404 if error.error.endswith("_url") else 400)
        return PlainTextResponse("ok")

    return await web_api.under_faults(box, perform, method=RESPONSE_URL, channel="", request=request)


async def _upload(request: Request) -> Response:
    box: Box = request.app.state.box

    async def perform() -> Response:
        return await _take(box, request)

    return await web_api.under_faults(box, perform, method=UPLOAD, channel="", request=request)


async def _take(box: Box, request: Request) -> Response:
    content = await request.body()
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form() as form:
            parts = [part for part in form.values() if not isinstance(part, str)]
            content = await parts[0].read() if parts else b""
    try:
        stored = files.receive(box, request.path_params["file_id"], content)
    except SlackError as error:
        note(box, UPLOAD, error)
        return JSONResponse(error.answer(), status_code=400)
    return PlainTextResponse(f"OK - {len(stored.content or b'')}")
