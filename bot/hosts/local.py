"""This machine, through psutil. Looks only: nothing is ever restarted here."""

import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import IO

import psutil

from bot.domain.checks import Reply, Talk
from bot.domain.errors import HostFailure
from bot.domain.observations import HttpAnswer, ProbeOutcome
from bot.domain.targets import HostSpec, ServiceSpec
from bot.hosts import framing, http, sampling, scripts, talking
from bot.ports import Clock, Completed, Limit, Sample, Script, Telemetry

CHUNK = 65_536
NOT_DISKS = {"squashfs", "iso9660", "udf", "erofs", "cramfs", "tmpfs", "devtmpfs", "overlay"}


class LocalHost:
    """Fulfils ports.Host."""

    def __init__(self, spec: HostSpec, *, clock: Clock, telemetry: Telemetry) -> None:
        self._spec, self._clock, self._telemetry = spec, clock, telemetry
        self._cpu = sampling.CpuMemory()

    @property
    def spec(self) -> HostSpec:
        return self._spec

    def sample(self, services: Sequence[ServiceSpec]) -> Sample:
        sample = Sample(host=self._spec.name, at=self._clock.now(), outcome=ProbeOutcome.OK)
        began = time.monotonic()
        limit = Limit(seconds=self._spec.command_timeout_s, bytes=sampling.SAMPLE_BYTES)
        try:
            found, answers = sampling.ask_all(
                services,
                _ask,
                lambda: sampling.sample_sections(
                    lambda args: _run(scripts.SAMPLE, args, stdin=b"", limit=limit), services, self._cpu
                ),
            )
            sample = replace(sample, sections=found, answers=answers, metrics=readings())
        except HostFailure as failure:
            sample = replace(sample, outcome=failure.outcome, reason=failure.reason)
        except Exception as error:  # noqa: BLE001 — the port promises an outcome, whatever happens
            self._telemetry.failure("sample_failed", error, host=self._spec.name)
            sample = replace(sample, outcome=ProbeOutcome.ERROR, reason=f"unexpected: {type(error).__name__}")
        return replace(sample, duration_ms=round((time.monotonic() - began) * 1000, 1))

    def talk(self, talk: Talk) -> Reply:
        return talking.talk(lambda: _connected(talk), talk, clock=self._clock)

    def run(self, script: Script, args: Sequence[str] = (), *, stdin: bytes = b"", limit: Limit) -> Completed:
        try:
            return _run(script, args, stdin=stdin, limit=limit)
        except OSError as error:
            raise HostFailure(ProbeOutcome.ERROR, f"cannot start sh: {error.strerror}") from error

    def close(self) -> None:
        """Nothing is kept open."""

    @property
    def connected(self) -> bool:
        return False


def readings() -> dict[str, float | dict[str, float]]:
    """Read the machine through psutil, under the names that a sample over SSH has; what cannot be read is absent."""
    found: dict[str, float | dict[str, float]] = {}
    for read in (_load, _memory, _swap, _uptime, _disks, _processes):
        with suppress(OSError, AttributeError, psutil.Error):
            found.update(read())
    return found


def _load() -> dict[str, float]:
    one, five, fifteen = psutil.getloadavg()
    return {"load1": one, "load5": five, "load15": fifteen, "cores": float(psutil.cpu_count() or 1)}


def _memory() -> dict[str, float]:
    memory = psutil.virtual_memory()
    return {"mem_total_bytes": float(memory.total), "mem_available_bytes": float(memory.available)}


def _swap() -> dict[str, float]:
    swap = psutil.swap_memory()
    return {"swap_total_bytes": float(swap.total), "swap_used_bytes": float(swap.used)}


def _uptime() -> dict[str, float]:
    return {"uptime_seconds": max(0.0, time.time() - psutil.boot_time())}


def _processes() -> dict[str, float]:
    return {"procs_total": float(len(psutil.pids()))}


def _disks() -> dict[str, dict[str, float]]:
    used: dict[str, float] = {}
    inodes: dict[str, float] = {}
    free: dict[str, float] = {}
    parts = psutil.disk_partitions()
    mounts = {
        part.mountpoint
        for part in parts
        if part.fstype not in NOT_DISKS and "ro" not in part.opts.split(",")  # read-only: gets no fuller
    }
    for mount in sorted(mounts | {"/"}):
        with suppress(OSError):
            disk, nodes = psutil.disk_usage(mount), os.statvfs(mount)
            used[mount] = round(disk.used / ((disk.used + disk.free) or 1), 4)
            free[mount] = float(disk.free)
            if nodes.f_files:
                inodes[mount] = round(1 - nodes.f_ffree / nodes.f_files, 4)
    return {"disk_used_ratio": used, "disk_free_bytes": free, "inodes_used_ratio": inodes}


@contextmanager
def _connected(talk: Talk) -> Iterator[http.Stream]:
    try:
        stream = socket.create_connection(talk.address, timeout=talk.within_s)
    except socket.gaierror as error:
        raise HostFailure(ProbeOutcome.ERROR, f"the name {talk.address[0]} is not known") from error
    with stream:
        yield stream


def _ask(service: ServiceSpec) -> HttpAnswer:
    assert service.http is not None
    return http.ask_directly(service.http.url, timeout_s=service.http.timeout_s)


def _run(script: Script, args: Sequence[str], *, stdin: bytes, limit: Limit) -> Completed:
    """Run in a process group of its own, which is ended with it."""
    began = time.monotonic()
    # The mark stands in its command line, so that the sample's script knows it as one of ours.
    argv = ("sh", "-c", framing.inner(script, args, mark=framing.new_mark()), f"hangbot-{script.name}")
    process = subprocess.Popen(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        cwd="/",
    )
    try:
        streams, truncated, ended = _pump(process, stdin, deadline=began + limit.seconds, cap=limit.bytes)
        if not truncated:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, began + limit.seconds - time.monotonic()))
        code = process.poll()
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe and not pipe.closed:
                with suppress(OSError):
                    pipe.close()
    if not truncated and (code is None or not ended):
        raise HostFailure(ProbeOutcome.TIMEOUT, f"no end after {limit.seconds:g} s")
    out, err = (content.partition(b"\n")[2] for content in streams)
    out, err = out[: limit.bytes], err[: max(0, limit.bytes - len(out))]
    return Completed(
        exit=code if code is not None and code >= 0 and not truncated else None,
        stdout=out,
        stderr=err,
        truncated=truncated,
        duration_s=time.monotonic() - began,
    )


def _pump(
    process: "subprocess.Popen[bytes]", stdin: bytes, *, deadline: float, cap: int
) -> tuple[tuple[bytes, bytes], bool, bool]:
    """Move bytes until both outputs end; return (outputs, truncated, ended). The two marks do not count."""
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    kept: dict[int, bytearray] = {process.stdout.fileno(): bytearray(), process.stderr.fileno(): bytearray()}
    left, unsent = cap + 2 * framing.MARK_BYTES + 1, memoryview(stdin)
    with selectors.DefaultSelector() as ready:
        for pipe in (process.stdout, process.stderr):
            ready.register(pipe, selectors.EVENT_READ)
        os.set_blocking(process.stdin.fileno(), False)
        ready.register(process.stdin, selectors.EVENT_WRITE)
        open_outputs = 2
        while open_outputs and left > 0 and (now := time.monotonic()) < deadline:
            gone = process.poll() is not None
            events = ready.select(0.5 if gone else min(0.25, deadline - now))
            if gone and not events:
                break  # what it left behind keeps the pipes open
            for key, _ in events:
                if key.fileobj is process.stdin:
                    unsent = _write(process.stdin, unsent, ready.unregister)
                    continue
                data = os.read(key.fd, min(CHUNK, left))
                kept[key.fd] += data
                left -= len(data)
                if not data:
                    ready.unregister(key.fileobj)
                    open_outputs -= 1
    outputs = (bytes(kept[process.stdout.fileno()]), bytes(kept[process.stderr.fileno()]))
    return outputs, left <= 0, time.monotonic() < deadline


def _write(pipe: IO[bytes], unsent: memoryview, done: Callable[[IO[bytes]], object]) -> memoryview:
    handle = pipe.fileno()
    with suppress(BlockingIOError):
        try:
            if unsent:
                unsent = unsent[os.write(handle, unsent[:CHUNK]) :]
        except BrokenPipeError:
            unsent = unsent[:0]
        if not unsent:
            done(pipe)
            pipe.close()
    return unsent
