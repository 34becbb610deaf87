"""What the tests of hosts share: a host to ask, scripts to run on it, and a look at what is left afterwards."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.domain.errors import HostFailure
from bot.domain.targets import HostSpec, HttpCheck, ServiceSpec
from bot.hosts.ssh import SshHost
from bot.ports import Completed, Limit, Script
from tests.clocks import QuietTelemetry, RealClock

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
