"""One logged-in connection: scripts on channels of their own, each with one deadline and one byte cap."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress

import paramiko
from paramiko.ssh_exception import ChannelException, SSHException

from bot.domain.errors import HostFailure
from bot.domain.observations import ProbeOutcome
from bot.hosts import framing
from bot.hosts.dial import BUSY_TRIES, pause
from bot.hosts.patience import HostBusy
from bot.hosts.wire import Transport
from bot.ports import Completed, Limit, Script

CHUNK = 65_536
SETTLE_S = 0.5  # for what is still on its way after the exit status
LATE_OPENS = 4
NOT_SENT = "Channel is not open"  # paramiko's words where it did not even send a request
PROHIBITED, CONNECT_FAILED = 1, 2  # RFC 4254, 5.1


class Gone(Exception):
    """The connection was dead before anything was sent: dialling again is safe."""


class Broke(HostFailure):
    """The connection broke while a script ran: it may have run to its end, or not."""

    def __init__(self) -> None:
        super().__init__(ProbeOutcome.ERROR, "the connection broke")


class ClosedAtOnce(HostFailure):
    """The server closed a session before it said whether the line runs; `sent`: it may have."""

    def __init__(self, *, sent: bool) -> None:
        super().__init__(ProbeOutcome.ERROR, "runs no commands for this account")
        self.sent = sent


class NoForwarding(Exception):
    """The server forwards no connections."""


class Connection:
    """Thread safe: each operation has a channel of its own. `retired`: finish what runs, begin nothing new."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._lock = threading.Lock()
        self._users = 0
        self._late_opens = 0
        self.retired = False
        self.forwards = True

    @property
    def alive(self) -> bool:
        return not self.retired and self._transport.is_active()

    def retire(self) -> None:
        """Close as soon as nobody uses it."""
        with self._lock:
            self.retired = True
            idle = self._users == 0
        if idle:
            self.close()

    def close(self) -> None:
        self.retired = True
        self._transport.finish()

    def run(self, script: Script, args: Sequence[str], *, stdin: bytes, limit: Limit) -> Completed:
        """Run a script. Raises Gone, or HostFailure."""
        began = time.monotonic()
        deadline = began + limit.seconds
        mark = framing.new_mark()
        line = framing.command(script, args, mark=mark, seconds=limit.seconds)
        with self._used(), closing(self._started(line, deadline, again=not script.once)) as channel:
            out, err = (framing.Framed(mark=mark.encode()) for _ in range(2))
            truncated, ended, unsent = self._pump(
                channel, (out, err), stdin, deadline=deadline, cap=limit.bytes
            )
            took = time.monotonic() - began
            if not (truncated or ended):
                self._leave(began, clogged=unsent)
                raise HostFailure(ProbeOutcome.TIMEOUT, f"no end after {limit.seconds:g} s")
            if ended and self._broke(channel):
                raise Broke
            if not out.begun:
                raise _never_began(out, err, truncated=truncated)
            return Completed(
                exit=None if truncated else _exit(channel),
                stdout=out.text,
                stderr=err.text,
                truncated=truncated,
                duration_s=took,
            )

    def start(self, line: str, *, deadline: float) -> paramiko.Channel:
        """Execute a line and leave it running; a connection that is retired does not wait for it. Raises Gone, HostFailure."""
        with self._used():
            return self._started(line, deadline, again=True)

    def lives_on(self) -> bool:
        """Whether it goes on, asked when a channel has ended: paramiko ends those first, and then the connection."""
        self._transport.join(SETTLE_S)
        return self._transport.is_active()

    def leave(self, since: float) -> None:
        """End the connection if nothing at all came over it since then: all that is asked next would queue behind."""
        self._leave(since, clogged=False)

    @contextmanager
    def forward(self, address: tuple[str, int], *, deadline: float) -> Iterator[paramiko.Channel]:
        """Connect from the host to an address. Raises NoForwarding, ConnectionRefusedError, TimeoutError or Gone."""
        with self._used():
            if not self._transport.is_active():
                raise Gone
            try:
                channel = self._transport.open_channel(
                    "direct-tcpip", address, ("127.0.0.1", 0), timeout=max(0.05, deadline - time.monotonic())
                )
            except ChannelException as error:
                if error.code == CONNECT_FAILED:
                    raise ConnectionRefusedError from error
                self.forwards = error.code != PROHIBITED and self.forwards
                raise NoForwarding from error
            except (SSHException, OSError, EOFError) as error:
                if not self._transport.is_active():
                    raise Gone from error
                self._opened_too_late()
                raise TimeoutError from error
            try:
                yield channel
            finally:
                channel.close()

    def _opened_too_late(self) -> None:
        """Count it: the server may open it yet, nobody will ever close it. A new connection ends them all."""
        self._late_opens += 1
        if self._late_opens >= LATE_OPENS:
            self.retired = True

    @contextmanager
    def _used(self) -> Iterator[None]:
        with self._lock:
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                last = self._users == 0
            if last and (self.retired or not self._transport.is_active()):
                self.close()

    def _started(self, line: str, deadline: float, *, again: bool) -> paramiko.Channel:
        """Execute a line in a session of its own.

        dropbear 2022.83 closes a session that is opened while another one ends, before it says whether the line runs:
        then another one is opened, if the line may run twice (`again`) or was not even sent.
        """
        for attempt in range(1, BUSY_TRIES + 1):
            channel = self._opened(deadline)
            try:
                self._begin(channel, line, deadline)
            except BaseException as error:
                channel.close()
                harmless = isinstance(error, ClosedAtOnce) and (again or not error.sent)
                if harmless and attempt < BUSY_TRIES and pause(attempt, deadline):
                    continue
                raise
            return channel
        raise AssertionError("unreachable")

    def _opened(self, deadline: float) -> paramiko.Channel:
        if not self._transport.is_active():
            raise Gone
        try:
            return self._open_session(deadline)
        except (SSHException, OSError, EOFError) as error:
            late = time.monotonic() >= deadline
            self.retire()
            if late:
                raise HostFailure(ProbeOutcome.TIMEOUT, "the open connection is not answered") from error
            raise Gone from error

    def _open_session(self, deadline: float) -> paramiko.Channel:
        """Open a session; where the host has no room (MaxSessions), ask again after a moment: one may just be ending."""
        for attempt in range(1, BUSY_TRIES + 1):
            try:
                return self._transport.open_session(timeout=max(0.05, deadline - time.monotonic()))
            except ChannelException as error:
                if attempt == BUSY_TRIES or not pause(attempt, deadline):
                    raise HostBusy("opens no more sessions (MaxSessions)") from error
        raise AssertionError("unreachable")

    def _begin(self, channel: paramiko.Channel, line: str, deadline: float) -> None:
        """Execute a line. paramiko waits for the reply without any limit, so the connection is ended at the deadline."""
        if channel.closed and self._transport.is_active():
            raise ClosedAtOnce(sent=False)
        late = threading.Event()

        def end() -> None:
            late.set()
            self.close()

        watchdog = threading.Timer(max(0.05, deadline - time.monotonic()), end)
        watchdog.daemon = True
        watchdog.start()
        try:
            channel.exec_command(line)
        except (SSHException, OSError, EOFError) as error:
            if late.is_set():
                raise HostFailure(ProbeOutcome.TIMEOUT, "the open connection is not answered") from error
            if self._transport.is_active():
                if NOT_SENT in str(error) or channel.eof_received:
                    raise ClosedAtOnce(sent=NOT_SENT not in str(error)) from error
                raise HostFailure(ProbeOutcome.ERROR, "runs no commands for this account") from error
            raise Broke from error
        finally:
            watchdog.cancel()
            watchdog.join(3.0)

    def _pump(
        self,
        channel: paramiko.Channel,
        streams: tuple[framing.Framed, framing.Framed],
        stdin: bytes,
        *,
        deadline: float,
        cap: int,
    ) -> tuple[bool, bool, bool]:
        """Move bytes until the command ends, the cap is reached or the deadline passes.

        Return (truncated, ended, unsent): `unsent` is whether the host had not taken all of the input.
        """
        wake = _Wake()
        channel.in_buffer.set_event(wake)  # type: ignore[arg-type]  # it calls set() and clear() alone
        channel.in_stderr_buffer.set_event(wake)  # type: ignore[arg-type]
        left, unsent, settled = cap + 2 * framing.MARK_BYTES, memoryview(stdin), float("inf")
        sent_all = False
        while (now := time.monotonic()) < min(deadline, settled):
            wake.clear_now()
            data = channel.recv(min(CHUNK, left + 1)) if channel.recv_ready() else b""
            complaint = channel.recv_stderr(min(CHUNK, left + 1)) if channel.recv_stderr_ready() else b""
            streams[0].feed(data[:left])
            streams[1].feed(complaint[: max(0, left - len(data))])
            left -= len(data) + len(complaint)
            if left < 0:
                return True, False, not sent_all
            if not sent_all:
                unsent = _send(channel, unsent)
                sent_all = not unsent
            if data or complaint:
                continue
            if channel.exit_status_ready():
                if channel.eof_received and not (channel.recv_ready() or channel.recv_stderr_ready()):
                    return False, True, not sent_all
                settled = min(settled, now + SETTLE_S)
            if channel.closed and not (channel.recv_ready() or channel.recv_stderr_ready()):
                return False, True, not sent_all
            wake.wait(0.02 if not sent_all or channel.eof_received else min(0.25, max(0.0, deadline - now)))
        return False, settled < deadline and channel.exit_status_ready(), not sent_all

    def _broke(self, channel: paramiko.Channel) -> bool:
        """Return whether the connection ended before the host said how the script did.

        paramiko closes the channels of a dead connection first, which counts as an exit status, and only then calls
        the connection inactive.
        """
        if channel.exit_status >= 0:
            return False
        return not self.lives_on()

    def _leave(self, since: float, *, clogged: bool) -> None:
        """End the connection if it would stall the next round.

        That is so where nothing at all came over it since then, and where input stands in its socket still, maybe
        megabytes on a slow link: everything would queue behind.
        """
        if clogged:
            self._transport.guard.drop_unsent()
        if clogged or self._transport.guard.received_at < since:
            self.retire()


class _Wake:
    """Stands for the event that paramiko's buffers set when bytes arrive and clear when they are empty.

    Two buffers share it, so their clearing is ignored: it could hide the other's bytes.
    """

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        self._event.set()

    def clear(self) -> None:
        pass

    def clear_now(self) -> None:
        self._event.clear()

    def wait(self, seconds: float) -> None:
        self._event.wait(seconds)


def _never_began(out: framing.Framed, err: framing.Framed, *, truncated: bool) -> HostFailure:
    if truncated:
        return HostFailure(ProbeOutcome.ERROR, "its login shell floods the output")
    said = (out.noise or err.noise)[-100:]
    return HostFailure(
        ProbeOutcome.ERROR, "its login shell does not run our script" + (f": {said}" if said else "")
    )


def _send(channel: paramiko.Channel, unsent: memoryview) -> memoryview:
    """Send what fits into the window now, and the end of the input after the last byte."""
    with suppress(OSError, EOFError, SSHException):
        if unsent and channel.send_ready():
            unsent = unsent[channel.send(bytes(unsent[: CHUNK // 2])) :]
        if not unsent:
            channel.shutdown_write()
        return unsent
    return unsent[:0]  # it reads no more; what it answered so far still counts


def _exit(channel: paramiko.Channel) -> int | None:
    """Return the exit status; None for a signal or no status (paramiko says −1)."""
    status = channel.exit_status if channel.exit_status_ready() else -1
    return status if status >= 0 else None
