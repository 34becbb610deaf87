"""What an inspection concludes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from posixpath import basename

from bot.domain.clues import Clue
from bot.domain.evidence import Process
from bot.domain.logs import Log
from bot.domain.memory import Seen, Sighting
from bot.domain.observations import ProbeOutcome
from bot.domain.profile import Profile
from bot.domain.targets import Target


class Cause(StrEnum):
    BUSY_LOOP = "busy_loop"
    INFINITE_RECURSION = "infinite_recursion"
    REGEX_BACKTRACKING = "regex_backtracking"
    GC_THRASH = "gc_thrash"
    GIL_HELD = "gil_held"
    DEADLOCK = "deadlock"
    ORPHAN_LOCK = "orphan_lock"
    FORK_LOCK = "fork_lock"
    EVENT_LOOP_BLOCKED = "event_loop_blocked"
    ASYNC_DEADLOCK = "async_deadlock"
    POOL_EXHAUSTED = "pool_exhausted"
    QUEUE_STARVED = "queue_starved"
    BLOCKED_NETWORK = "blocked_network"
    BLOCKED_DNS = "blocked_dns"
    BLOCKED_SUBPROCESS = "blocked_subprocess"
    BLOCKED_PIPE = "blocked_pipe"
    BLOCKED_FILE_LOCK = "blocked_file_lock"
    BLOCKED_DATABASE = "blocked_database"
    DISK_WAIT = "disk_wait"
    STOPPED = "stopped"
    MEMORY_PRESSURE = "memory_pressure"
    CPU_STARVED = "cpu_starved"
    SLOW_PROGRESS = "slow_progress"
    IDLE = "idle"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    HUNG = "hung"
    HEALTHY = "healthy"
    UNKNOWN = "unknown"


NAMELESS = "??"
"""What a debugger calls a function of which it knows no name."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A line of code on the target; `source` is its text, empty where it could not be read.

    Of native code `line` may be 0, which is not known, and `function` NAMELESS.
    """

    file: str
    line: int
    function: str
    source: str = ""

    @property
    def is_named(self) -> bool:
        return self.line > 0 or self.function != NAMELESS

    @property
    def spot(self) -> str:
        """Return `session.py line 41`, the file alone where the line is not known."""
        return spot(self.file, self.line)


def spot(file: str, line: int) -> str:
    return f"{basename(file)} line {line}" if line else basename(file)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One suspicion, with what speaks for and against it; `confidence` 0…1."""

    cause: Cause
    confidence: float
    culprit: Place | None = None
    called_from: Place | None = None
    cycle: tuple[Place, ...] = ()
    threads: tuple[str, ...] = ()
    because: tuple[Clue, ...] = ()
    against: tuple[Clue, ...] = ()
    suggest: Clue | None = None


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """Findings best first, and the verdict the contract derives from the first one."""

    verdict: Verdict
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """One inspection as it is stored, shown and printed.

    `process` is None when the host could not be asked; then `outcome` says why and `reason` how.
    `snippet` is the source around the headline's line: (number, text).
    """

    id: str
    target: Target
    at: datetime
    diagnosis: Diagnosis
    process: Process | None = None
    outcome: ProbeOutcome = ProbeOutcome.OK
    reason: str = ""
    not_seen: tuple[Clue, ...] = ()
    next: str | None = None
    left_as_found: bool = True
    longest_pause_ms: float = 0.0
    duration_s: float = 0.0
    snippet: tuple[tuple[int, str], ...] = ()
    others: tuple[str, ...] = ()
    log: Log | None = None
    stacks: str = ""
    fingerprint: str = ""
    """What it has in common with the same hang elsewhere; empty where nothing hangs, or no place is named."""
    seen: Seen | None = None
    """That hang's past, as it was known then."""
    also_on: tuple[str, ...] = ()
    """Other hosts on which the same hung at that time."""
    profile: Profile | None = None
    """What of its process can be laid beside another one's."""
    answers: bool = False
    """Whether its service answered in the last round before the look."""
    changed: tuple[Clue, ...] = ()
    """What changed on the host shortly before it was no longer well, the nearest first."""

    @property
    def sighting(self) -> Sighting:
        """What is kept of it for the next time the same thing hangs."""
        one = self.process
        run = f"{one.pid}@{one.started_at.timestamp():.0f}" if one else ""
        return Sighting(inspection=self.id, target=self.target, at=self.at, process=run)
