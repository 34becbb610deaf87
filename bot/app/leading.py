"""One bot works on a database. A second one stands by, and takes over once nothing of the first is heard any more."""

import os
import socket
from pathlib import Path

from bot.domain.errors import EdgeFault, StoreFault
from bot.domain.leading import RENEWED_S, Lead, Watch
from bot.ports import Services

LOOKS_S = 1.0
PROC = Path("/proc")


class Leadership:
    """The lead of this process, as long as it has it."""

    def __init__(self, services: Services, *, worker: str) -> None:
        self._store, self._clock, self._telemetry = services.store, services.clock, services.telemetry
        self.worker, self._process = worker, this_process()
        self._watch, self._kept_at = Watch(), 0.0
        self._lead: Lead | None = None
        self.waits_for = ""
        """Who leads while we stand by."""

    def take(self) -> bool:
        """Lead, if nobody else does; to be called again about every second. A database that cannot be read says no."""
        try:
            return self._taken()
        except StoreFault as error:
            self._telemetry.failure("lead not taken", error)
            return False

    def _taken(self) -> bool:
        now = self._clock.monotonic()
        found = self._store.leader()
        self._watch = self._watch.after(found, now_s=now)
        gone = found is not None and is_gone(found.process)
        if self._watch.may_take(now_s=now, is_gone=gone):
            self._lead = self._store.lead(worker=self.worker, process=self._process, after=found)
        if self._lead is not None:
            self._kept_at = now
            if found is not None and not found.is_free:
                self._telemetry.event("took over", worker=found.worker, term=self._lead.term)
            return True
        self.waits_for = found.worker if found is not None else ""
        return False

    def keep(self) -> None:
        """Show that we live, every few seconds. Raises EdgeFault where another bot has taken over meanwhile."""
        now = self._clock.monotonic()
        if self._lead is None or now - self._kept_at < RENEWED_S:
            return
        self._kept_at = now
        try:
            kept = self._store.keep_leading(self._lead)
            other = self._store.leader() if kept is None else None
        except StoreFault as error:
            self._telemetry.failure("lead not kept", error)
            return
        if kept is None:
            self._lead = None
            who = f" ({other.worker})" if other and other.worker else ""
            raise EdgeFault(
                f"Another hangbot{who} works on this database now: nothing was heard of this one for too long. "
                "It ends; started again, it stands by."
            )
        self._lead = kept

    def leave(self) -> None:
        """Let another one take over at once."""
        lead, self._lead = self._lead, None
        if lead is None:
            return
        try:
            self._store.stop_leading(lead)
        except StoreFault as error:
            self._telemetry.failure("lead not left", error)


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def this_process() -> str:
    """Return what tells this process from every other one: boot, PID namespace, PID and start; empty where /proc is not readable."""
    try:
        return f"{_place()} {os.getpid()} {_began(os.getpid())}"
    except OSError:
        return ""


def is_gone(process: str) -> bool:
    """Return whether that process ran where we run, and runs no longer. Of another machine's nothing is known."""
    try:
        place, pid, began = process.rsplit(" ", 2)
        if place != _place():
            return False
    except (ValueError, OSError):
        return False
    try:
        return _began(int(pid)) != began
    except (OSError, ValueError):
        return True


def _place() -> str:
    boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
    return f"{boot} {(PROC / 'self/ns/pid').readlink()}"


def _began(pid: int) -> str:
    """Return when a process started, in ticks since the boot (proc_pid_stat(5), field 22). Raises OSError where it is not there."""
    fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    if fields[0] in "ZX":
        raise ProcessLookupError(pid)
    return fields[19]
