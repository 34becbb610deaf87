"""Notices that a socket has fallen silent while TCP stays open: slack_sdk sends pings, and nobody waits for the pong."""

from threading import Event, Thread
from time import monotonic
from typing import Any

from slack_sdk.socket_mode.websocket_client import SocketModeClient

from bot.ports import Telemetry

LOOK_EVERY_S = 1.0


class Pulse:
    """Opens a new connection where no pong has come for `silent_s` (three pings, and a little)."""

    def __init__(self, client: SocketModeClient, telemetry: Telemetry, *, silent_s: float) -> None:
        self._client, self._telemetry, self._silent_s = client, telemetry, silent_s
        self._seen: tuple[Any, float] = (None, 0.0)
        self._since = monotonic()
        self._ended = Event()
        self._thread = Thread(target=self._watch, name="pulse", daemon=True)

    @property
    def silent_for(self) -> float:
        """How long ago a pong was last seen, or a new connection."""
        return monotonic() - self._since

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()

    def _watch(self) -> None:
        while not self._ended.wait(LOOK_EVERY_S):
            if self._silent_for() > self._silent_s:
                self._begin_anew()

    def _silent_for(self) -> float:
        """Return how long this connection has lived without a pong, by a clock that never jumps."""
        session = self._client.current_session
        seen = (session, float(getattr(session, "last_pong_tm", 0.0)))
        if seen != self._seen:
            self._seen, self._since = seen, monotonic()
        return monotonic() - self._since

    def _begin_anew(self) -> None:
        self._telemetry.event("socket is silent, connecting anew", seconds=self._silent_s)
        self._since = monotonic()
        try:
            self._client.connect_to_new_endpoint(force=True)
        except Exception as error:  # noqa: BLE001 — the last boundary: whatever went wrong is tried again
            self._telemetry.failure("reconnect failed", error)
