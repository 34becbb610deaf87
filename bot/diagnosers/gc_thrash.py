"""The time goes into garbage collection, and what that frees is next to nothing."""

import re
from collections import Counter

from bot.domain import reading
from bot.domain.clues import Clue, clue
from bot.domain.diagnosis import Cause, Finding, Place
from bot.domain.evidence import Evidence
from bot.domain.monitors import Collected
from bot.domain.stacks import ThreadStack

MOST_OF_IT, MUCH = 0.8, 0.5
FULL = 0.9
FEWEST = 2
FEWEST_SAMPLES, FEWEST_NATIVE = 5, 4
CALL = re.compile(r"\bgc\.collect\(")
COLLECTS = re.compile(r"^(?:gc_collect\w*|_?PyGC_Collect\w*|collect_generations|collect_with_callback)$")
"""Functions of CPython's collector, in Modules/gcmodule.c and from 3.13 on in Python/gc.c."""


def diagnose(evidence: Evidence) -> Finding | None:
    """Say so of a JVM that counts it (most of the time, whole collections, a memory that is full after them), and of
    CPython where most looks meet it in its collector.
    """
    if evidence.jvm and evidence.jvm.collected:
        return _of_a_jvm(evidence, evidence.jvm.collected)
    return _of_python(evidence)


def _of_a_jvm(evidence: Evidence, found: Collected) -> Finding | None:
    if found.share < MUCH or found.full < FEWEST:
        return None
    stacks = [stack for group in reading.samples(evidence).values() for stack in group if stack.active]
    return Finding(
        cause=Cause.GC_THRASH,
        confidence=_confidence(found),
        culprit=_commonest(evidence, stacks),
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


def _of_python(evidence: Evidence) -> Finding | None:
    groups = reading.hot_groups(evidence)
    if len(groups) != 1 or len(groups[0]) != 1:
        return None
    threads = reading.samples(evidence)
    stacks = threads[groups[0][0]]
    return _asked_for(evidence, threads, stacks) or _by_itself(evidence, threads, stacks)


def _asked_for(
    evidence: Evidence, threads: dict[int, list[ThreadStack]], stacks: list[ThreadStack]
) -> Finding | None:
    """Say so where the program itself asks for a collection, again and again: the line says it."""
    lines = [evidence.source.get(stack.frames[0].file, {}).get(stack.frames[0].line, "") for stack in stacks]
    there = [stack for stack, text in zip(stacks, lines, strict=True) if CALL.search(text)]
    if len(stacks) < FEWEST_SAMPLES or len(there) < len(stacks) * MUCH:
        return None
    called_from = reading.application(there[-1].frames[1:])
    return Finding(
        cause=Cause.GC_THRASH,
        confidence=0.9 if len(there) >= len(stacks) * MOST_OF_IT else 0.75,
        culprit=Counter(reading.place(evidence, stack.frames[0]) for stack in there).most_common(1)[0][0],
        called_from=reading.place(evidence, called_from) if called_from else None,
        threads=reading.names(threads, [there[0].tid]),
        because=(clue("asks_to_collect", there=len(there), samples=len(stacks)), *_native(evidence)),
        suggest=clue("do_not_collect"),
    )


def _by_itself(
    evidence: Evidence, threads: dict[int, list[ThreadStack]], stacks: list[ThreadStack]
) -> Finding | None:
    """Say so where the interpreter collects by itself in most looks; the line is only where it wanted memory."""
    seen, share = len(evidence.native), _share(evidence)
    if seen < FEWEST_NATIVE or share <= MUCH:
        return None
    return Finding(
        cause=Cause.GC_THRASH,
        confidence=0.85 if share >= MOST_OF_IT else 0.65,
        culprit=_commonest(evidence, stacks),
        threads=reading.names(threads, [stacks[0].tid]),
        because=(*_native(evidence), clue("stood_there")),
        suggest=clue("look_at_the_thresholds"),
    )


def _share(evidence: Evidence) -> float:
    inside = sum(any(map(COLLECTS.match, names)) for names in evidence.native)
    return inside / len(evidence.native) if evidence.native else 0.0


def _native(evidence: Evidence) -> tuple[Clue, ...]:
    inside = sum(any(map(COLLECTS.match, names)) for names in evidence.native)
    return (clue("in_the_collector", inside=inside, looks=len(evidence.native)),) if inside else ()


def _commonest(evidence: Evidence, stacks: list[ThreadStack]) -> Place | None:
    """Return the application's line that most stacks stood on."""
    places = [reading.place(evidence, one) for stack in stacks if (one := reading.application(stack.frames))]
    return Counter(places).most_common(1)[0][0] if places else None
