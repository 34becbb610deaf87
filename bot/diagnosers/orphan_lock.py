"""Threads wait for a lock that nobody alive will give back: who took it has ended, or went on without releasing it."""

import ast
import re

from bot.domain import holding, monitors, reading, standing
from bot.domain.clues import Clue, clue
from bot.domain.diagnosis import Cause, Finding
from bot.domain.evidence import Evidence
from bot.domain.holding import Taker
from bot.domain.lock_waits import LockKind
from bot.domain.monitors import Jvm
from bot.domain.stacks import Frame

MOST_THREADS = 400
"""Of a JVM that are read: beyond that its holder may be one of the others."""
LIGHT_THREADS = ("java/lang/VirtualThread.java", "jdk/internal/vm/Continuation.java")
"""Where a thread of a JVM carries such as no dump lists; what those hold is not seen."""


def diagnose(evidence: Evidence) -> Finding | None:
    if evidence.jvm:
        return _in_jvm(evidence, evidence.jvm)
    if evidence.mutexes:
        return _mutex(evidence)
    for group in sorted(holding.takers(evidence).values(), key=len, reverse=True):
        found = _owned(evidence, group) if group[0].wait.kind is LockKind.RLOCK else _plain(evidence, group)
        if found:
            return found
    return None


def _in_jvm(evidence: Evidence, jvm: Jvm) -> Finding | None:
    """A lock of java.util.concurrent that no living thread owns, though all of them were listed with what they own."""
    threads = reading.samples(evidence)
    group = [one for one in monitors.abandoned(jvm) if reading.is_parked(evidence, one.tid)]
    if not group or len(jvm.stands) >= MOST_THREADS or group[0].tid not in threads:
        return None
    light = any(
        frame.file in LIGHT_THREADS
        for stacks in threads.values()
        for stack in stacks
        for frame in stack.frames
    )
    frame = reading.application(threads[group[0].tid][-1].frames)
    return Finding(
        cause=Cause.ORPHAN_LOCK,
        confidence=0.5 if light else 0.8,
        culprit=reading.place(evidence, frame) if frame else None,
        threads=tuple(one.name for one in group),
        because=(
            clue("nobody_holds", count=len(group), lock=group[0].kind.partition("$")[0].rpartition(".")[2]),
        ),
        against=(clue("light_threads"),) if light else (),
        suggest=clue("unlock_in_finally"),
    )


def _mutex(evidence: Evidence) -> Finding | None:
    """A mutex whose owner has ended: the number of a thread that is no more stands in it."""
    left = [one for one in evidence.mutexes if not one.lives and reading.is_parked(evidence, one.tid)]
    if not left:
        return None
    threads = reading.samples(evidence)
    stacks = threads.get(left[0].tid, [])
    frame = reading.application(stacks[-1].frames) if stacks else None
    return Finding(
        cause=Cause.ORPHAN_LOCK,
        confidence=0.85,
        culprit=reading.place(evidence, frame) if frame else None,
        threads=tuple(str(one.tid) for one in left),
        because=(clue("mutex_owner_is_gone", count=len(left), address=left[0].address, owner=left[0].owner),),
        suggest=clue("unlock_before_it_ends"),
    )


def _owned(evidence: Evidence, group: list[Taker]) -> Finding | None:
    """An RLock names its owner; that one has ended, or it rests and holds nothing (or its ident was given again)."""
    first = group[0]
    if first.wait.owner is None or not first.wait.count:
        return None
    owner = holding.owner_of(evidence, first.wait)
    if owner is None:
        return _finding(evidence, group, 0.8, clue("owner_is_gone", lock=holding.shown(first)))
    kinds = standing.kinds_of(evidence)
    rests = kinds is not None and kinds.get(owner.tid) not in ("stuck", "joins", None)
    if not rests or holding.may_hold(evidence, owner) or holding.coroutines_wait(evidence):
        return None
    name = reading.name_of(owner)
    return _finding(evidence, group, 0.75, clue("owner_has_left", lock=holding.shown(first), owner=name))


def _plain(evidence: Evidence, group: list[Taker]) -> Finding | None:
    """A plain lock names nobody: it must be used as a lock by its takers, and all who live must be elsewhere."""
    if not all(one.plain and holding.used_as_lock(evidence, one) for one in group):
        return None
    if holding.may_be_held(evidence, group):
        return None
    if holding.coroutines_wait(evidence):
        return _finding(evidence, group, 0.5, None, clue("coroutine_may_hold"))
    return _finding(evidence, group, 0.76, None)


def unpaired(evidence: Evidence, name: str) -> Frame | None:
    """Return the first place in the known source that acquires a lock of this name without releasing it in a `finally`."""
    if not name:
        return None
    for file, lines in evidence.source.items():
        for number in sorted(lines):
            if not re.search(rf"\b{re.escape(name)}\.acquire\(", lines[number]):
                continue
            tree = holding.function_at(lines, number)
            if tree and number in holding.calls(tree, "acquire", name) and not _ends_it(tree, name):
                return Frame(file=file, line=number, function=tree.name)
    return None


def _ends_it(tree: ast.AST, name: str) -> bool:
    return any(
        any(True for _ in holding.calls(statement, "release", name))
        for node in ast.walk(tree)
        if isinstance(node, ast.Try)
        for statement in node.finalbody
    )


def _finding(
    evidence: Evidence, group: list[Taker], confidence: float, why: Clue | None, *against: Clue
) -> Finding:
    first = group[0]
    root = unpaired(evidence, holding.tail(first.text))
    because = [clue("nobody_holds", count=len(group), lock=holding.shown(first))]
    if why:
        because.append(why)
    if root:
        because.append(clue("acquire_without_finally", function=root.function, place=reading.short(root)))
    return Finding(
        cause=Cause.ORPHAN_LOCK,
        confidence=min(0.8, confidence + 0.04) if root and confidence >= 0.6 else confidence,
        culprit=reading.place(evidence, first.culprit),
        threads=tuple(reading.name_of(one.stack) for one in group),
        because=tuple(because),
        against=against,
        suggest=clue("release_in_finally"),
    )
