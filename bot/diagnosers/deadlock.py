"""Threads that wait for each other's locks in a circle; or one that waits for a lock it holds itself."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.domain import holding, monitors, reading
from bot.domain.clues import Clue, clue
from bot.domain.diagnosis import Cause, Finding
from bot.domain.evidence import Evidence
from bot.domain.lock_waits import LockKind
from bot.domain.loops import Held, held_at, wanted_at
from bot.domain.stacks import Frame, Origin, ThreadStack

Identity = tuple[str, str]
"""A lock: the hash of the object it hangs on (or the file it is global in), and the rest of its name."""
LOCK_CODE = ("/threading.py",)
ACQUIRES = ("acquire", "__enter__", "_acquire_restore")
JOINS = ("join", "_wait_for_tstate_lock")
BEGINS = ("_bootstrap", "_bootstrap_inner", "run")
PROVED = 0.9
FILE_CALLS = ("flock", "fcntl")
LOCK = "lock object"
THREAD = "thread"
"""A thread that is joined is held by itself, until it ends."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A thread that waits for a lock, and the locks that its frames hold."""

    tid: int
    name: str
    frame: Frame
    application: Frame
    wants: Identity
    text: str
    address: int | None
    holds: dict[Identity, Held]


def diagnose(evidence: Evidence) -> Finding | None:
    return _over_files(evidence) or _in_jvm(evidence) or _over_mutexes(evidence) or _among_threads(evidence)


def _in_jvm(evidence: Evidence) -> Finding | None:
    """A JVM tells who holds which lock; threads that it reports as deadlocked never wake again."""
    threads = reading.samples(evidence)
    circle = monitors.circle(evidence.jvm) if evidence.jvm else []
    if not circle or not all(reading.is_parked(evidence, one.tid) for one in circle):
        return None
    stacks = [threads.get(one.tid, []) for one in circle]
    frames = [reading.application(stack[-1].frames) if stack else None for stack in stacks]
    places = tuple(reading.place(evidence, frame) for frame in frames if frame)
    because = (
        clue(
            "waits_for_owner",
            thread=one.name,
            wants=one.kind or "a lock",
            place=reading.short(frame) if frame else "not in its own code",
            owner=owner.name,
        )
        for one, frame, owner in zip(circle, frames, [*circle[1:], circle[0]], strict=True)
    )
    return Finding(
        cause=Cause.DEADLOCK,
        confidence=0.97,
        culprit=next(iter(places), None),
        cycle=places,
        threads=tuple(one.name for one in circle),
        because=tuple(because),
        suggest=clue("take_locks_in_order"),
    )


def _over_mutexes(evidence: Evidence) -> Finding | None:
    """A mutex names the thread that owns it; threads in a circle never wake again."""
    circle = monitors.mutex_circle(evidence.mutexes)
    if not circle or not all(reading.is_parked(evidence, one.tid) for one in circle):
        return None
    threads = reading.samples(evidence)
    frames = [
        reading.application(threads[one.tid][-1].frames) if one.tid in threads else None for one in circle
    ]
    places = tuple(reading.place(evidence, frame) for frame in frames if frame)
    because = (
        clue(
            "waits_for_owner",
            thread=str(one.tid),
            wants=f"the mutex at {one.address}",
            place=reading.short(frame) if frame else "not in its own code",
            owner=str(one.owner),
        )
        for one, frame in zip(circle, frames, strict=True)
    )
    return Finding(
        cause=Cause.DEADLOCK,
        confidence=0.95,
        culprit=next(iter(places), None),
        cycle=places,
        threads=tuple(str(one.tid) for one in circle),
        because=tuple(because),
        suggest=clue("take_locks_in_order"),
    )


def _over_files(evidence: Evidence) -> Finding | None:
    """Processes that wait for each other's locks on files."""
    threads = reading.samples(evidence)
    tid = next((one for one in threads if _name_of_call(evidence, one) in FILE_CALLS), None)
    if not evidence.file_circle or tid is None:
        return None
    frame = reading.application(threads[tid][-1].frames)
    because = (
        clue(
            "waits_for_file_of",
            pid=one.pid,
            holder=one.holder,
            path=one.path or "another file",
            command=one.holder_command or "this process",
        )
        for one in evidence.file_circle
    )
    return Finding(
        cause=Cause.DEADLOCK,
        confidence=0.95,
        culprit=reading.place(evidence, frame) if frame else None,
        threads=reading.names(threads, [tid]),
        because=tuple(because),
        suggest=clue("lock_files_in_order"),
    )


def _name_of_call(evidence: Evidence, tid: int) -> str:
    call = reading.parked_in(evidence, tid)
    return call.name if call else ""


def _among_threads(evidence: Evidence) -> Finding | None:
    found = waiting_for_locks(evidence)
    owners = {
        one.wait.tid: owner.tid for one in _owned(evidence) if (owner := holding.owner_of(evidence, one.wait))
    }
    known = {one.tid for one in found}
    found += [_by_identity(evidence, one) for one in _owned(evidence) if one.wait.tid not in known]
    circle = _circle(found, owners)
    if circle:
        sure = any(one.tid in owners for one in circle)
        return _finding(evidence, circle, 0.95 if sure else 0.92, [])
    if circle := _circle(found, owners, by_name=True):
        return _finding(evidence, circle, 0.85, [])
    found = [one for one in found if one.tid not in owners]  # their owners are in no circle
    others = [tid for tid in reading.samples(evidence) if tid not in {one.tid for one in found}]
    if not all(reading.is_parked(evidence, tid) for tid in others):
        return None
    holders = [one for one in found if any(lock.line for lock in one.holds.values())]
    if _wait_apart(holders):
        return _finding(evidence, holders, 0.7, [clue("each_holds_one")])
    locked = [one for one in found if one.wants[0] != THREAD]
    return _finding(evidence, locked, 0.55, []) if _wait_apart(locked) else None


def _owned(evidence: Evidence) -> list[holding.Taker]:
    return [
        one for group in holding.takers(evidence).values() for one in group if one.wait.kind is LockKind.RLOCK
    ]


def _by_identity(evidence: Evidence, one: holding.Taker) -> Waiting:
    """Return a thread whose lock its source does not name: the lock object does. What it holds its frames tell."""
    holds = {
        _identity(below, held.text): held
        for below in one.stack.frames
        if below.origin is not Origin.INTERPRETER
        for held in held_at(evidence.source.get(below.file, {}), below.line)
        if held.line != below.line
    }
    return Waiting(
        tid=one.wait.tid,
        name=reading.name_of(one.stack),
        frame=one.frame,
        application=one.culprit,
        wants=(LOCK, hex(one.wait.address)),
        text=holding.shown(one),
        address=one.wait.address,
        holds=holds,
    )


def _wait_apart(found: list[Waiting]) -> bool:
    """Return whether several threads wait, each for another lock."""
    addresses = {one.address for one in found}
    return len(found) >= 2 and len(addresses) == len(found) and None not in addresses


def waiting_for_locks(evidence: Evidence) -> list[Waiting]:
    """Return the threads that stood in an untimed lock acquire in every sample."""
    found = []
    for tid, stacks in reading.samples(evidence).items():
        one = _waiting(evidence, tid, stacks)
        if one:
            found.append(one)
    return found


def _waiting(evidence: Evidence, tid: int, stacks: list[ThreadStack]) -> Waiting | None:
    call = reading.parked_in(evidence, tid)
    if not reading.is_parked(evidence, tid) or (call is not None and call.name != "futex"):
        return None
    stack = next((one for one in reversed(stacks) if any(frame.locals for frame in one.frames)), stacks[-1])
    at = _below_lock_code(stack)
    if at >= len(stack.frames):
        return None
    frame = stack.frames[at]
    if any((top := _top(one)) is None or (top.file, top.line) != (frame.file, frame.line) for one in stacks):
        return None
    wanted = joined = _joined(evidence, stack, at)
    if wanted is None:
        wanted = wanted_at(evidence.source.get(frame.file, {}), frame.line)
    application = reading.application(stack.frames)
    if wanted is None or application is None or frame.origin is Origin.INTERPRETER:
        return None
    holds = {(THREAD, itself): Held(text="", line=0) for itself in _self_of(stack.frames, BEGINS)}
    for below in stack.frames[at:]:
        for one in held_at(evidence.source.get(below.file, {}), below.line):
            if not (below is frame and one.line == wanted.line and one.text == wanted.text):
                holds[_identity(below, one.text)] = one
    return Waiting(
        tid=tid,
        name=reading.name_of(stack),
        frame=frame,
        application=application,
        wants=next(((THREAD, it) for it in _self_of(stack.frames[:at], JOINS)), (THREAD, ""))
        if joined
        else _identity(frame, wanted.text),
        text=wanted.text,
        address=call.args[0] if call and call.args and not _in_semaphore(stack) else None,
        holds=holds,
    )


def _top(stack: ThreadStack) -> Frame | None:
    return next(iter(stack.frames[_below_lock_code(stack) :]), None)


def _below_lock_code(stack: ThreadStack) -> int:
    """Return how many of the innermost frames are those of locks, semaphores (which wait inside) and joins."""
    names = [reading.bare(frame.function) if frame.file.endswith(LOCK_CODE) else "" for frame in stack.frames]
    if names[0] == "wait" and names[1:2] == ["acquire"]:
        names[0] = "acquire"
    return next((at for at, name in enumerate(names) if name not in (*ACQUIRES, *JOINS)), len(names))


def _in_semaphore(stack: ThreadStack) -> bool:
    """Return whether a thread waits in a semaphore: there each waiter has an address of its own."""
    return reading.bare(stack.frames[0].function) == "wait"


def _joined(evidence: Evidence, stack: ThreadStack, at: int) -> Held | None:
    """Return the thread that is joined without a limit of time."""
    frame = stack.frames[at]
    if not any(reading.bare(one.function) in JOINS for one in stack.frames[:at]):
        return None
    found = re.search(
        r"([\w.\[\]'\"]+)\.join\(\s*\)", evidence.source.get(frame.file, {}).get(frame.line, "")
    )
    return Held(text=found[1], line=frame.line) if found else None


def _self_of(frames: Iterable[Frame], functions: tuple[str, ...]) -> set[str]:
    """Return which thread these functions of `threading` work for."""
    return {
        frame.locals["self"]
        for frame in frames
        if frame.file.endswith(LOCK_CODE)
        and reading.bare(frame.function) in functions
        and "self" in frame.locals
    }


def _identity(frame: Frame, text: str) -> Identity:
    """Return which lock a name means: by the object it hangs on, where its hash is known; else by its file."""
    head, _, rest = text.partition(".")
    base = head.partition("[")[0]
    if base in frame.locals:
        return frame.locals[base], text[len(base) :]
    return frame.file, text if not rest else f"{head}.{rest}"


def _circle(found: list[Waiting], owners: Mapping[int, int], *, by_name: bool = False) -> list[Waiting]:
    """Return threads that wait for each other, in order; one alone where it waits for what it holds.

    `owners` maps a waiter to the thread that an RLock itself names; else the source tells who holds what. `by_name`: a lock
    that is reached in two ways (`self.lock`, `self.shop.lock`) is one, if an RLock's owner is in the circle as well.
    """
    for start in found:
        path = [start]
        while True:
            wanted, owner = path[-1].wants, owners.get(path[-1].tid)
            if owner is not None:
                holder = next((one for one in found if one.tid == owner), None)
            else:
                holder = next((one for one in found if wanted in one.holds), None)
                if holder is None and by_name and path[-1].tid not in owners:
                    holder = next(
                        (one for one in found if one is not path[-1] and _holds_such(one, path[-1])), None
                    )
            if holder is None:
                break
            if holder in path:
                circle = path[path.index(holder) :]
                return circle if not by_name or any(one.tid in owners for one in circle) else []
            path.append(holder)
    return []


def _holds_such(holder: Waiting, waiter: Waiting) -> bool:
    """Return whether a thread holds what goes by the last name of the lock that another one wants."""
    name = waiter.text.rpartition(".")[2]
    return bool(name) and any(held.text.rpartition(".")[2] == name for held in holder.holds.values())


def _wait(one: Waiting, following: str) -> Clue:
    """Say what a thread waits for and holds; where only the lock object tells, who owns it."""
    place, holds = reading.short(one.frame), ", ".join(lock.text for lock in one.holds.values() if lock.text)
    if holds or not following:
        holds = holds or "nothing that is seen"
        return clue("waits_holding", thread=one.name, wants=one.text, place=place, holds=holds)
    return clue("waits_for_owner", thread=one.name, wants=one.text, place=place, owner=following)


def _finding(evidence: Evidence, circle: list[Waiting], confidence: float, more: list[Clue]) -> Finding:
    because = [
        _wait(one, following.name if confidence >= PROVED else "")
        for one, following in zip(circle, [*circle[1:], circle[0]], strict=True)
    ]
    first = circle[0]
    return Finding(
        cause=Cause.DEADLOCK,
        confidence=confidence,
        culprit=reading.place(evidence, first.application),
        cycle=tuple(reading.place(evidence, one.application) for one in circle),
        threads=tuple(one.name for one in circle),
        because=(*because, *more),
        suggest=clue("take_locks_in_order" if len(circle) > 1 else "lock_taken_twice"),
    )
