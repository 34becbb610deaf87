"""The socket: slack_sdk's client, that neither loses an acknowledgement while it connects anew nor lingers at the end."""

import socket
import time
from contextlib import suppress

from slack_bolt import App
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from slack_sdk.socket_mode.websocket_client import SocketModeClient
from websocket import WebSocketException

ACK_WITHIN_S = 2.5
"""Slack gives up after 3 s (docs.slack.dev/interactivity/handling-user-interaction)."""
LOOK_AGAIN_S = 0.05
WAKES_WITHIN_S = 3.0


class Link(SocketModeClient):
    """slack_sdk gives an acknowledgement up where the old socket is closed and the new one not open yet, which is up to a
    second around each of Slack's own refreshes. Here it waits for the new one.
    """

    def send_message(self, message: str) -> None:
        """Send on the open socket, or on the next one. Raises WebSocketException where none opens in time."""
        end = time.monotonic() + ACK_WITHIN_S
        while not self._sent(message):
            if self.closed or time.monotonic() > end:
                raise WebSocketException("no socket was open to answer on")
            time.sleep(LOOK_AGAIN_S)

    def _sent(self, message: str) -> bool:
        session = self.current_session
        if session is None or not getattr(session.sock, "connected", False):
            return False
        try:
            session.send(message)
        except (WebSocketException, OSError):
            return False
        return True

    def hang_up(self) -> None:
        """End for good, soon.

        The thread that reads sleeps up to ten seconds if the socket is closed under it. So it is woken first, by the end
        of what it reads, and the socket closed when it has gone.
        """
        self.auto_reconnect_enabled = False
        runner, session = self.current_session_runner, self.current_session
        runner.event.set()  # else it would begin to read again
        raw = getattr(session.sock, "sock", None) if session is not None else None
        if session is not None and raw is not None:
            session.keep_running = False
            with suppress(OSError):
                raw.shutdown(socket.SHUT_RD)
            if runner.thread is not None:
                runner.thread.join(WAKES_WITHIN_S)
        self.close()


class Handler(SocketModeHandler):
    """bolt's handler over a `Link`, which it would otherwise make for itself."""

    def __init__(self, link: Link, app: App) -> None:
        self.app = app
        self.client = link
        link.socket_mode_request_listeners.append(self.handle)  # type: ignore[arg-type]  # as bolt itself does
