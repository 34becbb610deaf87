"""A socket that a hostile SSH server cannot use to hold us or to fill our memory, and the transport on top of it."""

import socket
import struct
import time
from contextlib import suppress

import paramiko
from paramiko.ssh_exception import SSHException

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

    def connected(self, deadline: float) -> None:
        """Begin to guard; `deadline` is when the login must be done."""
        self.deadline = deadline
        self.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def logged_in(self) -> None:
        self.trusted = True
        for option, value in ALIVE.items():
            self.setsockopt(*option, value)
        self.settimeout(STALL_S)

    def settimeout(self, value: float | None) -> None:
        """Keep short naps until the login is done, so that the deadline is looked at, whatever paramiko asks for."""
        super().settimeout(value if self.trusted or self.deadline == 0.0 else 0.2)

    @property
    def speaks_otherwise(self) -> bool:
        """Whether something was said and it is no SSH: neither a banner nor sshd's own word that it is busy."""
        known = (b"SSH-", b"MaxStartups", b"Not allowed at this time")
        return bool(self.first) and not any(word in self.first for word in known)

    def recv(self, size: int, flags: int = 0) -> bytes:
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
        """Close, and wake the thread that reads: closing alone does not."""
        with suppress(OSError):
            self.shutdown(socket.SHUT_RDWR)
        super().close()

    def _check_deadline(self) -> None:
        if not self.trusted and time.monotonic() > self.deadline:
            raise TooLate("the deadline passed")


class Transport(paramiko.Transport):
    """Sleeps while nothing comes (stock wakes ten times a second, paramiko#361), with fast algorithms first."""

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

    def __init__(self, sock: GuardedSocket, *, seconds: float) -> None:
        """`seconds` are left for the whole login."""
        super().__init__(sock, disabled_algorithms=WEAK)
        self.guard = sock
        self.banner_timeout = seconds
        self.handshake_timeout = seconds + 1
        self.auth_timeout = seconds
        self.daemon = True

    def finish(self) -> None:
        """Close for good: socket, thread and paramiko's own handshake timer. Never raises, waits 2 s at most."""
        with suppress(Exception):
            self.packetizer.complete_handshake()
        with suppress(Exception):
            self.close()
        self.guard.close()
        if self.ident is not None:
            self.join(2.0)
