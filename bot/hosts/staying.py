"""The collector that stays on a host, asked by a thread that waits: for connections that the loop cannot read."""

import threading
import time
from collections.abc import Sequence

from paramiko import Channel
from paramiko.ssh_exception import SSHException

from bot.domain.errors import HostFailure
from bot.domain.observations import ProbeOutcome
from bot.domain.targets import ServiceSpec
from bot.hosts import framing, records, sampling, scripts
from bot.hosts.connection import Broke, Connection

CHUNK = 65_536


class NeverBegan(HostFailure):
    """The host's login shell does not run the collector."""


class Staying:
    """One tick at a time. One that failed in any way is over: another is begun in its place."""

    def __init__(self, connection: Connection, services: Sequence[ServiceSpec], *, within_s: float) -> None:
        """Begin it. Raises Gone, or HostFailure."""
        self._mark = framing.new_mark()
        self.services = tuple(services)
        self.connection = connection
        arguments = sampling.arguments(services, mark=self._mark, look=True)
        line = framing.command(scripts.COLLECTOR, arguments, mark=self._mark, seconds=None)
        self._channel: Channel = connection.start(line, deadline=time.monotonic() + within_s)
        self._asking = threading.Lock()
        self._tick = 0
        self.has_answered = False

    @property
    def alive(self) -> bool:
        return self.connection.alive and not self._channel.closed

    def close(self) -> None:
        self._channel.close()

    def ask(self, kind: str, pids: Sequence[int], *, within_s: float) -> dict[str, str]:
        """Return a record's sections; whoever asks meanwhile waits. Raises Broke where the connection ended, and HostFailure."""
        if not self._asking.acquire(timeout=within_s):
            raise HostFailure(ProbeOutcome.TIMEOUT, "another round still waits for an answer")
        try:
            return self._ask(kind, pids, within_s)
        except BaseException:
            self.close()
            raise
        finally:
            self._asking.release()

    def _ask(self, kind: str, pids: Sequence[int], within_s: float) -> dict[str, str]:
        began = time.monotonic()
        self._tick += 1
        words = " ".join(map(str, pids))
        done = f"\n{self._mark} done {self._tick}\n".encode()
        said = bytearray()
        try:
            self._channel.settimeout(within_s)
            self._channel.sendall(f"{self._tick} {kind} {words}\n".encode())
            while (end := said.find(done, max(0, len(said) - CHUNK - len(done)))) < 0:
                self._hear(said, within_s=began + within_s - time.monotonic())
        except TimeoutError as late:
            self.connection.leave(began)
            raise HostFailure(ProbeOutcome.TIMEOUT, f"no answer after {within_s:.0f} s") from late
        except (SSHException, OSError, EOFError) as error:
            raise self._ended(said) from error
        self.has_answered = True
        text = said[:end].decode(errors="replace")
        return records.read(text, self._mark, self._tick, whole=kind == "whole")

    def _hear(self, said: bytearray, *, within_s: float) -> None:
        if within_s <= 0:
            raise TimeoutError
        self._channel.settimeout(within_s)
        data = self._channel.recv(CHUNK)
        if not data:
            raise EOFError
        said += data
        if len(said) > sampling.SAMPLE_BYTES:
            raise HostFailure(ProbeOutcome.ERROR, f"its answer is longer than {sampling.SAMPLE_BYTES} bytes")

    def _ended(self, said: bytearray) -> HostFailure:
        if not self.connection.lives_on():
            return Broke()
        if self.has_answered:
            return HostFailure(ProbeOutcome.ERROR, "its collector ended")
        out = bytes(said) or (self._channel.recv(CHUNK) if self._channel.recv_ready() else b"")
        noise = out or (self._channel.recv_stderr(CHUNK) if self._channel.recv_stderr_ready() else b"")
        text = " ".join(noise[-200:].decode(errors="replace").split())[-100:]
        reason = "its login shell does not run our script" + (f": {text}" if text else "")
        return NeverBegan(ProbeOutcome.ERROR, reason)
