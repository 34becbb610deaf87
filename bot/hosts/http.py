"""A small HTTP/1.1 GET over any stream: the status line within one deadline, and nothing else of the answer."""

import re
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Protocol
from urllib.parse import urlsplit

from bot.domain.observations import HttpAnswer

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


class Conversation:
    """What is said and heard; moving the bytes is up to whoever holds it. `answer` is there once it is known.

    Redirects are answers like others. A certificate is not checked: asked for on loopback, it names something else,
    and nothing secret is sent.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        host = parts.netloc.rpartition("@")[2]
        request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: hangbot\r\nAccept: */*\r\nConnection: close\r\n\r\n"
        self._request = request.encode()
        self._tls = _Tls(parts.hostname) if parts.scheme == "https" else None
        self._head = b""
        self.answer: HttpAnswer | None = None

    def begin(self) -> bytes:
        """Return what is to be sent first."""
        return self._request if self._tls is None else self._through(self._tls, b"")

    def received(self, data: bytes) -> bytes:
        """Take in what came; return what is to be sent now, often nothing."""
        if self._tls is not None:
            return self._through(self._tls, data)
        self._read(data)
        return b""

    def ended(self) -> HttpAnswer:
        """Return what it means that the peer says no more."""
        return self.answer or HttpAnswer(problem="malformed" if self._head else "reset")

    def _through(self, tls: "_Tls", data: bytes) -> bytes:
        try:
            plain, out = tls.step(data, self._request)
        except ssl.SSLError as error:
            detail = f"tls: {error.reason or 'failed'}".lower()
            self.answer = HttpAnswer(problem="malformed", detail=detail)
            return b""
        self._read(plain)
        return out

    def _read(self, data: bytes) -> None:
        self._head += data[: LINE_BYTES - len(self._head)]
        if b"\n" in self._head or len(self._head) >= LINE_BYTES:
            found = STATUS_LINE.match(self._head)
            self.answer = HttpAnswer(status=int(found[1])) if found else HttpAnswer(problem="malformed")


def timed(answer: HttpAnswer, *, began: float) -> HttpAnswer:
    """Return an answer with how long it took, if it is one; `began` is of time.monotonic."""
    if answer.problem is not None:
        return answer
    return replace(answer, elapsed_ms=round((time.monotonic() - began) * 1000, 1))


def ask(url: str, stream: Stream, *, began: float, deadline: float) -> HttpAnswer:
    """Ask over a connected stream; `began` and `deadline` are of time.monotonic. Never raises what the peer caused."""
    talk = Conversation(url)
    try:
        _send(stream, talk.begin(), deadline)
        while talk.answer is None:
            _nap(stream, deadline)
            data = stream.recv(LINE_BYTES)
            if not data:
                return talk.ended()
            _send(stream, talk.received(data), deadline)
    except TimeoutError:
        return HttpAnswer(problem="timeout")
    except (OSError, EOFError):
        return HttpAnswer(problem="reset")
    return timed(talk.answer, began=began)


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


def _send(stream: Stream, data: bytes, deadline: float) -> None:
    if data:
        _nap(stream, deadline)
        stream.sendall(data)


def _nap(stream: Stream, deadline: float) -> None:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    stream.settimeout(left)


@cache
def _trusting() -> ssl.SSLContext:
    """Return what takes any certificate; made once, it costs milliseconds."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class _Tls:
    """TLS that is moved along by hand, for streams that are no sockets."""

    def __init__(self, name: str | None) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = _trusting().wrap_bio(self._incoming, self._outgoing, server_hostname=name)
        self._shaken = False

    def step(self, data: bytes, request: bytes) -> tuple[bytes, bytes]:
        """Take in what came, say `request` once that is possible; return what was read, and what is to be sent."""
        self._incoming.write(data)
        plain = b""
        try:
            if not self._shaken:
                self._tls.do_handshake()
                self._shaken = True
                self._tls.write(request)
            while len(plain) < LINE_BYTES and (more := self._tls.read(LINE_BYTES)):
                plain += more
        except (ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            pass
        return plain, self._outgoing.read()
