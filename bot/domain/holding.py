"""Who waits straight for a lock object, and whether anybody alive may hold it."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain import reading, standing
from bot.domain.evidence import Evidence
from bot.domain.lock_waits import LockKind, LockWait
from bot.domain.loops import Held, Lines, held_at, parse_around, wanted_at
from bot.domain.stacks import Frame, Origin, ThreadStack

LOOPS = ("/asyncio/base_events.py", "/trio/_core/_run.py", "/gevent/hub.py", "/eventlet/hubs/hub.py")
LOCKISH = re.compile("lock|guard|mutex|exclusive|acquire|release", re.IGNORECASE)
ENTERS = ("__enter__",)
TAKES = ("acquire", "__enter__")


@dataclass(frozen=True, kw_only=True)
class Taker:
    """A thread that stood at the same taking of a lock in every sample; `text` as its line writes it, else empty."""

    wait: LockWait
    stack: ThreadStack
    frame: Frame
    """What takes it: below the frames of `threading` itself."""
    culprit: Frame
    text: str
    plain: bool
    """Whether it is taken by code whose source is known: nobody else's condition or signal."""


def takers(evidence: Evidence) -> dict[int, list[Taker]]:
    """Return lock address → those who wait for it as for a lock; waits of conditions, events and joins are left out."""
    found: dict[int, list[Taker]] = {}
    threads = reading.samples(evidence)
    for wait in evidence.lock_waits:
        one = _taker(evidence, wait, threads.get(wait.tid, []))
        if one:
            found.setdefault(wait.address, []).append(one)
    return found


def _taker(evidence: Evidence, wait: LockWait, stacks: list[ThreadStack]) -> Taker | None:
    if not stacks or not reading.is_parked(evidence, wait.tid):
        return None
    stack = stacks[-1]
    tops = {(one.frames[0].file, one.frames[0].line, reading.bare(one.frames[0].function)) for one in stacks}
    culprit = reading.innermost(stack.frames, Origin.APPLICATION, Origin.LIBRARY)
    if len(tops) > 1 or culprit is None:
        return None
    takes = TAKES if wait.kind is LockKind.RLOCK else ENTERS
    own = [frame for frame in stack.frames if not frame.file.endswith("/threading.py")]
    above = stack.frames[: stack.frames.index(own[0])]
    if any(reading.bare(frame.function) not in takes for frame in above):
        return None
    frame = own[0]
    wanted = wanted_at(evidence.source.get(frame.file, {}), frame.line)
    return Taker(
        wait=wait,
        stack=stack,
        frame=frame,
        culprit=reading.application(stack.frames) or culprit,
        text=wanted.text if wanted else "",
        plain=wanted is not None and frame.origin is not Origin.INTERPRETER,
    )


def used_as_lock(evidence: Evidence, taker: Taker) -> bool:
    """Return whether who takes it here gives it back here: else it may be a signal that another thread gives."""
    lines = evidence.source.get(taker.frame.file, {})
    top = taker.stack.frames[0]
    if top is not taker.frame or re.match(r"\s*with\b", lines.get(taker.frame.line, "")):
        return True  # the frame above is `__enter__` of `threading`
    tree = function_at(lines, taker.frame.line)
    return tree is not None and any(
        line > taker.frame.line for line in calls(tree, "release", tail(taker.text))
    )


def tail(text: str) -> str:
    """Return the name a lock goes by, without what it hangs on: `lock` of `self.shop.lock`."""
    return text.partition("(")[0].partition("[")[0].rpartition(".")[2]


def shown(taker: Taker) -> str:
    """Return what to call a lock: by the line that waits for it, else by its kind."""
    return taker.text or ("an RLock" if taker.wait.kind is LockKind.RLOCK else "a lock")


def held_by(evidence: Evidence, stack: ThreadStack) -> list[Held]:
    """Return all that the frames of a thread hold, below the one that waits."""
    found = []
    for frame in stack.frames:
        if frame.origin is not Origin.INTERPRETER:
            wanted = wanted_at(evidence.source.get(frame.file, {}), frame.line)
            found += [
                one
                for one in held_at(evidence.source.get(frame.file, {}), frame.line)
                if not one.text.startswith(("open(", "suppress(", "contextlib.suppress("))
                and (wanted is None or (one.text, one.line) != (wanted.text, wanted.line))
            ]
    return found


def may_be_held(evidence: Evidence, group: list[Taker]) -> bool:
    """Return whether a living thread may hold what these wait for: it stands inside something, or nobody knows where it stands."""
    threads = reading.samples(evidence)
    waiting = {one.wait.tid for one in group}
    known = {tail(one.text) for one in group if one.text}
    own = [held.text for one in group for held in held_by(evidence, one.stack)]
    if any(tail(text) in known or ("(" in text and LOCKISH.search(text)) for text in own):
        return True
    kinds = standing.kinds_of(evidence)
    locked = {one.tid for one in evidence.lock_waits}
    return kinds is None or any(
        may_hold(evidence, stacks[-1]) or (kinds.get(tid) == "stuck" and tid not in locked)
        for tid, stacks in threads.items()
        if tid not in waiting
    )


def may_hold(evidence: Evidence, stack: ThreadStack) -> bool:
    """Return whether a thread may hold any lock at all: it stands in a `with`, beside a call that locks, or on a line not known."""
    return bool(held_by(evidence, stack)) or _handles_locks(evidence, stack) or _unread(evidence, stack)


def _unread(evidence: Evidence, stack: ThreadStack) -> bool:
    """Return whether a line of a thread is not known: it may stand inside anything."""
    return any(
        frame.origin is not Origin.INTERPRETER and frame.line not in evidence.source.get(frame.file, {})
        for frame in stack.frames
    )


def _handles_locks(evidence: Evidence, stack: ThreadStack) -> bool:
    """Return whether a function that a thread stands in calls what sounds like taking or giving back a lock, itself or by a helper."""
    functions = (function_at(evidence.source.get(frame.file, {}), frame.line) for frame in stack.frames)
    return any(
        isinstance(node, ast.Call) and LOCKISH.search(ast.unparse(node.func))
        for function in functions
        if function
        for node in ast.walk(function)
    )


def function_at(lines: Lines, line: int) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """Return the innermost function around a line, None where it is in none or its source is not known."""
    tree = parse_around(lines, line)
    around = [
        node
        for node in (ast.walk(tree) if tree else ())
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.lineno <= line <= (node.end_lineno or 0)
    ]
    return max(around, key=lambda node: node.lineno, default=None)


def calls(tree: ast.AST, method: str, name: str) -> Iterator[int]:
    """Return the lines on which a method of what goes by this name is called."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr == method and tail(ast.unparse(node.func.value)) == name:
            yield node.lineno


def coroutines_wait(evidence: Evidence) -> bool:
    """Return whether a loop runs here: what its parked tasks hold is on no stack."""
    return any(
        frame.file.endswith(LOOPS) or "/greenlet" in frame.file
        for stacks in reading.samples(evidence).values()
        for frame in stacks[-1].frames
    )


def owner_of(evidence: Evidence, wait: LockWait) -> ThreadStack | None:
    """Return the living thread that an RLock names as its owner."""
    return next(
        (
            stacks[-1]
            for stacks in reading.samples(evidence).values()
            if wait.owner is not None and stacks[-1].ident == wait.owner
        ),
        None,
    )
