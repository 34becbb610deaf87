"""Not hung: it waits for work. Or it waits for a queue that nobody may feed, which looks alike."""

from bot.domain import reading
from bot.domain.clues import clue
from bot.domain.diagnosis import Cause, Finding
from bot.domain.evidence import Evidence, Syscall
from bot.domain.stacks import Origin, ThreadStack

SELECTING = (
    ("/selectors.py", "select"),
    ("/asyncio/base_events.py", "_run_once"),
    ("/socket.py", "accept"),
    ("/select.py", "select"),
)
POOL = (("/concurrent/futures/thread.py", "_worker"), ("/multiprocessing/pool.py", "worker"))
JOINS = (
    ("/threading.py", "join"),
    ("/threading.py", "_wait_for_tstate_lock"),
    ("/threading.py", "_shutdown"),
    ("/multiprocessing/process.py", "join"),
)
QUIET = 0.1


def idle(evidence: Evidence) -> Finding | None:
    """All its threads stand where a program waits for work, and one of them waits for a connection or an event."""
    kinds = _kinds(evidence)
    if kinds is None or not kinds or "stuck" in kinds.values():
        return None
    listens = sum(kind == "listens" for kind in kinds.values())
    queued = sum(kind == "queue" for kind in kinds.values())
    if {"sleeps", "joins"} & set(kinds.values()) and evidence.children and _has_listener(evidence):
        listens = 1  # it looks after workers, who take what comes in
    if listens:
        confidence = 0.75 if not queued else 0.65
    elif queued or "sleeps" in kinds.values():
        confidence = 0.5
    else:
        return None
    threads = reading.samples(evidence)
    against = () if listens else (clue("idle_looks_alike"),)
    return Finding(
        cause=Cause.IDLE,
        confidence=confidence,
        threads=reading.names(threads, kinds),
        because=(clue("all_wait_for_work", count=len(kinds)),),
        against=against,
        suggest=clue("ask_what_should_come"),
    )


def queue_starved(evidence: Evidence) -> Finding | None:
    """Every working thread waits for a queue; whether anybody should feed it, no stack tells."""
    kinds = _kinds(evidence)
    if not kinds or "stuck" in kinds.values() or "listens" in kinds.values():
        return None
    waiting = [tid for tid, kind in kinds.items() if kind == "queue"]
    if not waiting:
        return None
    threads = reading.samples(evidence)
    frame = reading.application(threads[waiting[0]][-1].frames)
    return Finding(
        cause=Cause.QUEUE_STARVED,
        confidence=0.55,
        culprit=reading.place(evidence, frame) if frame else None,
        threads=reading.names(threads, waiting),
        because=(clue("all_in_queue_get", count=len(waiting)),),
        against=(clue("idle_looks_alike"),),
        suggest=clue("look_at_the_producer"),
    )


def _has_listener(evidence: Evidence) -> bool:
    return any(socket.state == "LISTEN" for socket in evidence.sockets)


def _has_peer(evidence: Evidence) -> bool:
    """Return whether it is connected to somebody whose answer it may wait for."""
    return any(
        one.state == "ESTABLISHED" and one.protocol != "unix" and not reading.is_accepted(evidence, one)
        for one in evidence.sockets
    )


def _kinds(evidence: Evidence) -> dict[int, str] | None:
    """Return tid → `listens`, `queue`, `pool`, `sleeps`, `joins`, `serves` or `stuck`; None where it computes."""
    if sum(reading.cpu_shares(evidence).values()) > QUIET:
        return None
    return {tid: _kind(evidence, tid, stacks) for tid, stacks in reading.samples(evidence).items()}


def _kind(evidence: Evidence, tid: int, stacks: list[ThreadStack]) -> str:
    stack = stacks[-1]
    top, call = stack.frames[0], reading.parked_in(evidence, tid)
    text = evidence.source.get(top.file, {}).get(top.line, "")
    if reading.stands_in(stack, *JOINS) or ".join(" in text:
        return "joins"
    if reading.waits_for_jobs(evidence, stack):
        return "queue"
    if any(
        reading.bare(frame.function) == name and frame.file.endswith(file)
        for frame in stack.frames[:2]
        for file, name in POOL
    ):
        return "pool"
    if reading.stands_in(stack, *SELECTING) or ".accept(" in text:
        return "listens"
    if "select(" in text or ".poll(" in text:
        return "listens" if _has_listener(evidence) or not _has_peer(evidence) else "sleeps"
    return _kind_of_call(evidence, stack, call)


def _kind_of_call(evidence: Evidence, stack: ThreadStack, call: Syscall | None) -> str:
    text = evidence.source.get(stack.frames[0].file, {}).get(stack.frames[0].line, "")
    socket = reading.socket_of(evidence, call)
    if socket is not None and (socket.state == "LISTEN" or reading.is_accepted(evidence, socket)):
        return "listens"
    if call is not None and call.name in ("accept", "accept4"):
        return "listens"
    if "sleep(" in text or (call is not None and call.name in ("clock_nanosleep", "nanosleep")):
        return "sleeps"
    if reading.minds_any_child(call) or "os.wait()" in text:
        return "sleeps"
    if reading.innermost(stack.frames, Origin.APPLICATION, Origin.LIBRARY) is None:
        return "serves"  # a helper thread of the interpreter's own library
    return "stuck"
