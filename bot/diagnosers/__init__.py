"""One suspicion per function, in the order of decision; and the verdict over all of them."""

from collections.abc import Callable
from dataclasses import replace

from bot.diagnosers import (
    async_deadlock,
    cpu_starved,
    deadlock,
    event_loop_blocked,
    fork_lock,
    gc_thrash,
    gil_held,
    idle,
    in_front,
    infinite_recursion,
    memory_pressure,
    orphan_lock,
    pool_exhausted,
    queue_starved,
    regex_backtracking,
    spinning,
    states,
    waiting,
)
from bot.domain.clues import Clue, clue
from bot.domain.diagnosis import Cause, Diagnosis, Finding, Verdict
from bot.domain.evidence import Evidence

Diagnoser = Callable[[Evidence], Finding | None]
SURE_ENOUGH = 0.6
HEALTHY = (Cause.IDLE, Cause.SLOW_PROGRESS)
MOST_GUESSES = 2


def _network(evidence: Evidence) -> Finding | None:
    """A server in front waits over all its processes, any other one by its threads."""
    return in_front.diagnose(evidence) or waiting.blocked_network(evidence)


DIAGNOSERS: dict[str, Diagnoser] = {
    "stopped": states.stopped,
    "memory_pressure": memory_pressure.diagnose,
    "disk_wait": states.disk_wait,
    "infinite_recursion": infinite_recursion.diagnose,
    "regex_backtracking": regex_backtracking.diagnose,
    "gc_thrash": gc_thrash.diagnose,
    "busy_loop": spinning.busy_loop,
    "cpu_starved": cpu_starved.diagnose,
    "gil_held": gil_held.diagnose,
    "fork_lock": fork_lock.diagnose,
    "deadlock": deadlock.diagnose,
    "orphan_lock": orphan_lock.diagnose,
    "event_loop_blocked": event_loop_blocked.diagnose,
    "slow_progress": spinning.slow_progress,
    "pool_exhausted": pool_exhausted.diagnose,
    "blocked_database": waiting.blocked_database,
    "blocked_dns": waiting.blocked_dns,
    "blocked_subprocess": waiting.blocked_subprocess,
    "blocked_pipe": waiting.blocked_pipe,
    "blocked_file_lock": waiting.blocked_file_lock,
    "blocked_network": _network,
    "queue_starved": queue_starved.diagnose,
    "async_deadlock": async_deadlock.diagnose,
    "idle": idle.idle,
}


def diagnose(evidence: Evidence) -> tuple[Diagnosis, str | None, tuple[Clue, ...]]:
    """Return the diagnosis, one command to type next where it is unsure, and what more was not seen.

    The first suspicion in the order of decision that is sure enough is the headline; below that nothing is.
    """
    found = [_named(finding) for suspect in DIAGNOSERS.values() if (finding := suspect(evidence))]
    sure = [finding for finding in found if finding.confidence >= SURE_ENOUGH]
    if not sure:
        guesses = sorted(found, key=lambda finding: -finding.confidence)[:MOST_GUESSES]
        again = " ".join(filter(None, ("/hang inspect", evidence.host, evidence.service)))
        return Diagnosis(verdict=Verdict.UNKNOWN, findings=tuple(map(_weighed, guesses))), again, ()
    headline = sure[0]
    rest = sorted((one for one in found if one is not headline), key=lambda finding: -finding.confidence)
    verdict = Verdict.HEALTHY if headline.cause in HEALTHY else Verdict.HUNG
    return Diagnosis(verdict=verdict, findings=(headline, *rest)), None, ()


def _named(finding: Finding) -> Finding:
    """Leave out places that have neither a name nor a line: a program without symbols shows such."""
    return replace(
        finding,
        culprit=finding.culprit if finding.culprit and finding.culprit.is_named else None,
        called_from=finding.called_from if finding.called_from and finding.called_from.is_named else None,
        cycle=tuple(place for place in finding.cycle if place.is_named),
    )


def _weighed(guess: Finding) -> Finding:
    """Give a guess something against it, if nothing more than that the evidence is thin."""
    if guess.against:
        return guess
    return replace(guess, against=(clue("thin_evidence"),))
