"""Jump hosts: one connection to each, kept; every host behind it has a channel there that ends in a socket here."""

import socket
import threading
import time
from collections.abc import Callable

from bot.domain.errors import HostFailure
from bot.domain.observations import ProbeOutcome
from bot.domain.targets import HostSpec
from bot.hosts.loop.feed import CONNECT_FAILED, PROHIBITED, Forwarded
from bot.hosts.loop.link import Link
from bot.hosts.loop.reactor import Reactor
from bot.hosts.patience import Patience
from bot.hosts.wire import GuardedSocket, Transport

CHUNK = 65_536
MOST_UNSENT = 262_144
"""From here on no more is read from our side, until the jump host has taken some."""
MOST_UNREAD = 8_000_000
Dial = Callable[[HostSpec, float], Transport]


class Tunnel(Forwarded):
    """Fulfils reactor.Watched. Joins a channel through a jump host with one end of a pair of sockets."""

    def __init__(self, reactor: Reactor, address: tuple[str, int], end: socket.socket) -> None:
        super().__init__(address)
        self.begun = threading.Event()
        self.failure: HostFailure | None = None
        self._reactor, self._end = reactor, end
        self._unread = bytearray()
        self._heard_all = False
        self._shut = False
        end.setblocking(False)

    # --- what the jump host says

    def opened(self) -> None:
        self._reactor.watch(self)
        self.begun.set()

    def refused(self, code: int) -> None:
        why = " ".join(self.why.lower().split())
        if code == PROHIBITED:
            outcome, reason = ProbeOutcome.ERROR, "forwards no connection (AllowTcpForwarding of its sshd)"
        elif code == CONNECT_FAILED:
            outcome, reason = ProbeOutcome.UNREACHABLE, f"cannot reach it ({why or 'no reason given'})"
        else:
            outcome, reason = ProbeOutcome.ERROR, f"opens no channel to it ({why or code})"
        self._fail(HostFailure(outcome, reason))

    def received(self, data: bytes) -> None:
        self._unread += data
        if len(self._unread) > MOST_UNREAD:
            self.leave()
            return
        self._pass_on()

    def ended(self) -> None:
        if not self.begun.is_set():
            self._fail(HostFailure(ProbeOutcome.ERROR, "the connection broke"))
            return
        self._heard_all = True
        self._pass_on()

    def leave(self) -> None:
        """Give up: nobody waits for it any more."""
        self.close()
        self._end_it()

    def _fail(self, failure: HostFailure) -> None:
        self.failure = failure
        self._end_it()
        self.begun.set()

    # --- what our side says

    def fileno(self) -> int:
        return self._end.fileno()

    def readable(self) -> None:
        if len(self._unsent) > MOST_UNSENT:  # nothing was to be read: our side is gone
            self.leave()
            return
        try:
            data = self._end.recv(CHUNK)
        except BlockingIOError:
            return
        if not data:
            self.leave()
            return
        self.send(data)
        if len(self._unsent) > MOST_UNSENT:
            self._want()

    def writable(self) -> None:
        self._pass_on()

    def broke(self, error: BaseException) -> None:
        del error
        self.leave()

    def _adjusted(self, raw: bytes) -> None:
        super()._adjusted(raw)
        if not self._shut:
            self._want()

    def _pass_on(self) -> None:
        if self._shut:
            return
        if self._unread:
            try:
                del self._unread[: self._end.send(self._unread)]
            except BlockingIOError:
                pass
            except OSError as error:
                self.broke(error)
                return
        if self._heard_all and not self._unread:
            self._end_it()
        elif self.begun.is_set():
            self._want()

    def _want(self) -> None:
        self._reactor.want(self, writable=bool(self._unread), readable=len(self._unsent) <= MOST_UNSENT)

    def _end_it(self) -> None:
        if not self._shut:
            self._shut = True
            self._reactor.forget(self)
            self._end.close()


class Bastion:
    """One jump host. One thread connects at a time, the others wait for it; what failed is not tried again at once."""

    def __init__(self, spec: HostSpec, *, reactor: Reactor, dial: Dial) -> None:
        self._spec, self._reactor, self._dial = spec, reactor, dial
        self._dialling = threading.Lock()
        self._patience = Patience()
        self._link: Link | None = None

    def open(self, address: tuple[str, int], *, deadline: float) -> GuardedSocket:
        link = self._reached(deadline)
        asked = time.monotonic()
        ours, theirs = socket.socketpair()
        tunnel = Tunnel(self._reactor, address, theirs)
        self._reactor.call(lambda: link.add(tunnel))
        sock = GuardedSocket(fileno=ours.detach())
        if tunnel.begun.wait(max(0.05, deadline - time.monotonic())) and tunnel.failure is None:
            return sock
        sock.close()
        self._reactor.call(tunnel.leave)
        if tunnel.failure is not None:
            raise tunnel.failure
        if not link.alive:
            raise HostFailure(ProbeOutcome.ERROR, "the connection broke")
        if link.transport.guard.received_at < asked:
            link.transport.finish()  # else all that is asked next would wait for it too
            raise HostFailure(ProbeOutcome.TIMEOUT, "it answers no more")
        raise HostFailure(ProbeOutcome.TIMEOUT, "it did not reach it in time")

    def close(self) -> None:
        if self._link is not None:
            self._link.transport.finish()

    def _reached(self, deadline: float) -> Link:
        if (link := self._link) is not None and link.alive:
            return link
        if not self._dialling.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise HostFailure(ProbeOutcome.TIMEOUT, "it is still being connected to")
        try:
            if self._link is not None and self._link.alive:
                return self._link
            self._patience.check()
            self._link = link = self._connected(deadline)
            return link
        finally:
            self._dialling.release()

    def _connected(self, deadline: float) -> Link:
        try:
            transport = self._dial(self._spec, deadline)
        except HostFailure as failure:
            self._patience.failed(failure)
            raise
        if not transport.parked:
            transport.finish()
            unusable = HostFailure(
                ProbeOutcome.ERROR, "it has neither AES-GCM nor an encrypt-then-MAC cipher"
            )
            self._patience.failed(unusable)
            raise unusable
        self._patience.succeeded()
        link = Link(self._reactor, transport, lost=lambda _link, _error: None)
        self._reactor.call(link.begin)
        return link


class Bastions:
    """Fulfils ways.Through: all jump hosts, each connected to when first needed."""

    def __init__(self, reactor: Reactor, dial: Dial) -> None:
        self._reactor, self._dial = reactor, dial
        self._lock = threading.Lock()
        self._known: dict[tuple[object, ...], Bastion] = {}

    def open(self, jump: HostSpec, address: tuple[str, int], *, deadline: float) -> GuardedSocket:
        with self._lock:
            bastion = self._known.get(_key(jump))
            if bastion is None:
                bastion = self._known[_key(jump)] = Bastion(jump, reactor=self._reactor, dial=self._dial)
        try:
            return bastion.open(address, deadline=deadline)
        except HostFailure as failure:
            raise HostFailure(failure.outcome, f"jump host {jump.name}: {failure.reason}") from failure

    def close(self) -> None:
        with self._lock:
            known = list(self._known.values())
        for bastion in known:
            bastion.close()


def _key(spec: HostSpec) -> tuple[object, ...]:
    """Return what makes two jump hosts the same one."""
    on = _key(spec.jump) if spec.jump is not None else ()
    return (
        spec.address or spec.name,
        spec.port,
        spec.user,
        spec.key_file,
        spec.identities,
        spec.proxy_command,
        *on,
    )
