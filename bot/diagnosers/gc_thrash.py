"""The time goes into garbage collection, and what that frees is next to nothing."""

from collections import Counter

from bot.domain import reading
from bot.domain.clues import clue
from bot.domain.diagnosis import Cause, Finding
from bot.domain.evidence import Evidence
from bot.domain.monitors import Collected

MOST_OF_IT, MUCH = 0.8, 0.5
FULL = 0.9
FEWEST = 2


def diagnose(evidence: Evidence) -> Finding | None:
    """Say so of a JVM that counts it: most of the time, whole collections, and a memory that is full after them."""
    found = evidence.jvm.collected if evidence.jvm else None
    if found is None or found.share < MUCH or found.full < FEWEST:
        return None
    stacks = [stack for group in reading.samples(evidence).values() for stack in group if stack.active]
    places = [reading.place(evidence, one) for stack in stacks if (one := reading.application(stack.frames))]
    return Finding(
        cause=Cause.GC_THRASH,
        confidence=_confidence(found),
        culprit=Counter(places).most_common(1)[0][0] if places else None,
        because=(
            clue("collects", share=round(found.share, 2), full=found.full, filled=round(found.filled, 2)),
            clue("stood_there"),
        ),
        suggest=clue("give_it_memory", pid=evidence.process.pid),
    )


def _confidence(found: Collected) -> float:
    if found.filled < FULL:
        return 0.5
    return 0.9 if found.share >= MOST_OF_IT else 0.75
