"""A socket that a hostile SSH server cannot use to hold us or to fill our memory, and the transport on top of it."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, Protocol

import paramiko
from paramiko import Message
from paramiko.ssh_exception import SSHException
from paramiko.transport import _active_threads  # type: ignore[attr-defined]

LARGEST_PACKET = 300_000  # OpenSSH's own limit is 256 KiB (PACKET_MAX_SIZE in packet.h)
BEFORE_LOGIN_BYTES = 512_000
FIRST_BYTES = 4096
STALL_S = 10.0
WEAK = {
    "ciphers": ["aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc"],
    "macs": ["hmac-sha1", "hmac-sha1-96", "hmac-md5", "hmac-md5-96"],
    "keys": ["ssh-rsa", "ssh-dss"],
    "pubkeys": ["ssh-rsa", "ssh-dss"],
}


class TooMuch(SSHException):
    """The peer sent, or announced, more than a sane one does."""


ALIVE = {
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE): 1,
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE): 8,
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL): 4,
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT): 3,
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT): 20_000,
}
"""tcp(7): a peer that is gone without a word is noticed within 20 s, also while a long command says nothing."""


class TooLate(SSHException):
    """The deadline passed before the login was done."""


class Handover(BaseException):
    """Ends paramiko's thread between two packets; no `except Exception` of its loop may take it for a fault."""


class Keeper(Protocol):
    """Who moves the bytes of a connection whose thread has ended."""

    def take(self, size: int) -> bytes:
        """Return exactly so many bytes that came."""
        ...

    def put(self, data: bytes) -> None:
        """Send, or keep what the kernel does not take yet; never waits. Raises OSError where that is too much."""
        ...

    def user_message(self, message: Message) -> bool:
        """Send, or keep until the keys are changed, if the caller is the keeper's own thread; else return False."""
        ...

    def wake(self) -> None:
        """Look at the socket: it was shut down."""
        ...


class GuardedSocket(socket.socket):
    """Ends the connection where paramiko alone would wait or read for ever.

    Until `logged_in`, every read keeps `deadline` (of time.monotonic) and all reads together a byte cap. A read of
    more than one packet can hold is a claim from the wire (the length is not authenticated yet): refused.
    """

    deadline: float = 0.0
    received = 0
    first = b""
    received_at = 0.0
    trusted = False
    keeper: Keeper | None = None
    settled: Callable[[], None] | None = None
    """Called once, when the login is done or has failed."""

    def connected(self, deadline: float) -> None:
        """Begin to guard; `deadline` is when the login must be done."""
        self.deadline = deadline
        if self.is_tcp:
            self.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def logged_in(self) -> None:
        self.trusted = True
        if self.is_tcp:
            for option, value in ALIVE.items():
                self.setsockopt(*option, value)
        self.settimeout(STALL_S)
        self._settle()

    @property
    def is_tcp(self) -> bool:
        """Whether it leads to the host itself, and not to what carries the bytes there."""
        return self.family != socket.AF_UNIX

    def _settle(self) -> None:
        settled, self.settled = self.settled, None
        if settled is not None:
            settled()

    def settimeout(self, value: float | None) -> None:
        """Keep short naps until the login is done, so that the deadline is looked at, whatever paramiko asks for."""
        super().settimeout(value if self.trusted or self.deadline == 0.0 else 0.2)

    @property
    def speaks_otherwise(self) -> bool:
        """Whether something was said and it is no SSH: neither a banner nor sshd's own word that it is busy."""
        known = (b"SSH-", b"MaxStartups", b"Not allowed at this time")
        return bool(self.first) and not any(word in self.first for word in known)

    def recv(self, size: int, flags: int = 0) -> bytes:
        if self.keeper is not None:
            return self.keeper.take(size)
        if size > LARGEST_PACKET:
            raise TooMuch(f"announces a packet of {size} bytes")
        try:
            data = super().recv(size, flags)
        except TimeoutError:
            self._check_deadline()
            raise
        self.received_at = time.monotonic()
        if not self.trusted:
            self.received += len(data)
            self.first += data[: FIRST_BYTES - len(self.first)]
            if self.received > BEFORE_LOGIN_BYTES:
                raise TooMuch("floods before the login")
            self._check_deadline()
        return data

    def send(self, data: bytes, flags: int = 0) -> int:  # type: ignore[override]  # paramiko sends bytes alone
        if self.keeper is not None:
            self.keeper.put(data)
            return len(data)
        try:
            return super().send(data, flags)
        except TimeoutError:
            self._check_deadline()
            if self.trusted:  # paramiko repeats a timed-out send for ever
                raise BrokenPipeError("the peer stopped reading") from None
            raise

    def drop_unsent(self) -> None:
        """Throw away, when it is closed, what the kernel has not sent: else it clogs the link for minutes."""
        with suppress(OSError):
            self.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def close(self) -> None:
        """Close, and wake the thread that reads: closing alone does not. One that is kept is closed by its keeper."""
        self._settle()
        with suppress(OSError):
            self.shutdown(socket.SHUT_RDWR)
        if self.keeper is not None:
            self.keeper.wake()
            return
        super().close()

    def keep(self, keeper: Keeper) -> None:
        """Hand the moving of bytes over; nothing here waits any more."""
        self.keeper = keeper
        super().settimeout(0.0)

    # for the keeper alone: the socket itself

    def receive_now(self, size: int) -> bytes:
        """Return what is there; BlockingIOError where nothing is, an empty text at the end."""
        data = super().recv(size)
        self.received_at = time.monotonic()
        return data

    def send_now(self, data: bytes | bytearray) -> int:
        """Return how much the kernel took."""
        try:
            return super().send(data)
        except BlockingIOError:
            return 0

    def end(self) -> None:
        super().close()

    def _check_deadline(self) -> None:
        if not self.trusted and time.monotonic() > self.deadline:
            raise TooLate("the deadline passed")


class Transport(paramiko.Transport):
    """Sleeps while nothing comes (stock wakes ten times a second, paramiko#361), with fast algorithms first."""

    # what paramiko 5.1 has inside, and a keeper needs: `self_test` tells at the start whether it still is so
    active: bool
    kex_engine: Any
    channels_seen: dict[int, bool]
    _channels: Any
    _preferred_keys: tuple[str, ...]
    _expected_packet: tuple[int, ...]
    _handler_table: Mapping[int, Callable[[Message], None]]
    _channel_handler_table: Mapping[int, Callable[[Any, Message], None]]
    _parse_disconnect: Callable[[Message], None]
    _parse_debug: Callable[[Message], None]
    _send_kex_init: Callable[[], None]

    _active_check_timeout = STALL_S
    _preferred_kex = (
        "curve25519-sha256@libssh.org",
        "ecdh-sha2-nistp256",
        "mlkem768x25519-sha256",
        "ecdh-sha2-nistp384",
        "ecdh-sha2-nistp521",
        "diffie-hellman-group16-sha512",
        "diffie-hellman-group-exchange-sha256",
        "diffie-hellman-group14-sha256",
    )
    _preferred_ciphers = (
        "aes128-gcm@openssh.com",
        "aes256-gcm@openssh.com",
        "aes128-ctr",
        "aes192-ctr",
        "aes256-ctr",
    )

    def __init__(self, sock: GuardedSocket, *, seconds: float, park: bool = False) -> None:
        """`seconds` are left for the whole login; `park`: end its thread once that is done."""
        super().__init__(sock, disabled_algorithms=WEAK)
        self.guard = sock
        self.banner_timeout = seconds
        self.handshake_timeout = seconds + 1
        self.auth_timeout = seconds
        self.daemon = True
        self._parked = False
        self._settled = threading.Event()
        self._read_message = self.packetizer.read_message
        if park:
            self.packetizer.read_message = self._read_or_hand_over  # type: ignore[method-assign]

    @property
    def shown(self) -> bytes:
        """The key that the host shows, whole: with the certificate, where it is one."""
        key = self.get_remote_server_key()
        return bytes(key.public_blob.key_blob) if key.public_blob is not None else bytes(key.asbytes())

    def accept_certificates(self, kinds: Iterable[str]) -> None:
        """Ask for a host key that an authority vouches for, before all others."""
        self._preferred_keys = (*kinds, *self._preferred_keys)

    # --- without a thread of its own

    @property
    def parked(self) -> bool:
        """Whether its thread has ended for somebody else to read; only asked where `park` was wanted, once logged in.

        That goes where the length of a packet can be read before the packet is there whole: AES-GCM, or encrypt-then-MAC.
        """
        self._settled.wait(STALL_S)
        self.join(STALL_S if self._parked else 0.0)
        return self._parked

    def _read_or_hand_over(self) -> tuple[int, Message]:
        """Read the next packet, or end the thread here, after the login and between two packets."""
        if self.is_authenticated() and not self.in_kex and not self._expected_packet:
            inside = vars(self.packetizer)
            clear_length = inside["_Packetizer__aead_in"] or inside["_Packetizer__etm_in"]
            plain = clear_length and not inside["_Packetizer__compress_engine_in"]
            self._parked = bool(plain) and not inside["_Packetizer__remainder"]
            self.packetizer.read_message = self._read_message  # type: ignore[method-assign]
            self._settled.set()
            if self._parked:
                raise Handover
        return self._read_message()

    def run(self) -> None:
        try:
            super().run()
        except Handover:
            self.packetizer.complete_handshake()
            _active_threads.remove(self)
        finally:
            self._settled.set()

    def _send_user_message(self, data: Message) -> None:
        keeper = self.guard.keeper
        if keeper is None or not keeper.user_message(data):
            super()._send_user_message(data)  # type: ignore[misc]

    def finish(self) -> None:
        """Close for good: socket, thread and paramiko's own handshake timer. Never raises, waits 2 s at most."""
        with suppress(Exception):
            self.packetizer.complete_handshake()
        with suppress(Exception):
            self.close()
        self.guard.close()
        if self.ident is not None and threading.current_thread() is not self:
            self.join(2.0)
