"""What the tests of hosts share: a host to ask, scripts to run on it, and a look at what is left afterwards."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import pytest

from bot.domain.errors import HostFailure
from bot.domain.targets import HostSpec, HttpCheck, ServiceSpec
from bot.hosts.loop.host import LoopHost
from bot.hosts.loop.reactor import Reactor
from bot.hosts.ssh import SshHost
from bot.ports import Ask, Completed, Limit, Sample, Script
from tests.clocks import QuietTelemetry, RealClock
from tests.sshd import Sshd

SETTLES_WITHIN_S = 15.0
PATIENT = Limit(seconds=30.0)


@contextmanager
def asking(spec: HostSpec) -> Iterator[SshHost]:
    """Yield the host of a spec; nothing unexpected may have been raised inside it by the end."""
    telemetry = QuietTelemetry()
    host = SshHost(spec, clock=RealClock(), telemetry=telemetry)
    try:
        yield host
    finally:
        host.close()
    assert telemetry.failures == []


@contextmanager
def looping(spec: HostSpec, telemetry: QuietTelemetry | None = None) -> Iterator[LoopHost]:
    """Yield a host that a loop of its own reads; nothing unexpected may have been raised inside it by the end."""
    telemetry = telemetry or QuietTelemetry()
    reactor, threads = Reactor(telemetry), ThreadPoolExecutor(4, thread_name_prefix="hosts")
    host = LoopHost(spec, clock=RealClock(), telemetry=telemetry, reactor=reactor, threads=threads)
    try:
        yield host
    finally:
        host.close()
        reactor.stop()
        threads.shutdown()
    assert telemetry.failures == []


@contextmanager
def staying(spec: HostSpec, telemetry: QuietTelemetry | None = None) -> Iterator[SshHost]:
    """Yield a host on which a collector stays and that no loop reads."""
    telemetry = telemetry or QuietTelemetry()
    host = SshHost(spec, clock=RealClock(), telemetry=telemetry, stays=True)
    try:
        yield host
    finally:
        host.close()
    assert telemetry.failures == []


Asking = Callable[[HostSpec], AbstractContextManager[SshHost]]
"""How a host is asked: `asking` by commands, `looping` through the loop, `staying` by a collector that a thread waits for."""
WAYS = (asking, looping, staying)


def small(host: SshHost, *pids: int, services: Sequence[ServiceSpec] = ()) -> Sample:
    """Take a small sample, if the host has a way to."""
    ask = Ask(services=services, whole=False, pids=pids)
    if not isinstance(host, LoopHost):
        return host.ask(ask)
    found: Future[Sample] = Future()
    host.begin(ask, found.set_result)
    return found.result(60)


def collectors(sshd: Sshd) -> list[int]:
    """Return the processes of collectors that stay."""

    def is_one(pid: int) -> bool:
        try:
            return b"hangbot-collector" in Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False

    return [pid for pid in sshd.children() if is_one(pid)]


def script(text: str) -> Script:
    return Script(name="test", version=1, text=text)


def run(host: SshHost, text: str, *args: str, limit: Limit = PATIENT, stdin: bytes = b"") -> Completed:
    return host.run(script(text), args, stdin=stdin, limit=limit)


def refused(host: SshHost, text: str = "echo no", *, limit: Limit = PATIENT) -> HostFailure:
    """Return why a script could not be run."""
    with pytest.raises(HostFailure) as caught:
        run(host, text, limit=limit)
    return caught.value


def web(url: str, **changes: float) -> ServiceSpec:
    """Return a service that is known by its health URL alone."""
    return ServiceSpec(name="shop", http=HttpCheck(url=url, timeout_s=changes.get("timeout_s", 10.0)))


@contextmanager
def frozen(sshd: Sshd) -> Iterator[None]:
    """Stop the processes of all open connections; go on at the end."""
    pids = sshd.children()
    assert pids
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


@contextmanager
def nothing_left() -> Iterator[None]:
    """Fail where threads or file descriptors of this process are more afterwards than before."""
    threads, handles = set(threading.enumerate()), _handles()
    yield
    eventually(lambda: set(threading.enumerate()) <= threads and _handles() <= handles)
    assert set(threading.enumerate()) <= threads
    assert _handles() <= handles


def eventually(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + SETTLES_WITHIN_S
    while not (held := holds()) and time.monotonic() < end:
        time.sleep(0.05)
    return held


def _handles() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def peak_mib() -> float:
    """Return the most memory that this process had since `forget_peak`."""
    rows = Path("/proc/self/status").read_text().splitlines()
    return next(int(row.split()[1]) / 1024 for row in rows if row.startswith("VmHWM:"))


def forget_peak() -> float:
    """Begin a new peak (proc_pid_clear_refs(5)) and return how much memory there is now, in MiB."""
    Path("/proc/self/clear_refs").write_text("5")
    return peak_mib()
