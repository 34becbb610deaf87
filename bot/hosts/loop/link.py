"""One connection that the reactor reads and writes: paramiko's keys and packets, without paramiko's thread.

What paramiko does between two packets (`Transport.run` of 5.1) is done here in the same order. Its own channels go on
working: a script that another thread runs over the same connection is answered from here.
"""

import threading
from collections.abc import Callable
from contextlib import suppress

from paramiko import Message
from paramiko.common import (
    MSG_CHANNEL_CLOSE,
    MSG_DEBUG,
    MSG_DISCONNECT,
    MSG_IGNORE,
    MSG_UNIMPLEMENTED,
    cMSG_UNIMPLEMENTED,
)
from paramiko.ssh_exception import SSHException

from bot.hosts.loop.feed import Feed
from bot.hosts.loop.packets import LENGTH_BYTES, TAG_BYTES, Packets
from bot.hosts.loop.reactor import Reactor
from bot.hosts.wire import LARGEST_PACKET, TooMuch, Transport

CHUNK = 262_144
MOST_UNSENT = 8_000_000
"""More than this stands in no host's way but its own: the windows of its channels end far below."""
OURS_FROM = 0x4000_0000
"""Numbers of our own channels; paramiko counts its own from 0 and stays below 2^24."""
MOST_CHANNELS_SEEN = 512
KEX = range(30, 42)
CHANNELS = range(91, 101)
"""Messages that begin with the number of a channel (RFC 4250, 4.1.2)."""


class Link:
    """Fulfils wire.Keeper and reactor.Watched. Everything but `take`, `put` and `wake` belongs to the reactor's thread."""

    def __init__(
        self, reactor: Reactor, transport: Transport, *, lost: Callable[["Link", BaseException | None], None]
    ) -> None:
        self.transport = transport
        self.reactor = reactor
        self._lost = lost
        self._fast = Packets(transport.packetizer)
        self._socket = transport.guard
        self._number = transport.guard.fileno()
        self._inbox = bytearray()
        self._at = 0
        self._outbox = bytearray()
        self._out = threading.Lock()
        self._kept: list[bytes] = []
        self._feeds: dict[int, Feed] = {}
        self._next = OURS_FROM
        self._dead = False

    def begin(self) -> None:
        """Take over; to be called once, in the reactor's thread, of a transport that is parked."""
        self._socket.keep(self)
        self.reactor.watch(self)

    # --- for paramiko

    def take(self, size: int) -> bytes:
        found = bytes(self._inbox[self._at : self._at + size])
        if len(found) < size:
            raise SSHException("a packet is longer than it says")
        self._at += size
        return found

    def put(self, data: bytes) -> None:
        with self._out:
            if self._dead:
                raise BrokenPipeError
            taken = 0 if self._outbox else self._socket.send_now(data)
            if taken == len(data):
                return
            self._outbox += memoryview(data)[taken:]
            if len(self._outbox) > MOST_UNSENT:
                raise BrokenPipeError("the peer stopped reading")
        self.reactor.call(self._want)

    def user_message(self, message: Message) -> bool:
        if not self.reactor.is_here:
            return False
        self.send(message.asbytes())
        return True

    def wake(self) -> None:
        self.reactor.call(self._check)

    # --- for our own channels

    @property
    def alive(self) -> bool:
        return not self._dead and self.transport.is_active()

    def add(self, feed: Feed) -> None:
        """Give a channel its number and open it."""
        self._next += 1
        self._feeds[self._next] = feed
        feed.open(self, self._next)

    def drop(self, number: int) -> None:
        self._feeds.pop(number, None)

    def send(self, payload: bytes) -> None:
        """Send a message; while keys are being changed it is kept until that is over (RFC 4253, 7.1)."""
        if self._dead:
            return
        if self.transport.clear_to_send.is_set():
            self._send(payload)
        else:
            self._kept.append(payload)

    def _send(self, payload: bytes) -> None:
        try:
            if not self._fast.send(payload, self.put):
                self.transport.packetizer.send_message(_Payload(payload))  # type: ignore[arg-type]
        except (EOFError, OSError, SSHException) as error:
            self.broke(error)

    # --- for the reactor

    def fileno(self) -> int:
        return self._number

    def writable(self) -> None:
        with self._out:
            if self._outbox:
                del self._outbox[: self._socket.send_now(self._outbox)]
            more = bool(self._outbox)
        if not more:
            self.reactor.want(self, writable=False)

    def readable(self) -> None:
        if self._dead:
            return
        try:
            data = self._socket.receive_now(CHUNK)
        except BlockingIOError:
            return
        if not data:
            raise EOFError
        self._inbox += data
        self._packets()

    def broke(self, error: BaseException | None) -> None:
        """End it: what `Transport.run` does at its end, then our own channels."""
        if self._dead:
            return
        with self._out:
            self._dead = True
        self.reactor.forget(self)
        transport = self.transport
        transport.saved_exception = error if isinstance(error, Exception) else None
        transport.active = False
        for channel in list(transport._channels.values()):
            channel._unlink()
        transport.packetizer.close()
        if transport.auth_handler is not None:
            with suppress(Exception):
                transport.auth_handler.abort()
        for event in list(transport.channel_events.values()):
            event.set()
        if transport.completion_event is not None:
            transport.completion_event.set()
        self._socket.end()
        feeds, self._feeds = list(self._feeds.values()), {}
        for feed in feeds:
            feed.lost()
        self._lost(self, error)

    def _want(self) -> None:
        if not self._dead:
            self.reactor.want(self, writable=True)

    def _check(self) -> None:
        """Look whether another thread closed it."""
        if not self.transport.is_active() or self.transport.packetizer.closed:
            self.broke(None)

    # --- packets

    def _packets(self) -> None:
        """Handle every packet that is there whole."""
        packetizer, box = self.transport.packetizer, self._inbox
        while not self._dead and len(box) - self._at >= 4:
            size = int.from_bytes(box[self._at : self._at + 4])
            if size > LARGEST_PACKET:
                raise TooMuch(f"announces a packet of {size} bytes")
            if len(box) - self._at < 4 + size + packetizer.get_mac_size_in():
                break
            if (found := self._fast.read(box, self._at, size)) is not None:
                self._at += LENGTH_BYTES + size + TAG_BYTES
                self._handle(*found)
            else:
                kind, message = packetizer.read_message()
                self._handle(kind, message.seqno, message.asbytes())
        if self._at:
            del box[: self._at]
            self._at = 0
        if self._dead:
            return
        if packetizer.need_rekey() and not self.transport.in_kex:
            self.transport._send_kex_init()
        if self._kept and self.transport.clear_to_send.is_set():
            kept, self._kept = self._kept, []
            for payload in kept:
                self.send(payload)

    def _handle(self, kind: int, number: int, raw: bytes) -> None:
        if kind in CHANNELS:
            feed = self._feeds.get(int.from_bytes(raw[:4]))
            if feed is not None:
                feed.handle(kind, raw)
                return
        message = Message(raw)
        message.seqno = number
        if not self._is_aside(kind, message) and not self._is_of_kex(kind, message):
            self._ordinary(kind, message)

    def _is_aside(self, kind: int, message: Message) -> bool:
        """Handle what may come at any time (RFC 4253, 11)."""
        if kind == MSG_DISCONNECT:
            self.transport._parse_disconnect(message)
            raise EOFError
        if kind == MSG_DEBUG:
            self.transport._parse_debug(message)
        return kind in (MSG_DEBUG, MSG_IGNORE)

    def _is_of_kex(self, kind: int, message: Message) -> bool:
        """Handle a step of a change of keys, if that is what is expected."""
        transport = self.transport
        expected = transport._expected_packet
        if not expected:
            return False
        if kind not in expected:
            raise SSHException(f"expected packet {expected}, got {kind}")
        transport._expected_packet = ()
        if kind not in KEX:
            return False
        transport.kex_engine.parse_next(kind, message)
        return True

    def _ordinary(self, kind: int, message: Message) -> None:
        transport = self.transport
        if kind in transport._handler_table:
            transport._handler_table[kind](message)
        elif kind in transport._channel_handler_table:
            self._channel(kind, message)
        elif kind != MSG_UNIMPLEMENTED:
            reply = Message()
            reply.add_byte(cMSG_UNIMPLEMENTED)
            reply.add_int(message.seqno)
            self.send(reply.asbytes())

    def _channel(self, kind: int, message: Message) -> None:
        """Handle what is for one of paramiko's channels."""
        transport = self.transport
        number = message.get_int()
        channel = transport._channels.get(number)
        if channel is not None:
            transport._channel_handler_table[kind](channel, message)
        elif number in transport.channels_seen:
            if kind == MSG_CHANNEL_CLOSE and len(transport.channels_seen) > MOST_CHANNELS_SEEN:
                transport.channels_seen.pop(next(iter(transport.channels_seen)))
        elif number < OURS_FROM:
            raise SSHException(f"speaks of a channel {number} that never was")


class _Payload:
    """A message that is bytes already."""

    __slots__ = ("_bytes",)

    def __init__(self, payload: bytes) -> None:
        self._bytes = payload

    def asbytes(self) -> bytes:
        return self._bytes
