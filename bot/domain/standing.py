"""How each thread of a quiet process stands: where work is handed to it, asleep on purpose, or stuck."""

import re

from bot.domain import reading, resting
from bot.domain.evidence import Evidence, Syscall
from bot.domain.stacks import Origin, ThreadStack

SELECTING = (
    ("/selectors.py", "select"),
    ("/asyncio/base_events.py", "_run_once"),
    ("/socket.py", "accept"),
    ("/select.py", "select"),
    ("nio/ch/SelectorImpl.java", "select"),
    ("nio/ch/SelectorImpl.java", "lockAndDoSelect"),
    ("nio/ch/EPoll.java", "wait"),
    ("java/net/ServerSocket.java", "accept"),
    ("java/net/ServerSocket.java", "implAccept"),
    ("nio/ch/ServerSocketChannelImpl.java", "accept"),
    ("nio/ch/DatagramChannelImpl.java", "receive"),
    ("java/net/DatagramSocket.java", "receive"),
)
POOL = (("/concurrent/futures/thread.py", "_worker"), ("/multiprocessing/pool.py", "worker"))
OTHER_PROCESSES = ("/multiprocessing/queues.py", "get")
"""Where a worker waits for what another process hands to it."""
FREE = (
    ("concurrent/ThreadPoolExecutor.java", "getTask"),
    ("concurrent/ForkJoinPool.java", "awaitWork"),
    ("concurrent/ForkJoinPool.java", "runWorker"),
    ("java/util/Timer.java", "mainLoop"),
)
"""Where a worker of a JVM's pools waits that has no task."""
SLEEPS = (("java/lang/Thread.java", "sleep"),)
LASTS = (("concurrent/CountDownLatch.java", "await"), ("java/lang/Object.java", "wait"))
"""Where the first thread of a JVM waits for the end of the program."""
JOINS = (
    ("/threading.py", "join"),
    ("/threading.py", "_wait_for_tstate_lock"),
    ("/threading.py", "_shutdown"),
    ("/multiprocessing/process.py", "join"),
    ("java/lang/Thread.java", "join"),
    ("concurrent/ThreadPoolExecutor.java", "awaitTermination"),
)
TAKES_WHAT_COMES = (
    "run_forever",
    "serve_forever",
    "loop_forever",
    "start_consuming",
    "consume",
    "mainLoop",
    "listen",
)
QUIET = 0.1
JOIN = re.compile(r"\.join\((?:\)|\d|timeout)")
"""A thread's; `", ".join(names)` is none."""


def _rests(evidence: Evidence, tid: int, stacks: list[ThreadStack]) -> bool:
    """Return whether a thread sleeps with an alarm set, in an endless loop, at the line of the loop itself in all samples."""
    call = reading.parked_in(evidence, tid)
    timed = (
        call is None
        or call.name in ("clock_nanosleep", "nanosleep", "select", "pselect6")
        or (call.name == "futex" and not resting.for_ever(evidence, tid))
    )
    return timed and all(_in_its_loop(evidence, stack) for stack in stacks)


def _in_its_loop(evidence: Evidence, stack: ThreadStack) -> bool:
    frame = reading.innermost(stack.frames, Origin.APPLICATION, Origin.LIBRARY)
    if frame is None or not resting.sleeps_on_purpose(evidence, frame):
        return False
    waits = reading.stands_in(stack, ("/threading.py", "wait")) or frame is stack.frames[0]
    return waits or "sleep(" in resting.source(evidence, frame)


def has_listener(evidence: Evidence) -> bool:
    return any(socket.state == "LISTEN" for socket in evidence.sockets)


def _has_peer(evidence: Evidence) -> bool:
    """Return whether it is connected to somebody whose answer it may wait for."""
    return any(
        one.state == "ESTABLISHED" and one.protocol != "unix" and not reading.is_accepted(evidence, one)
        for one in evidence.sockets
    )


def _asks(evidence: Evidence, stack: ThreadStack) -> bool:
    """Return whether a public package selects on behalf of the application below it, in a process that nobody can call.

    A client does, such as that of a name server or a database; a framework that serves has a socket it listens on, or
    says that it takes whatever comes.
    """
    if any(reading.bare(frame.function) in TAKES_WHAT_COMES for frame in stack.frames):
        return False
    selects = next(
        (at for at, frame in enumerate(stack.frames) if frame.origin is not Origin.INTERPRETER), None
    )
    if selects is None or selects > 2 or has_listener(evidence):
        return False
    return stack.frames[selects].origin is Origin.LIBRARY


def kinds_of(evidence: Evidence) -> dict[int, str] | None:
    """Return tid → `listens`, `queue`, `pool`, `sleeps`, `rests` (on purpose), `joins`, `serves` or `stuck`; None where it computes."""
    if sum(reading.cpu_shares(evidence).values()) > QUIET:
        return None
    return {tid: kind_of(evidence, tid, stacks) for tid, stacks in reading.samples(evidence).items()}


def kind_of(evidence: Evidence, tid: int, stacks: list[ThreadStack]) -> str:
    stack = stacks[-1]
    top, call = stack.frames[0], reading.parked_in(evidence, tid)
    text = evidence.source.get(top.file, {}).get(top.line, "")
    if reading.stands_in(stack, *JOINS) or JOIN.search(text):
        return "joins"
    if reading.waits_for_jobs(evidence, stack) or reading.stands_in(stack, OTHER_PROCESSES):
        return "queue"
    if any(
        reading.bare(frame.function) == name and frame.file.endswith(file)
        for frame in stack.frames[:2]
        for file, name in POOL
    ) or reading.stands_in(stack, *FREE):
        return "pool"
    if (
        (reading.stands_in(stack, *SELECTING) and not _asks(evidence, stack))
        or ".accept(" in text
        or resting.is_event_loop(evidence, tid, stack)
    ):
        return "listens"
    if _rests(evidence, tid, stacks):
        return "rests"
    if "select(" in text or ".poll(" in text:
        watches = any("inotify" in one.path for one in evidence.files)
        own = watches or stack.frames[0].origin is not Origin.LIBRARY
        return "listens" if has_listener(evidence) or (own and not _has_peer(evidence)) else "sleeps"
    if reading.stands_in(stack, *SLEEPS):
        return "sleeps"
    if stack.name == "main" and reading.stands_in(stack, *LASTS) and resting.for_ever(evidence, tid):
        return "joins"
    return _kind_of_call(evidence, stack, call)


def _kind_of_call(evidence: Evidence, stack: ThreadStack, call: Syscall | None) -> str:
    text = evidence.source.get(stack.frames[0].file, {}).get(stack.frames[0].line, "")
    socket = reading.socket_of(evidence, call)
    if resting.is_helper(stack):
        return "serves"
    if socket is not None and (
        socket.state == "LISTEN" or reading.is_accepted(evidence, socket) or reading.is_open_to_all(socket)
    ):
        return "listens"
    if call is not None and call.name == "wait4" and any(one.listens for one in evidence.children):
        return "sleeps"  # it looks after a server
    if call is not None and call.name in ("accept", "accept4"):
        return "listens"
    if "sleep(" in text or (call is not None and call.name in ("clock_nanosleep", "nanosleep")):
        return "sleeps"
    if reading.minds_any_child(call) or "os.wait()" in text:
        return "sleeps"
    if reading.innermost(stack.frames, Origin.APPLICATION, Origin.LIBRARY) is None:
        return "serves"  # a helper thread of the interpreter's own library
    return "stuck"
