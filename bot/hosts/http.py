"""A small HTTP/1.1 GET over any stream: the status line within one deadline, and nothing else of the answer."""

import re
import socket
import ssl
import time
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

from bot.domain.observations import HttpAnswer

HEAD_BYTES = 65_536
STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: [^\r\n]*)?\r?\n")
LINE_BYTES = 4096


class Stream(Protocol):
    """What sockets and SSH channels have in common."""

    def settimeout(self, seconds: float, /) -> None: ...
    def sendall(self, data: bytes, /) -> None: ...
    def recv(self, size: int, /) -> bytes: ...


def address_of(url: str) -> tuple[str, int]:
    """Return the host and port that a URL names."""
    parts = urlsplit(url)
    return parts.hostname or "127.0.0.1", parts.port or (443 if parts.scheme == "https" else 80)


def ask(url: str, stream: Stream, *, began: float, deadline: float) -> HttpAnswer:
    """Ask over a connected stream; `began` and `deadline` are of time.monotonic. Never raises what the peer caused.

    Redirects are answers like others. A certificate is not checked: asked for on loopback, it names something else,
    and nothing secret is sent.
    """
    parts = urlsplit(url)
    talk: Stream = _Tls(stream, parts.hostname, deadline) if parts.scheme == "https" else stream
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = parts.netloc.rpartition("@")[2]
    request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: hangbot\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    try:
        return _answer(talk, request.encode(), began, deadline)
    except TimeoutError:
        return HttpAnswer(problem="timeout")
    except ssl.SSLError as error:
        return HttpAnswer(problem="malformed", detail=f"tls: {error.reason or 'failed'}".lower())
    except (OSError, EOFError):
        return HttpAnswer(problem="reset")


def guarded(reach: Callable[[], HttpAnswer]) -> HttpAnswer:
    """Turn what connecting raised into an answer."""
    try:
        return reach()
    except TimeoutError:
        return HttpAnswer(problem="timeout")
    except ConnectionRefusedError:
        return HttpAnswer(problem="refused")
    except ConnectionResetError:
        return HttpAnswer(problem="reset")
    except OSError as error:
        return HttpAnswer(problem="refused", detail=(error.strerror or str(error)).lower())


def ask_directly(url: str, *, timeout_s: float) -> HttpAnswer:
    """Ask from this machine."""
    began = time.monotonic()

    def reach() -> HttpAnswer:
        with socket.create_connection(address_of(url), timeout=timeout_s) as peer:
            return ask(url, peer, began=began, deadline=began + timeout_s)

    return guarded(reach)


def _answer(stream: Stream, request: bytes, began: float, deadline: float) -> HttpAnswer:
    _nap(stream, deadline)
    stream.sendall(request)
    head = b""
    while b"\n" not in head and len(head) < LINE_BYTES:
        _nap(stream, deadline)
        data = stream.recv(LINE_BYTES)
        if not data:
            return HttpAnswer(problem="malformed" if head else "reset")
        head += data
    found = STATUS_LINE.match(head)
    if not found:
        return HttpAnswer(problem="malformed")
    return HttpAnswer(status=int(found[1]), elapsed_ms=round((time.monotonic() - began) * 1000, 1))


def _nap(stream: Stream, deadline: float) -> None:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    stream.settimeout(left)


class _Tls:
    """TLS over a stream that is not a socket."""

    def __init__(self, stream: Stream, name: str | None, deadline: float) -> None:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self._stream, self._deadline = stream, deadline
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)

    def settimeout(self, seconds: float, /) -> None:
        self._stream.settimeout(seconds)

    def sendall(self, data: bytes, /) -> None:
        self._drive(self._tls.do_handshake)
        self._drive(lambda: self._tls.write(data))

    def recv(self, size: int, /) -> bytes:
        return self._drive(lambda: self._tls.read(size)) or b""

    def _drive(self, step: Callable[[], bytes | int | None]) -> bytes | None:
        """Repeat a step, moving bytes both ways, until it needs no more."""
        while True:
            try:
                result = step()
            except ssl.SSLWantReadError:
                self._flush()
                _nap(self._stream, self._deadline)
                data = self._stream.recv(16_384)
                if not data:
                    raise EOFError from None
                self._incoming.write(data)
            else:
                self._flush()
                return result if isinstance(result, bytes) else None

    def _flush(self) -> None:
        if data := self._outgoing.read():
            _nap(self._stream, self._deadline)
            self._stream.sendall(data)
