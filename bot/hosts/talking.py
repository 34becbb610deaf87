"""A short conversation over any stream, through TLS where that is wanted. Certificates are looked at, not believed: what is
asked on its own host has another name than its own.
"""

import ssl
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

from bot.domain.checks import Reply, Talk
from bot.domain.errors import HostFailure
from bot.hosts.http import Stream
from bot.ports import Clock

CHUNK = 16_384
MOST_BYTES = 262_144
T = TypeVar("T")


class NoTls(Exception):
    """The handshake failed; the text says why."""


class Encrypted:
    """A stream with TLS inside; the handshake is done at once. Raises NoTls, TimeoutError and what the stream raises."""

    def __init__(self, stream: Stream, name: str, *, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_hostname=name or None)
        self._until_done(self._tls.do_handshake)

    def certificate(self) -> bytes:
        """Return the server's certificate as DER."""
        return self._tls.getpeercert(binary_form=True) or b""

    def settimeout(self, seconds: float) -> None:
        self._stream.settimeout(seconds)

    def sendall(self, data: bytes) -> None:
        self._until_done(lambda: self._tls.write(data))

    def recv(self, size: int) -> bytes:
        try:
            return self._until_done(lambda: self._tls.read(size)) or b""
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""

    def _until_done(self, step: Callable[[], T]) -> T:
        while True:
            try:
                done = step()
            except ssl.SSLWantReadError:
                self._flush()
                if time.monotonic() >= self._deadline:
                    raise TimeoutError from None
                data = self._stream.recv(CHUNK)
                if data:
                    self._in.write(data)
                else:
                    self._in.write_eof()
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                raise
            except ssl.SSLError as error:
                raise NoTls((error.reason or "failed").lower().replace("_", " ")) from error
            else:
                self._flush()
                return done

    def _flush(self) -> None:
        if waiting := self._out.read():
            self._stream.sendall(waiting)


def talk(opened: Callable[[], AbstractContextManager[Stream]], wanted: Talk, *, clock: Clock) -> Reply:
    """Have the conversation; never raises what the host or the peer is to blame for."""
    began = time.monotonic()

    def reply(text: bytes = b"", problem: str = "", detail: str = "") -> Reply:
        took = (time.monotonic() - began) * 1000
        return Reply(at=clock.now(), text=text, took_ms=took, problem=problem, detail=detail)

    try:
        with opened() as stream:
            return reply(_heard(stream, wanted, began + wanted.within_s))
    except HostFailure as failure:
        return reply(problem="unavailable", detail=failure.reason)
    except NoTls as error:
        return reply(problem="no_tls", detail=str(error))
    except ConnectionRefusedError:
        return reply(problem="refused")
    except TimeoutError:
        return reply(problem="timeout", detail=f"{wanted.within_s:g} s")
    except (OSError, EOFError, ssl.SSLError):
        return reply(problem="reset")


def _heard(stream: Stream, wanted: Talk, deadline: float) -> bytes:
    stream.settimeout(max(0.05, deadline - time.monotonic()))
    speaking = stream if wanted.tls is None else Encrypted(stream, wanted.tls, deadline=deadline)
    if wanted.certificate and isinstance(speaking, Encrypted):
        return speaking.certificate()
    if wanted.request:
        speaking.sendall(wanted.request)
    heard = b""
    while not wanted.enough(heard) and len(heard) < MOST_BYTES:
        if time.monotonic() >= deadline:
            raise TimeoutError
        stream.settimeout(max(0.05, deadline - time.monotonic()))
        try:
            data = speaking.recv(MOST_BYTES - len(heard))
        except ConnectionResetError:  # what it said before still counts
            break
        if not data:
            break
        heard += data
    if wanted.request and not heard:
        raise ConnectionResetError
    return heard
