"""How a thread that does nothing came to rest: with or without an alarm set, in a loop it sleeps in on purpose, before a client."""

import re
from collections.abc import Collection

from bot.domain import reading
from bot.domain.evidence import Evidence, Syscall
from bot.domain.loops import Lines, loops_at
from bot.domain.stacks import Frame, Origin, ThreadStack
from bot.domain.traffic import Traffic

FOR_EVER = (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
EPOLL = ("epoll_wait", "epoll_pwait")
HANDLER = re.compile(r"\s*except\b")
WITH = re.compile(r"\s*with\b")
LIFETIME = re.compile(
    r"while\b.*(?:stop|shut_?down|terminat|exit|quit|closing)|while\s+(?:self\.)?_?running\b", re.IGNORECASE
)
"""The test of a loop that lasts as long as the program; `while not job.done()` waits for something that may never come."""
PATIENT_MS = 700
"""A request younger than this may be in work."""
RUNNERS = (
    ("/asyncio/runners.py", "run"),
    ("/asyncio/base_events.py", "_run_once"),
    ("/uvloop/__init__.py", "run"),
    ("/uvicorn/server.py", "run"),
)


def for_ever(evidence: Evidence, tid: int) -> bool:
    """Return whether a thread waits for a lock or a condition without a time limit; False where that cannot be seen."""
    call = reading.parked_in(evidence, tid)
    return call is not None and call.name == "futex" and len(call.args) > 3 and call.args[3] == 0


def selects_for_ever(call: Syscall) -> bool:
    """Return whether a call waits for events without a time limit."""
    at, never = {"poll": (2, FOR_EVER), "ppoll": (2, (0,)), "select": (4, (0,)), "pselect6": (4, (0,))}.get(
        call.name, (3, FOR_EVER)
    )
    return len(call.args) > at and call.args[at] in never


def without_timer(evidence: Evidence, tid: int) -> bool:
    """Return whether an event loop waits with nothing that would wake it by itself."""
    call = reading.parked_in(evidence, tid)
    return call is not None and call.name in EPOLL and len(call.args) > 3 and call.args[3] in FOR_EVER


def is_event_loop(evidence: Evidence, tid: int, stack: ThreadStack) -> bool:
    """Return whether a thread is an asyncio loop that waits for events. One in C, uvloop's, has no frame of its own."""
    if reading.stands_in(stack, ("/asyncio/base_events.py", "_run_once")):
        return True
    call, top = reading.parked_in(evidence, tid), stack.frames[0]
    if call is None or call.name not in EPOLL:
        return False
    text = source(evidence, top)
    started = any(top.file.endswith(file) and reading.bare(top.function) == name for file, name in RUNNERS)
    return started or "run_forever(" in text or "run_until_complete(" in text


def is_cut_off(evidence: Evidence, loops: Collection[int]) -> bool:
    """Return whether nothing from outside could wake the loop: no thread, child, connection, pipe or watch."""
    watched = any(
        "inotify" in one.path or (one.path.startswith("pipe:") and one.fd > 2) for one in evidence.files
    )
    return (
        len(reading.samples(evidence)) == len(loops)
        and not watched
        and not any(one.protocol != "unix" or one.state == "LISTEN" for one in evidence.sockets)
    )


def unanswered(evidence: Evidence) -> list[Traffic]:
    """Return the clients that wait for an answer, and not just since a moment ago."""
    return [
        one
        for one in evidence.traffic
        if one.unanswered and one.since_received_ms >= PATIENT_MS and reading.is_accepted(evidence, one)
    ]


def awaited(evidence: Evidence) -> list[Traffic]:
    """Return the connections that it made and on which it waits for an answer, and not just since a moment ago."""
    return [
        one
        for one in evidence.traffic
        if one.awaits and one.since_sent_ms >= PATIENT_MS and not reading.is_accepted(evidence, one)
    ]


def unread(evidence: Evidence) -> int:
    """Return how many connections have brought what nobody has read, or were not even accepted."""
    return sum(
        one.receive_queue > 0 and (one.state == "LISTEN" or reading.is_accepted(evidence, one))
        for one in evidence.sockets
        if one.protocol == "tcp"
    )


def sleeps_on_purpose(evidence: Evidence, frame: Frame) -> bool:
    """Return whether a line sleeps in a loop that is meant to go on for ever, and not because something failed in it."""
    lines = evidence.source.get(frame.file, {})
    text = lines.get(frame.line, "")
    if not ("sleep(" in text or ".wait(" in text):
        return False
    loops = loops_at(lines, frame.line)
    if not any(loop.endless or LIFETIME.search(lines.get(loop.line, "")) for loop in loops):
        return False
    return not _encloses(lines, frame.line, HANDLER)


def holds_something(evidence: Evidence, frame: Frame) -> bool:
    """Return whether a line stands in a `with`: a thread that sleeps there keeps what it took."""
    return _encloses(evidence.source.get(frame.file, {}), frame.line, WITH)


def _encloses(lines: Lines, line: int, head: re.Pattern[str]) -> bool:
    """Return whether a line stands in a block that begins so, in the same function."""
    text = lines.get(line, "")
    depth = len(text) - len(text.lstrip())
    for number in range(line - 1, max(0, line - 40), -1):
        above = lines.get(number, "")
        indent = len(above) - len(above.lstrip())
        if above.strip() and indent < depth:
            depth = indent
            if head.match(above):
                return True
            if above.lstrip().startswith(("def ", "async def ")):
                return False
    return False


def is_coroutine(evidence: Evidence, frame: Frame) -> bool:
    """Return whether a frame is of an `async def`, as far as the lines around it tell."""
    lines = evidence.source.get(frame.file, {})
    name = re.escape(reading.bare(frame.function))
    for number in range(frame.line, frame.line - 41, -1):
        if found := re.match(rf"\s*(async\s+)?def\s+{name}\b", lines.get(number, "")):
            return bool(found[1])
    return False


def source(evidence: Evidence, frame: Frame) -> str:
    return evidence.source.get(frame.file, {}).get(frame.line, "")


def is_helper(stack: ThreadStack) -> bool:
    """Return whether a thread is all one package's own: a watcher, a flusher. An application's code is nowhere in it."""
    packages = set()
    for frame in stack.frames:
        if frame.origin is Origin.APPLICATION:
            return False
        if frame.origin is Origin.LIBRARY:
            packages.add(reading.package_of(frame))
    return len(packages) == 1
