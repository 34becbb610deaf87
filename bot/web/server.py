"""waitress in a thread: requests are read by one loop however slowly they come, and answered from a few threads."""

import socket
import threading
import time
from collections.abc import Mapping
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher
from waitress.utilities import Error

from bot.ports import Telemetry
from bot.web.pages import Application, Route

THREADS = 16
MOST_BODY_BYTES = 1 << 20
MOST_HEADER_BYTES = 16 << 10
MOST_CONNECTIONS = 500
REQUEST_WITHIN_S = 10.0
"""From the first byte of a request to its last. Slack itself gives up after 3 s."""
IDLE_S = 30
ENDS_WITHIN_S = 1.0
LIMITS: Mapping[str, Any] = {
    "max_request_body_size": MOST_BODY_BYTES + 1,  # waitress refuses from there on
    "max_request_header_size": MOST_HEADER_BYTES,
    "connection_limit": MOST_CONNECTIONS,
    "channel_timeout": IDLE_S,
    "cleanup_interval": 1,
    "asyncore_use_poll": True,  # select() knows no descriptor above 1023, and we may have hundreds of SSH connections
    "log_socket_errors": False,
    "ident": None,
}


class TooSlow(Error):  # type: ignore[misc]  # waitress ships no types
    """waitress' answer to a request that does not come to its end."""

    code, reason = 408, "Request Timeout"


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection, which knows since when its request has been coming in."""

    since = 0.0
    request: Any = None

    def received(self, data: bytes) -> bool:
        if self.request is None:
            self.since = time.monotonic()
        return bool(super().received(data))

    def give_up(self) -> None:
        """Answer a request that is still coming in, and end the connection with it."""
        with self.requests_lock:
            late, self.request = self.request, None
            if late is None or self.requests:
                return
            late.error, late.completed = TooSlow("It did not come to its end in time."), True
            late.connection_close = True
            self.requests.append(late)
        self.server.add_task(self)


class Listener(TcpWSGIServer):  # type: ignore[misc]
    """waitress' server, which also ends requests that drip in: byte by byte they would count as active for ever."""

    channel_class = Channel
    request_within_s = REQUEST_WITHIN_S

    def maintenance(self, now: float) -> None:
        super().maintenance(now)
        late = time.monotonic() - self.request_within_s
        for channel in list(self.active_channels.values()):
            if channel.request is not None and channel.since < late:
                channel.give_up()


class Server:
    """Serves on a socket that listens already."""

    def __init__(
        self,
        listener: socket.socket,
        routes: Mapping[str, Route],
        telemetry: Telemetry,
        *,
        request_within_s: float = REQUEST_WITHIN_S,
    ) -> None:
        self._telemetry = telemetry
        self._sockets: dict[int, Any] = {}
        self._dispatcher = ThreadedTaskDispatcher()
        self._dispatcher.set_thread_count(THREADS)
        self._server = Listener(
            Application(routes, telemetry),
            self._sockets,
            _sock=listener,
            dispatcher=self._dispatcher,
            adj=Adjustments(sockets=[listener], **LIMITS),
            sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
            bind_socket=False,
        )
        self._server.request_within_s = request_within_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="web", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End within about a second: what is being answered may finish until then."""
        self._dispatcher.shutdown(timeout=ENDS_WITHIN_S)
        self._ended.set()
        if self._thread.is_alive():
            self._server.pull_trigger()
            self._thread.join(ENDS_WITHIN_S)
        wasyncore.close_all(self._sockets, ignore_all=True)

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                wasyncore.loop(timeout=1.0, use_poll=True, map=self._sockets, count=1)
            except Exception as error:  # noqa: BLE001 — the last boundary: one connection must not end the others
                self._telemetry.failure("web server stumbled", error)
                self._ended.wait(0.1)
