"""Which lock objects the threads of a process wait for, as its memory shows them."""

from dataclasses import dataclass
from enum import StrEnum


class LockKind(StrEnum):
    LOCK = "lock"
    """`_thread.lock`: nothing in it tells who holds it. Conditions, events, semaphores and queues wait on such ones too."""
    RLOCK = "rlock"


@dataclass(frozen=True, kw_only=True)
class LockWait:
    """One thread that waits, without a time limit, for one lock."""

    tid: int
    address: int
    kind: LockKind
    owner: int | None = None
    """The ident of the thread that took it last and still has it: idents are used again when a thread has ended."""
    count: int = 0
    names: tuple[str, ...] = ()
    """Variables that refer to it; some are what stood there by chance, so only what the source shows too may be told."""


@dataclass(frozen=True, kw_only=True)
class FileWait:
    """One process that waits for a lock on a file which another one holds. `path` is empty where the file is not known."""

    pid: int
    holder: int
    path: str = ""
    holder_command: str = ""


@dataclass(frozen=True, kw_only=True)
class ForkedFrom:
    """The parent whose program this process still runs: nothing was executed since the fork."""

    pid: int
    threads: int
    """How many it has now."""
