"""Servers that let us in and then misbehave: bounded memory and time, a plain outcome, and nothing is left of them."""

import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import paramiko
import pytest
from paramiko import Message
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_SUCCEEDED

from bot.domain.errors import HostFailure
from bot.domain.observations import ProbeOutcome
from bot.domain.targets import HostSpec
from bot.ports import Limit, Script
from tests.hosts.stand import forget_peak, looping, nothing_left, peak_mib, small, staying
from tests.sshd import free_port

WITHIN_S = 2.0
MOST_MIB = 48.0
Misbehave = Callable[[paramiko.Transport, paramiko.Channel, bytes], None]


def _mark(command: bytes) -> bytes:
    """Return the mark that the command line carries, as a server can read it."""
    at = command.index(b"hangbot-mark-")
    return command[at : at + 29]


# --- what they do, once the collector's command has come


def silent(transport: paramiko.Transport, channel: paramiko.Channel, command: bytes) -> None:
    del transport, command
    while channel.recv(4096):
        pass


def junk(transport: paramiko.Transport, channel: paramiko.Channel, command: bytes) -> None:
    del transport
    channel.sendall(_mark(command) + b"\n")
    while line := channel.recv(4096):
        tick = line.split()[0]
        body = os.urandom(20_000).replace(b"\n", b"")
        channel.sendall(
            b"\n%s begin %s\n%s\n%s done %s\n" % (_mark(command), tick, body, _mark(command), tick)
        )


def endless(transport: paramiko.Transport, channel: paramiko.Channel, command: bytes) -> None:
    del transport
    channel.sendall(_mark(command) + b"\n")
    while True:
        channel.sendall(b"x" * 30_000)


def endless_complaints(transport: paramiko.Transport, channel: paramiko.Channel, command: bytes) -> None:
    del transport, command
    while True:
        channel.sendall_stderr(b"x" * 30_000)


def drip(transport: paramiko.Transport, channel: paramiko.Channel, command: bytes) -> None:
    del transport, command
    while True:
        channel.sendall(b".")
        time.sleep(0.1)


def closes(transport: paramiko.Transport, channel: paramiko.Channel, command: bytes) -> None:
    del transport, command
    channel.recv(1)
    channel.close()


def leaves(transport: paramiko.Transport, channel: paramiko.Channel, command: bytes) -> None:
    del command
    channel.recv(1)
    transport.close()


def claims_a_huge_packet(transport: paramiko.Transport, channel: paramiko.Channel, command: bytes) -> None:
    del command
    channel.recv(1)
    with suppress(OSError):
        transport.sock.send(struct.pack(">I", 0x7FFF_FFF0) + os.urandom(4096))
        while transport.sock.send(os.urandom(4096)):
            pass


def breaks_the_cipher(transport: paramiko.Transport, channel: paramiko.Channel, command: bytes) -> None:
    del command
    channel.recv(1)
    with suppress(OSError):
        transport.sock.send(struct.pack(">I", 64) + os.urandom(64 + 16))


def overruns_the_window(transport: paramiko.Transport, channel: paramiko.Channel, command: bytes) -> None:
    del command
    while True:
        _say(transport, 94, struct.pack(">I", channel.remote_chanid) + _string(b"y" * 30_000))


def speaks_of_strange_channels(
    transport: paramiko.Transport, channel: paramiko.Channel, command: bytes
) -> None:
    del command
    channel.recv(1)
    for number in (5, 77, 0x4FFF_FFFF, 0xFFFF_FFFF):
        _say(transport, 94, struct.pack(">I", number) + _string(b"for nobody"))
        _say(transport, 97, struct.pack(">I", number))
    silent(transport, channel, b"")


def cuts_messages_short(transport: paramiko.Transport, channel: paramiko.Channel, command: bytes) -> None:
    del command
    channel.recv(1)
    ours = struct.pack(">I", channel.remote_chanid)
    for kind, body in (
        (94, ours + b"\xff\xff\xff\xff"),
        (94, ours),
        (93, ours),
        (98, ours),
        (95, ours + b"\0"),
    ):
        _say(transport, kind, body)
    silent(transport, channel, b"")


def asks_without_end(transport: paramiko.Transport, channel: paramiko.Channel, command: bytes) -> None:
    del command
    ours = struct.pack(">I", channel.remote_chanid)
    while True:
        _say(transport, 98, ours + _string(b"keepalive@openssh.com") + b"\1")
        _say(transport, 80, _string(b"hostkeys-00@openssh.com") + b"\1")


def opens_channels_to_us(transport: paramiko.Transport, channel: paramiko.Channel, command: bytes) -> None:
    del command
    for number in range(200):
        _say(transport, 90, _string(b"session") + struct.pack(">III", number, 1 << 20, 1 << 15))
    silent(transport, channel, b"")


def echoes(transport: paramiko.Transport, channel: paramiko.Channel, command: bytes) -> None:
    """Be honest, but for the first session: see `Host`."""
    del transport
    time.sleep(0.3)  # the server's own yes goes first
    channel.sendall(_mark(command) + b"\nhello\n")
    channel.sendall_stderr(_mark(command) + b"\n")
    channel.send_exit_status(0)
    channel.close()


def _string(text: bytes) -> bytes:
    return struct.pack(">I", len(text)) + text


def _say(transport: paramiko.Transport, kind: int, body: bytes) -> None:
    transport._send_message(Message(bytes((kind,)) + body))  # type: ignore[attr-defined]


HOSTILE = (
    silent, junk, endless, endless_complaints, drip, closes, leaves, claims_a_huge_packet, breaks_the_cipher,
    overruns_the_window, speaks_of_strange_channels, cuts_messages_short, asks_without_end, opens_channels_to_us,
)  # fmt: skip


# --- the server


class Host(paramiko.ServerInterface):
    """Lets everybody in, and says yes to everything."""

    def __init__(self, transport: paramiko.Transport, misbehave: Misbehave) -> None:
        self._transport, self._misbehave = transport, misbehave
        self.sessions = 0

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return int(AUTH_SUCCESSFUL)

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return int(OPEN_SUCCEEDED)

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        self.sessions += 1
        if self._misbehave is echoes and self.sessions == 1:
            channel.close()  # as dropbear 2022.83 does where another session just ends
            return False
        threading.Thread(target=self._act, args=(channel, command), daemon=True).start()
        return True

    def _act(self, channel: paramiko.Channel, command: bytes) -> None:
        with suppress(Exception):
            self._misbehave(self._transport, channel, command)


class StallsAfterARefusal(Host):
    """Refuses the first key, and says nothing of the second."""

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        self.sessions += 1
        if self.sessions > 1:
            time.sleep(3 * WITHIN_S)
        return int(AUTH_FAILED)


@contextmanager
def letting_in(misbehave: Misbehave, folder: Path, *, host: "type[Host]" = Host) -> Iterator[HostSpec]:
    """Yield a host whose server does that once it has let somebody in."""
    hostkey, ours = paramiko.RSAKey.generate(2048), paramiko.RSAKey.generate(2048)
    key_file = folder / "key"
    ours.write_private_key_file(str(key_file))
    port, over, open_ones = free_port(), threading.Event(), list[paramiko.Transport]()

    def accept(listener: socket.socket) -> None:
        listener.settimeout(0.1)
        while not over.is_set():
            with suppress(TimeoutError):
                guest, _ = listener.accept()
                transport = paramiko.Transport(guest)
                transport.daemon = True
                transport.add_server_key(hostkey)
                transport.start_server(server=host(transport, misbehave), event=threading.Event())
                open_ones.append(transport)

    known = folder / "known_hosts"
    known.write_text(f"[127.0.0.1]:{port} {hostkey.get_name()} {hostkey.get_base64()}\n")
    known.chmod(0o600)
    with socket.create_server(("127.0.0.1", port)) as listener:
        accepting = threading.Thread(target=accept, args=(listener,), daemon=True)
        accepting.start()
        try:
            yield HostSpec(
                name="hostile", address="127.0.0.1", port=port, user="ops", key_file=str(key_file),
                known_hosts=str(known), connect_timeout_s=20.0, command_timeout_s=WITHIN_S,
            )  # fmt: skip
        finally:
            over.set()
            accepting.join()
            for transport in open_ones:
                transport.close()
                transport.join(5.0)


@pytest.mark.parametrize("way", [looping, staying])
@pytest.mark.parametrize("misbehave", HOSTILE, ids=lambda one: one.__name__)
def test_it_is_told_in_time_with_bounded_memory_and_nothing_is_left(
    misbehave: Misbehave, way: Callable[[HostSpec], object], tmp_path: Path
) -> None:
    with nothing_left(), letting_in(misbehave, tmp_path) as spec:
        with way(spec) as host:  # type: ignore[attr-defined]
            before = forget_peak()
            for _ in range(2):
                began = time.monotonic()
                sample = small(host)
                took = time.monotonic() - began
                assert sample.outcome is not ProbeOutcome.OK
                assert sample.reason
                assert took < 20.0 + 4 * WITHIN_S, f"{sample.outcome}: {sample.reason} after {took:.1f} s"
            grown = peak_mib() - before
        assert grown < MOST_MIB, f"{grown:.0f} MiB more"


@pytest.mark.parametrize("way", [looping, staying])
def test_a_session_that_is_closed_at_once_is_opened_again_for_what_may_run_twice_alone(
    way: Callable[[HostSpec], object], tmp_path: Path
) -> None:
    looks, acts = (Script(name="test", version=1, text="echo hello", once=once) for once in (False, True))
    with letting_in(echoes, tmp_path) as spec, way(spec) as host:  # type: ignore[attr-defined]
        assert host.run(looks, limit=Limit(seconds=10)).stdout == b"hello\n"
    with letting_in(echoes, tmp_path) as spec, way(spec) as host:  # type: ignore[attr-defined]
        with pytest.raises(HostFailure):
            host.run(acts, limit=Limit(seconds=10))
        assert host.run(acts, limit=Limit(seconds=10)).stdout == b"hello\n"


@pytest.mark.parametrize("way", [looping, staying])
def test_a_login_that_is_not_answered_in_time_is_no_refusal(
    way: Callable[[HostSpec], object], tmp_path: Path
) -> None:
    second = tmp_path / "second"
    paramiko.RSAKey.generate(2048).write_private_key_file(str(second))
    with letting_in(silent, tmp_path, host=StallsAfterARefusal) as first:
        spec = replace(first, identities=(str(second),), connect_timeout_s=WITHIN_S)
        with way(spec) as host:  # type: ignore[attr-defined]
            assert small(host).outcome is ProbeOutcome.TIMEOUT
