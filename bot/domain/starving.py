"""Whether a process could run and is not let: it stands in the queue for a core most of the time, and what holds it back."""

from dataclasses import dataclass
from itertools import pairwise

from bot.domain.clues import Clue, clue
from bot.domain.evidence import Evidence
from bot.domain.pressure import Pressure, idle_share, more, pairs

WANTS = 0.5
"""Of a core: one of its threads wants this much."""
RATIONED = 0.25
"""Of what it wants: who gets less of it from a quota is starved by that."""
CROWDED = 0.08
"""Of what it wants: who gets more beside others shares a host that is merely busy."""
THROTTLED = 0.8
"""Of the periods of its quota."""
FEWEST_PERIODS = 3
NO_CORE_FREE = 0.1
LONG_WAIT_NS = 25e6
"""In the queue, for each time it is let run: who gets a core sooner is slow, not starved."""
GUESS = 0.5


@dataclass(frozen=True, kw_only=True)
class Starving:
    """How many cores its threads wanted and got all the while; `why` is None where nothing says what holds it back."""

    wanted: float
    got: float
    confidence: float
    why: Clue | None = None


def starving(evidence: Evidence) -> Starving | None:
    """Return how a process is starved of the CPU; None where it is not at any time, or where the queue is not counted."""
    seen = [_wanted(before, after) for before, after in pairwise(evidence.pressure)]
    if not seen or any(not wanted or got > RATIONED * wanted for wanted, got in seen):
        return None
    first, last = evidence.pressure[0], evidence.pressure[-1]
    wanted, got = _wanted(first, last)
    if rationed := _rationed(first, last):
        return Starving(wanted=wanted, got=got, confidence=0.9, why=rationed)
    if any(part > CROWDED * whole for whole, part in seen) or not _waits_long(first, last):
        return None
    idle = idle_share(first, last)
    if idle is not None and idle <= NO_CORE_FREE:
        return Starving(wanted=wanted, got=got, confidence=0.85, why=clue("no_core_free"))
    if evidence.pinned_to:
        why = clue("only_these_cores", cores=evidence.pinned_to)
        return Starving(wanted=wanted, got=got, confidence=0.85, why=why)
    return Starving(wanted=wanted, got=got, confidence=GUESS)


def _wanted(before: Pressure, after: Pressure) -> tuple[float, float]:
    """Return the cores that its threads wanted and got; nothing where none of them wants one for itself."""
    ns = (after.at_ms - before.at_ms) * 1e6
    if ns <= 0:
        return 0.0, 0.0
    grown = [
        (ran - before.scheduled[tid][0], waited - before.scheduled[tid][1])
        for tid, (ran, waited, _) in after.scheduled.items()
        if tid in before.scheduled
    ]
    if not any(ran + waited >= WANTS * ns for ran, waited in grown):
        return 0.0, 0.0
    return sum(ran + waited for ran, waited in grown) / ns, sum(ran for ran, _ in grown) / ns


def _waits_long(first: Pressure, last: Pressure) -> bool:
    grown = [
        (waited - first.scheduled[tid][1], turns - first.scheduled[tid][2])
        for tid, (_, waited, turns) in last.scheduled.items()
        if tid in first.scheduled
    ]
    return sum(waited for waited, _ in grown) >= LONG_WAIT_NS * sum(turns for _, turns in grown)


def _rationed(first: Pressure, last: Pressure) -> Clue | None:
    """Return which group's quota ran out in nearly every period."""
    for before, after in pairs(first, last):
        periods, throttled = more(before.periods, after.periods), more(before.throttled, after.throttled)
        if periods >= FEWEST_PERIODS and throttled >= THROTTLED * periods:
            share = round(throttled / periods, 2)
            return clue("ran_out_of_quota", group=after.name, cores=after.cores, share=share)
    return None
