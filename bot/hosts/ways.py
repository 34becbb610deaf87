"""How bytes get to a host: straight, through a command of this machine, or through another host."""

import shlex
import socket
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from bot.domain.errors import HostFailure
from bot.domain.observations import ProbeOutcome
from bot.domain.targets import HostSpec
from bot.hosts.identities import Opened
from bot.hosts.wire import GuardedSocket

MOST_COMMANDS = 4
"""So many logins through one command at a time: a bastion behind it turns away more than ten (MaxStartups)."""
ENDS_WITHIN_S = 2.0


class Through(Protocol):
    """Whoever keeps the connections to jump hosts."""

    def open(self, jump: HostSpec, address: tuple[str, int], *, deadline: float) -> GuardedSocket:
        """Return a socket that leads to an address as seen from the jump host. Raises HostFailure."""
        ...

    def close(self) -> None: ...


class Ways:
    """What a login needs of this machine. `passphrase` opens key files; without `bastions` no jump host can be used."""

    def __init__(self, *, passphrase: str | None = None, bastions: Through | None = None) -> None:
        self.passphrase = passphrase
        self.opened: Opened = {}
        self._bastions = bastions
        self._commands = _Commands()

    def to(self, spec: HostSpec, deadline: float) -> GuardedSocket:
        """Return a connected socket, guarded until `deadline` (of time.monotonic). Raises HostFailure or OSError."""
        if spec.jump is not None:
            if self._bastions is None:
                raise HostFailure(ProbeOutcome.ERROR, f"jump host {spec.jump.name}: cannot be used here")
            sock = self._bastions.open(spec.jump, (spec.address or spec.name, spec.port), deadline=deadline)
        elif spec.proxy_command:
            sock = self._commands.open(spec, deadline)
        else:
            sock = _straight(spec, deadline)
        sock.connected(deadline)
        return sock

    def close(self) -> None:
        if self._bastions is not None:
            self._bastions.close()
        self._commands.close()


class _Commands:
    """The processes that carry bytes: one per connection, a few logins at a time through each command."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: list[subprocess.Popen[bytes]] = []
        self._gates: dict[str, threading.BoundedSemaphore] = defaultdict(
            lambda: threading.BoundedSemaphore(MOST_COMMANDS)
        )

    def open(self, spec: HostSpec, deadline: float) -> GuardedSocket:
        with self._lock:
            gate = self._gates[spec.proxy_command]
        if not gate.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise HostFailure(ProbeOutcome.TIMEOUT, "others still connect through the same ProxyCommand")
        try:
            sock = self._started(filled(spec.proxy_command, spec))
        except BaseException:
            gate.release()
            raise
        sock.settled = gate.release
        return sock

    def _started(self, line: str) -> GuardedSocket:
        ours, theirs = socket.socketpair()
        with theirs:
            sock = GuardedSocket(fileno=ours.detach())
            try:
                # ssh_config(5): the line is run by the user's shell, `exec` so that no shell stays
                process = subprocess.Popen(
                    ["/bin/sh", "-c", f"exec {line}"],
                    stdin=theirs.fileno(),
                    stdout=theirs.fileno(),
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            except BaseException:
                sock.close()
                raise
        with self._lock:
            self._running = [one for one in self._running if one.poll() is None]
            self._running.append(process)
        return sock

    def close(self) -> None:
        with self._lock:
            running, self._running = self._running, []
        for process in running:
            process.terminate()
        for process in running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(ENDS_WITHIN_S)
                continue
            process.kill()
            process.wait()


def filled(line: str, spec: HostSpec) -> str:
    """Fill in what ssh_config(5) calls tokens: `%h %n %p %r %%`, quoted for the shell where it needs to be."""
    words = {"h": spec.address or spec.name, "n": spec.name, "p": str(spec.port), "r": spec.user, "%": "%"}
    out, rest = "", line
    while rest:
        before, percent, after = rest.partition("%")
        out += before
        if not percent:
            break
        word = words.get(after[:1])
        if word is None:
            raise HostFailure(
                ProbeOutcome.ERROR, f"its ProxyCommand has a token that is not known here: %{after[:1]}"
            )
        out += word if word == "%" else shlex.quote(word)
        rest = after[1:]
    return out


def _straight(spec: HostSpec, deadline: float) -> GuardedSocket:
    """Connect to the first address that answers."""
    last: OSError | None = None
    for family, kind, protocol, _, address in _resolve(spec.address or spec.name, spec.port, deadline):
        sock = GuardedSocket(family, kind, protocol)
        try:
            sock.settimeout(max(0.05, deadline - time.monotonic()))
            sock.connect(address)
        except OSError as error:
            sock.close()
            last = error
            if time.monotonic() >= deadline:
                break
        else:
            return sock
    raise last or TimeoutError


def _resolve(
    address: str, port: int, deadline: float
) -> Sequence[tuple[int, int, int, str, tuple[str, int]]]:
    """Look the name up without waiting longer than the deadline: a resolver has no timeout of its own."""
    found: list[object] = []

    def ask() -> None:
        try:
            found.append(socket.getaddrinfo(address, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found.append(error)

    try:
        return socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)  # type: ignore[return-value]
    except (OSError, UnicodeError):
        pass
    asking = threading.Thread(target=ask, name=f"resolve {address}", daemon=True)
    asking.start()
    asking.join(max(0.05, deadline - time.monotonic()))
    if not found:
        raise HostFailure(ProbeOutcome.TIMEOUT, f"the name {address} was not resolved in time")
    if isinstance(found[0], Exception):
        raise HostFailure(ProbeOutcome.UNREACHABLE, f"the name {address} is not known")
    return found[0]  # type: ignore[return-value]


STRAIGHT = Ways()
