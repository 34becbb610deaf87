"""A channel of our own (RFC 4254, 5): opened, fed with bytes, closed, without a thread that waits for it."""

import struct
from collections.abc import Callable, Mapping
from typing import Protocol

WINDOW, PACKET = 1 << 20, 1 << 15
LONGEST_WHY = 200
OPEN, OPEN_SUCCESS, OPEN_FAILURE, ADJUST, DATA, EXTENDED, EOF, CLOSE, REQUEST, SUCCESS, FAILURE = range(
    90, 101
)
PROHIBITED, CONNECT_FAILED = 1, 2  # RFC 4254, 5.1
HEAD = struct.Struct(">BI")
DATA_HEAD = struct.Struct(">BII")
OPENED = struct.Struct(">IIII")


class Carrier(Protocol):
    """The connection that a channel is on."""

    def send(self, payload: bytes) -> None: ...
    def drop(self, number: int) -> None: ...


def text(words: bytes) -> bytes:
    """Return a string as SSH writes it: its length first."""
    return len(words).to_bytes(4) + words


class Feed:
    """What a channel says goes to the methods below `opened`, which are for whoever has something to ask."""

    kind = b"session"

    def __init__(self) -> None:
        self._link: Carrier | None = None
        self._number = self._theirs = 0
        self._window = self._largest = 0
        self._got = 0
        self._unsent = bytearray()
        self.is_open = False
        self.is_over = False
        self.why = ""
        """What the peer said where it refused to open the channel."""
        self._leaving = False

    # --- for whoever asks

    def opened(self) -> None: ...
    def refused(self, code: int) -> None: ...
    def replied(self, *, well: bool) -> None: ...
    def received(self, data: bytes) -> None: ...
    def complained(self, data: bytes) -> None: ...
    def exited(self) -> None: ...
    def ended(self) -> None:
        """Nothing more will come: the peer is done, the channel closed, or the connection gone."""

    def details(self) -> bytes:
        """Return what the request to open it says more."""
        return b""

    def request(self, name: bytes, more: bytes) -> None:
        """Ask for something, a command for instance; the answer comes to `replied`."""
        self._say(HEAD.pack(REQUEST, self._theirs) + text(name) + b"\1" + more)

    def send(self, data: bytes) -> None:
        """Send, as far as the peer has room; the rest when it has."""
        self._unsent += data
        self._flush()

    def close(self) -> None:
        """Say that it is over; one that is not open yet is closed as soon as it is."""
        if self._leaving or self.is_over:
            return
        self._leaving = True
        if self.is_open:
            self._say(HEAD.pack(CLOSE, self._theirs))

    # --- for the link

    def open(self, link: Carrier, number: int) -> None:
        self._link, self._number = link, number
        link.send(
            bytes((OPEN,)) + text(self.kind) + struct.pack(">III", number, WINDOW, PACKET) + self.details()
        )

    def lost(self) -> None:
        """Take note that the connection is gone."""
        self._finish()

    def handle(self, kind: int, raw: bytes) -> None:
        """Take in one message; `raw` begins with our number."""
        if kind == DATA:
            self._heard(raw, 4, self.received)
        elif (step := STEPS.get(kind)) is not None:
            step(self, raw)

    def _heard(self, raw: bytes, at: int, tell: Callable[[bytes], None]) -> None:
        size = int.from_bytes(raw[at : at + 4])
        self._count(size)
        if not self._leaving:
            tell(raw[at + 4 : at + 4 + size])

    def _complained(self, raw: bytes) -> None:
        self._heard(raw, 8, self.complained)

    def _adjusted(self, raw: bytes) -> None:
        self._window += int.from_bytes(raw[4:8])
        self._flush()

    def _failed(self, raw: bytes) -> None:
        size = int.from_bytes(raw[8:12])
        self.why = raw[12 : 12 + min(size, LONGEST_WHY)].decode(errors="replace")
        self._finish(refused=int.from_bytes(raw[4:8]))

    def _closed(self, raw: bytes) -> None:
        del raw
        if not self._leaving:
            self._say(HEAD.pack(CLOSE, self._theirs))
        self._finish()

    def _succeeded(self, raw: bytes) -> None:
        del raw
        if not self._leaving:
            self.replied(well=True)

    def _was_refused(self, raw: bytes) -> None:
        del raw
        if not self._leaving:
            self.replied(well=False)

    def _said_all(self, raw: bytes) -> None:
        del raw
        if not self._leaving:
            self.ended()

    def _begin(self, raw: bytes) -> None:
        _, self._theirs, self._window, self._largest = OPENED.unpack_from(raw)
        self.is_open = True
        if self._leaving:
            self._say(HEAD.pack(CLOSE, self._theirs))
        else:
            self.opened()
            self._flush()

    def _requested(self, raw: bytes) -> None:
        """Answer a request as far as it wants one (keepalives do); an exit status ends what we wait for."""
        size = int.from_bytes(raw[4:8])
        name, wants_reply = raw[8 : 8 + size], raw[8 + size : 9 + size] == b"\1"
        if wants_reply:
            self._say(HEAD.pack(FAILURE, self._theirs))
        if name in (b"exit-status", b"exit-signal") and not self._leaving:
            self.exited()

    def _count(self, size: int) -> None:
        """Count what came, and give the peer room again before it has none."""
        self._got += size
        if self._got >= WINDOW // 2:
            self._say(HEAD.pack(ADJUST, self._theirs) + self._got.to_bytes(4))
            self._got = 0

    def _flush(self) -> None:
        while self._unsent and self.is_open and not self._leaving:
            size = min(len(self._unsent), self._window, self._largest)
            if size <= 0:
                return
            self._say(DATA_HEAD.pack(DATA, self._theirs, size) + self._unsent[:size])
            self._window -= size
            del self._unsent[:size]

    def _finish(self, *, refused: int | None = None) -> None:
        if self.is_over:
            return
        self.is_over, self.is_open = True, False
        if self._link is not None:
            self._link.drop(self._number)
        if self._leaving:
            return
        self._leaving = True
        if refused is None:
            self.ended()
        else:
            self.refused(refused)

    def _say(self, payload: bytes) -> None:
        if self._link is not None:
            self._link.send(payload)


STEPS: Mapping[int, Callable[[Feed, bytes], None]] = {
    OPEN_SUCCESS: Feed._begin,
    OPEN_FAILURE: Feed._failed,
    ADJUST: Feed._adjusted,
    EXTENDED: Feed._complained,
    EOF: Feed._said_all,
    CLOSE: Feed._closed,
    REQUEST: Feed._requested,
    SUCCESS: Feed._succeeded,
    FAILURE: Feed._was_refused,
}


class Asked(Feed):
    """A channel that runs one command."""

    def __init__(self, line: str) -> None:
        super().__init__()
        self._line = line.encode()

    def opened(self) -> None:
        self.request(b"exec", text(self._line))
        self._line = b""  # a script of some KiB, said once by each of a thousand


class Forwarded(Feed):
    """A channel to an address as seen from the host."""

    kind = b"direct-tcpip"

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__()
        self._address = address

    def details(self) -> bytes:
        host, port = self._address
        return text(host.encode()) + port.to_bytes(4) + text(b"127.0.0.1") + (0).to_bytes(4)
