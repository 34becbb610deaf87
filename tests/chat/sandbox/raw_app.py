"""An app at the level of frames: it acknowledges only what a test tells it to."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import websocket

from tests.sandbox_process import APP_TOKEN, Sandbox

Json = dict[str, Any]


class RawApp:
    """One Socket Mode connection."""

    def __init__(self, sandbox: Sandbox) -> None:
        opened = sandbox.api("apps.connections.open", token=APP_TOKEN)
        assert opened["ok"], opened
        self.socket = websocket.create_connection(opened["url"], timeout=20)
        self.hello = self.receive()

    def receive(self, seconds: float = 20) -> Json:
        """Give the next frame; raises websocket.WebSocketTimeoutException."""
        self.socket.settimeout(seconds)
        text = self.socket.recv()
        if not text:
            raise websocket.WebSocketConnectionClosedException("the sandbox closed the connection")
        return json.loads(text)

    def nothing_comes(self, seconds: float) -> bool:
        """Tell whether no frame came for so long."""
        try:
            self.receive(seconds)
        except websocket.WebSocketTimeoutException:
            return True
        return False

    def ack(self, frame: Json, payload: Any = None) -> None:
        """Acknowledge an envelope."""
        body = {"envelope_id": frame["envelope_id"]}
        self.socket.send(json.dumps(body if payload is None else {**body, "payload": payload}))


@contextlib.contextmanager
def raw_app(sandbox: Sandbox) -> Iterator[RawApp]:
    app = RawApp(sandbox)
    try:
        yield app
    finally:
        app.socket.close(timeout=1)
