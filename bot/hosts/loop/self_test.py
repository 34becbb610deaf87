"""Whether the loop works with the paramiko that is installed: a connection to a server of our own, within this process."""

import io
import socket
import threading
import time
from contextlib import suppress

import paramiko
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from paramiko.common import AUTH_SUCCESSFUL, OPEN_SUCCEEDED

from bot.hosts.loop.feed import Asked
from bot.hosts.loop.link import Link
from bot.hosts.loop.reactor import Reactor
from bot.hosts.wire import GuardedSocket, Transport
from bot.ports import Telemetry

WITHIN_S = 5.0
SAID, AGAIN = b"one\n", b"two\n"


def what_is_wrong(telemetry: Telemetry) -> str:
    """Return why the loop cannot be used, an empty text where it can: log in, park, say something, change keys, say more."""
    ours, theirs = socket.socketpair()
    server = _serve(theirs)
    reactor = Reactor(telemetry)
    client: Transport | None = None
    try:
        client = _logged_in(ours)
        if not client.parked:
            return "its connections cannot be taken over"
        return _echoes(reactor, client)
    except Exception as error:  # noqa: BLE001 — whatever it is, the other way is taken
        return f"{type(error).__name__}: {error}"
    finally:
        if client is not None:
            client.finish()
        reactor.stop()
        server.packetizer.complete_handshake()
        server.close()
        ours.close()


def _logged_in(ours: socket.socket) -> Transport:
    guarded = GuardedSocket(ours.family, ours.type, ours.proto, fileno=ours.detach())
    guarded.deadline = time.monotonic() + WITHIN_S
    client = Transport(guarded, seconds=WITHIN_S, park=True)
    client.start_client(timeout=WITHIN_S)
    client.auth_none("self-test")
    return client


def _echoes(reactor: Reactor, client: Transport) -> str:
    broken = threading.Event()
    link = Link(reactor, client, lost=lambda _link, _error: broken.set())
    echo = _Echo()
    reactor.call(link.begin)
    reactor.call(lambda: link.add(echo))
    reactor.call(lambda: echo.send(SAID))
    if not echo.heard(SAID):
        return "it does not hear what is said"
    reactor.call(client._send_kex_init)
    reactor.call(lambda: echo.send(AGAIN))
    if not echo.heard(SAID + AGAIN):
        return "it does not live through a change of keys"
    return "" if not broken.is_set() else "the connection broke"


class _Echo(Asked):
    def __init__(self) -> None:
        super().__init__("echo")
        self._said = b""
        self._more = threading.Condition()

    def received(self, data: bytes) -> None:
        with self._more:
            self._said += data
            self._more.notify_all()

    def heard(self, words: bytes) -> bool:
        with self._more:
            return self._more.wait_for(lambda: self._said == words, WITHIN_S)


class _Server(paramiko.ServerInterface):
    def get_allowed_auths(self, username: str) -> str:
        del username
        return "none"

    def check_auth_none(self, username: str) -> int:
        del username
        return int(AUTH_SUCCESSFUL)

    def check_channel_request(self, kind: str, chanid: int) -> int:
        del kind, chanid
        return int(OPEN_SUCCEEDED)

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        del command
        threading.Thread(target=_echo, args=(channel,), daemon=True).start()
        return True


def _echo(channel: paramiko.Channel) -> None:
    with suppress(Exception):
        while data := channel.recv(1024):
            channel.sendall(data)


def _serve(theirs: socket.socket) -> paramiko.Transport:
    key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    server = paramiko.Transport(theirs)
    server.daemon = True
    server.add_server_key(paramiko.Ed25519Key.from_private_key(io.StringIO(key.decode())))
    server.start_server(server=_Server(), event=threading.Event())
    return server
