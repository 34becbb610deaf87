"""Everything one inspection brought home from a host, as data. Diagnosers read nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.awaits import AwaitingTask
from bot.domain.changes import Changes
from bot.domain.clues import Clue
from bot.domain.front import Front
from bot.domain.lock_waits import FileWait, ForkedFrom, LockWait
from bot.domain.logs import Log
from bot.domain.monitors import Jvm, Mutex
from bot.domain.pressure import Pressure
from bot.domain.stacks import Dump
from bot.domain.traffic import Traffic


@dataclass(frozen=True, kw_only=True)
class Process:
    """The process looked at. A pid alone is not an identity: `started_at` tells a reused one apart."""

    pid: int
    started_at: datetime
    command: str
    """Its command line, secrets redacted."""
    runtime: str
    """`python 3.12`, or what else it seems to be, or an empty string."""
    parent_pid: int = 0
    exe: str = ""
    threads: int = 0


@dataclass(frozen=True, kw_only=True)
class Syscall:
    """A blocked task's system call: its number on this architecture, and its arguments (`/proc/PID/task/TID/syscall`)."""

    number: int
    args: tuple[int, ...] = ()
    name: str = ""
    """`futex`, `recvfrom` …; empty where the architecture's table does not know the number."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """One thread in one /proc snapshot. Ticks and ns count since its start; None: could not be read."""

    tid: int
    name: str = ""
    state: str = "?"
    utime_ticks: int = 0
    stime_ticks: int = 0
    major_faults: int = 0
    """How often it waited for a page to be read."""
    run_ns: int | None = None
    wait_ns: int | None = None
    voluntary_switches: int | None = None
    involuntary_switches: int | None = None
    wchan: str | None = None
    syscall: Syscall | None = None
    kernel_stack: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """/proc of the process at one moment, taken without stopping it; `at_ms` from the start of the collection."""

    at_ms: float
    state: str
    tracer_pid: int = 0
    tasks: tuple[Task, ...] = ()
    rchar: int | None = None
    wchar: int | None = None
    major_faults: int = 0
    swap_bytes: int | None = None


@dataclass(frozen=True, kw_only=True)
class Socket:
    """A socket among its file descriptors. `protocol`: tcp, udp, unix; `state` as ss(8) names it.

    The peer of a unix socket is `PATH PID`, as far as either is known.
    """

    fd: int
    inode: int
    protocol: str
    local: str
    peer: str
    state: str
    receive_queue: int = 0
    send_queue: int = 0


@dataclass(frozen=True, kw_only=True)
class OpenFile:
    """Another file descriptor: a path, `pipe:[inode]`, `anon_inode:…`; `peers` are others that have a pipe open.

    A peer is `PID reads|writes WCHAN COMMAND`.
    """

    fd: int
    path: str
    peers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Child:
    """A child process; `listens`: it serves others by itself. `wchan` is `pipe_write` where any thread of it writes to a full pipe."""

    pid: int
    state: str
    command: str
    wchan: str | None = None
    listens: bool = False


@dataclass(frozen=True, kw_only=True)
class FileLock:
    """A row of /proc/locks that concerns this process; `waits` tells a waiter from a holder, `shared` a lock to read."""

    path: str
    kind: str
    pid: int
    holder_pid: int | None = None
    holder_command: str = ""
    waits: bool = False
    shared: bool = False


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """Another process of the service, that was not looked at."""

    pid: int
    command: str
    state: str = "?"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One collection. `snapshots[0]` and `[1]` bracket a window without any ptrace stop.

    `source` maps a file on the target to its lines by number around the frames seen.
    `missing` says what could not be seen and what would grant it.
    """

    host: str
    service: str | None
    process: Process
    at: datetime
    machine: str = "x86_64"
    ticks_per_second: int = 100
    snapshots: tuple[Snapshot, ...] = ()
    pressure: tuple[Pressure, ...] = ()
    """What its control groups and its host kept from it until each snapshot."""
    pinned_to: str = ""
    """The cores that it may run on, `0-1,4`, where they are not all."""
    dumps: tuple[Dump, ...] = ()
    sockets: tuple[Socket, ...] = ()
    files: tuple[OpenFile, ...] = ()
    traffic: tuple[Traffic, ...] = ()
    front: Front | None = None
    """Of a server in front of others: what all its processes wait for."""
    awaiting: tuple[AwaitingTask, ...] = ()
    children: tuple[Child, ...] = ()
    locks: tuple[FileLock, ...] = ()
    lock_waits: tuple[LockWait, ...] = ()
    """Lock objects by identity, where the memory could be read; a thread that is not among them may be anywhere."""
    jvm: Jvm | None = None
    """What a JVM said of its locks and its memory; None where it was not asked."""
    mutexes: tuple[Mutex, ...] = ()
    """Of a native program: the threads that wait for a mutex, with who holds it."""
    native: tuple[tuple[str, ...], ...] = ()
    """Names of native functions that the active threads stood in, innermost first, per look that asked for them."""
    file_circle: tuple[FileWait, ...] = ()
    """Processes that wait for each other's locks on files: from this one back to it."""
    forked_from: ForkedFrom | None = None
    source: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    source_newer: tuple[str, ...] = ()
    """Files changed after the process started: their lines may not be what runs."""
    others: tuple[Candidate, ...] = ()
    folder: str = ""
    """Where the process works, empty where that cannot be seen."""
    missing: tuple[Clue, ...] = ()
    longest_pause_ms: float = 0.0
    left_as_found: bool = True
    duration_s: float = 0.0
    log: Log | None = None
    """The last lines of its log; None where there was no time to look."""
    changes: Changes | None = None
    """What changed on the host in the last 24 hours; None where there was no time to look."""
    raw: str = ""
    """The stacks as text, redacted, for the attachment."""
