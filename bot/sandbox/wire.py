"""Connections that can be cut or go silent on purpose: uvicorn's protocols, with a register of the open ones."""

import asyncio
import socket
import struct
from typing import cast

from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

Peer = tuple[str, int]
_open: dict[Peer, asyncio.Transport] = {}
_silent: set[Peer] = set()


class Http(H11Protocol):
    """HTTP/1.1 whose connection can be cut by its peer's address."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Register the connection."""
        super().connection_made(transport)
        if self.client:
            _open[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        super().connection_lost(exc)
        if self.client:
            _open.pop(self.client, None)


class Link(WebSocketsSansIOProtocol):
    """A WebSocket that can stop to read and to answer pings, while TCP stays open."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Register the connection, which an Http had before."""
        super().connection_made(transport)
        if self.client:
            _open[self.client] = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        super().connection_lost(exc)
        if self.client:
            _open.pop(self.client, None)
            _silent.discard(self.client)

    def data_received(self, data: bytes) -> None:
        """Read, unless silenced."""
        if self.client not in _silent:
            super().data_received(data)


def peer(scope: Scope) -> Peer:
    """Give the caller's address, the key of its connection."""
    host, port = scope["client"]
    return host, port


def cut(who: Peer) -> None:
    """Reset the connection at once: what was not sent yet is lost."""
    transport = _open.get(who)
    if transport is None:
        return
    raw = transport.get_extra_info("socket")
    if raw is not None:
        # Linger 0 makes the close an RST, as a broken middlebox does it.
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def silence(who: Peer) -> None:
    """Read nothing more from this peer and leave its pings unanswered."""
    _silent.add(who)


def hear_all() -> None:
    """End every silence."""
    _silent.clear()


def send_half(who: Peer, body: bytes) -> None:
    """Answer with half of the body under a header that promises all of it, then close."""
    transport = _open.get(who)
    if transport is None:
        return
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    transport.write(head.encode() + body[: len(body) // 2])
    transport.close()
