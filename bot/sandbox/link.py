"""Socket Mode: hands each envelope to one of the app's sockets and waits for its acknowledgement.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
import secrets
import uuid
from dataclasses import dataclass, field

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox import settings, wire
from bot.sandbox.changes import Changes
from bot.sandbox.deliveries import ACK_SECONDS, NobodyThereError, NotAcknowledgedError, Retries
from bot.sandbox.errors import Json

MAX_SOCKETS = 10


@dataclass(eq=False, kw_only=True)
class Line:
    """One open socket; `leaving` after a disconnect frame, `silent` while half open."""

    socket: WebSocket
    peer: wire.Peer
    leaving: bool = False
    silent: bool = False
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, frame: Json) -> None:
        """Send one frame; into the void when the line is silent or gone."""
        if self.silent or self.gone.is_set():
            return
        try:
            await self.socket.send_text(json.dumps(frame))
        except (RuntimeError, WebSocketDisconnect):
            self.gone.set()


class Hub:
    """All sockets of the app, and the envelopes that wait."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self.lines: list[Line] = []
        self.duplicates = 0
        self._tickets: set[str] = set()
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._turn = 0
        self._came = asyncio.Event()
        self._retries = Retries()
        self._tasks: set[asyncio.Task[None]] = set()

    def ticket(self) -> str:
        """Hand out a ticket for one connection."""
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        return ticket

    async def serve(self, socket: WebSocket) -> None:
        """Keep one connection until it ends."""
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await socket.close(code=4001)
            return
        self._tickets.discard(ticket)
        await socket.accept()
        line = Line(socket=socket, peer=wire.peer(socket.scope))
        if len(self.lines) >= MAX_SOCKETS:
            await line.send({"type": "disconnect", "reason": "too_many_websockets", "debug_info": {}})
            await socket.close()
            return
        self.lines.append(line)
        self._changes.bump()
        await line.send(self._hello())
        self._came.set()
        try:
            while True:
                self._read(await socket.receive_text())
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            line.gone.set()
            self.lines.remove(line)
            self._changes.bump()

    async def deliver(self, kind: str, payload: Json, *, accepts_payload: bool) -> Json:
        """Send one envelope and give what the app acknowledged with, `{}` when nothing.

        Raises NobodyThereError, and NotAcknowledgedError after ACK_SECONDS.
        """
        envelope_id = str(uuid.uuid4())
        frame = {
            "envelope_id": envelope_id, "payload": payload, "type": kind, "accepts_response_payload": accepts_payload,
        }  # fmt: skip
        return await self._send(frame, envelope_id)

    def emit(self, payload: Json) -> asyncio.Task[Json | None]:
        """Send an event, again while it is not acknowledged; gives the first try's acknowledgement or None."""
        envelope_id = str(uuid.uuid4())

        async def send(attempt: int, reason: str) -> Json:
            if attempt:
                await self._somebody()
            frame = {
                "envelope_id": envelope_id, "payload": payload, "type": "events_api",
                "accepts_response_payload": False, "retry_attempt": attempt, "retry_reason": reason,
            }  # fmt: skip
            return await self._send(frame, envelope_id)

        return self._retries.emit(send)

    async def _somebody(self) -> None:
        """Wait for a socket, up to a minute."""
        if not self._usable():
            self._came.clear()
            try:
                await asyncio.wait_for(self._came.wait(), 60)
            except TimeoutError as error:
                raise NobodyThereError from error

    async def _send(self, frame: Json, envelope_id: str) -> Json:
        line = self._pick()
        waiting = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = waiting
        copies = 2 if self.duplicates else 1
        self.duplicates = max(0, self.duplicates - 1)
        try:
            for _ in range(copies):
                await line.send(frame)
            answer: Json = await asyncio.wait_for(waiting, ACK_SECONDS)
        except TimeoutError as error:
            raise NotAcknowledgedError(lost=line.silent or line.gone.is_set()) from error
        finally:
            self._waiting.pop(envelope_id, None)
        return answer

    def _usable(self) -> list[Line]:
        return [line for line in self.lines if not line.gone.is_set()]

    def _pick(self) -> Line:
        usable = self._usable()
        if not usable:
            raise NobodyThereError
        staying = [line for line in usable if not line.leaving] or usable
        self._turn += 1
        return staying[self._turn % len(staying)]

    def _read(self, text: str) -> None:
        try:
            frame = json.loads(text)
        except ValueError:
            return
        if not isinstance(frame, dict):
            return
        waiting = self._waiting.get(str(frame.get("envelope_id")))
        if waiting is not None and not waiting.done():
            payload = frame.get("payload")
            # A bare string is an answer too: the text of the reply.
            waiting.set_result({"text": payload} if isinstance(payload, str) else payload or {})

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.lines),
            "debug_info": {"host": "sandbox", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": settings.APP_ID},
        }

    async def disconnect(self, reason: str, *, seconds: float) -> None:
        """Announce the end of every socket, and end it after `seconds`."""
        for line in list(self.lines):
            line.leaving = True
            await line.send({"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}})
            task = asyncio.create_task(_hang_up(line, seconds))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def reset(self) -> None:
        """Reset every connection at once."""
        for line in list(self.lines):
            wire.cut(line.peer)
            line.gone.set()

    def fall_silent(self) -> None:
        """Make every connection half open: nothing is sent or read any more."""
        for line in list(self.lines):
            line.silent = True
            wire.silence(line.peer)

    def heal(self) -> None:
        """End half-open connections (by a reset: what was lost stays lost) and duplicates."""
        self.duplicates = 0
        for line in [line for line in self.lines if line.silent]:
            wire.cut(line.peer)
            line.gone.set()


async def _hang_up(line: Line, seconds: float) -> None:
    await asyncio.sleep(seconds)
    if not line.gone.is_set():
        line.gone.set()
        try:
            await line.socket.close()
        except (RuntimeError, WebSocketDisconnect):
            return
