"""Threads that wait in one system call: for a peer, a name, a child, a pipe, a lock on a file, a database."""

import re
from collections.abc import Callable
from posixpath import basename

from bot.domain import clients, reading, resting
from bot.domain.clues import Clue, clue
from bot.domain.diagnosis import Cause, Finding
from bot.domain.evidence import Child, Evidence, FileLock
from bot.domain.waiters import SLEEPS, Waiter, waiters

LOCKERS = (
    ("/filelock/_api.py", "acquire"),
    ("/fasteners/process_lock.py", "acquire"),
    ("/portalocker/utils.py", "acquire"),
    ("/lockfile/linklockfile.py", "acquire"),
    ("/lockfile/mkdirlockfile.py", "acquire"),
    ("/lockfile/pidlockfile.py", "acquire"),
    ("/oslo_concurrency/lockutils.py", "lock"),
    ("/zc/lockfile/__init__.py", "__init__"),
)
DATABASE_FILES = (".db", ".sqlite")
FORKED = (("lang/ProcessImpl.java", "waitFor"), ("lang/UNIXProcess.java", "waitFor"))
COMMUNICATES = tuple(
    ("/subprocess.py", name) for name in ("_try_wait", "_wait", "wait", "_communicate", "communicate")
)
HELPERS = ("multiprocessing.resource_tracker", "multiprocessing.semaphore_tracker")
PARTS = ("multiprocessing.spawn", "multiprocessing.forkserver", *HELPERS)
FED = ("/multiprocessing/queues.py", "get")
EVENTS = ("ep_poll", "do_epoll_wait")
NAMING = (
    ("net/Inet6AddressImpl.java", "lookupAllHostAddr"),
    ("net/Inet4AddressImpl.java", "lookupAllHostAddr"),
)
POLLED = 0.75
STREAM = re.compile(
    r"\s*(?:async\s+)?for\b.*\bin\s+(?:[\w.]+|.*(?:iter_\w+|makefile|readlines|stream\w*|listen)\(.*\))\s*:"
)
HUBS = (("/gevent/hub.py", "run"), ("/eventlet/hubs/hub.py", "run"))
RESOLVES = (
    "getaddrinfo",
    "gethostbyname",
    "gethostbyname_r",
    "gethostbyname2_r",
    "getnameinfo",
    "GI_getaddrinfo",
)
DNSPYTHON = (("/dns/resolver.py", "resolve"), ("/dns/query.py", "udp"), ("/dns/query.py", "tcp"))


def blocked_network(evidence: Evidence) -> Finding | None:
    return _first(evidence, _network) or _loop_unanswered(evidence)


def blocked_dns(evidence: Evidence) -> Finding | None:
    return _first(evidence, _dns)


def blocked_database(evidence: Evidence) -> Finding | None:
    return _first(evidence, _database)


def blocked_subprocess(evidence: Evidence) -> Finding | None:
    return _first(evidence, _subprocess)


def blocked_pipe(evidence: Evidence) -> Finding | None:
    return _first(evidence, _pipe)


def blocked_file_lock(evidence: Evidence) -> Finding | None:
    return _first(evidence, _file_lock)


NAPPED_FOR = (Cause.BLOCKED_DATABASE, Cause.BLOCKED_NETWORK, Cause.BLOCKED_FILE_LOCK)
"""What a thread may wait for that wakes again and again to try."""
Judge = Callable[[Evidence, Waiter], tuple[Cause, float, list[Clue], Clue] | None]


def _first(evidence: Evidence, judge: Judge) -> Finding | None:
    """Return the surest finding of one judge over all waiting threads; equal ones are told together."""
    best: Finding | None = None
    for waiter in waiters(evidence):
        found = judge(evidence, waiter)
        if found is None or (waiter.naps and found[0] not in NAPPED_FOR):
            continue
        cause, confidence, because, suggest = found
        place = reading.place(evidence, waiter.frame)
        if best and best.culprit == place:
            best = Finding(cause=cause, confidence=best.confidence, culprit=place, threads=(*best.threads, reading.name_of(waiter.stack)),
                           because=best.because, suggest=suggest)  # fmt: skip
        elif best is None or confidence > best.confidence:
            best = Finding(
                cause=cause, confidence=confidence, culprit=place, threads=(reading.name_of(waiter.stack),),
                because=tuple(because), suggest=suggest,
            )  # fmt: skip
    return best


# --- one judge each


def _network(evidence: Evidence, waiter: Waiter) -> tuple[Cause, float, list[Clue], Clue] | None:
    found = clients.peer_of(evidence, waiter)
    if found is None or clients.serves(waiter) or clients.is_database(waiter, found.socket):
        return None
    peer, socket = found.socket.peer or "a socket of this machine", found.socket
    if peer.endswith(":53"):
        return None
    doing = "connects" if socket.state == "SYN_SENT" else "waits for an answer"
    name = waiter.call.name if waiter.call else ""
    because = [
        clue("waits_for_peer", peer=peer, local=socket.local, doing=doing, call=name or "a system call"),
        *_victims(evidence, waiter),
    ]
    sure = min(found.sure, 0.55) if _takes_what_comes(evidence, waiter) else found.sure
    return Cause.BLOCKED_NETWORK, sure, because, clue("look_at_the_peer", peer=peer)


def _database(evidence: Evidence, waiter: Waiter) -> tuple[Cause, float, list[Clue], Clue] | None:
    found = clients.peer_of(evidence, waiter)
    if found is None or not clients.is_database(waiter, found.socket) or clients.for_news(waiter):
        return None
    socket = found.socket
    near = "PostgreSQL" if clients.POSTGRESQL in socket.peer else clients.driver_of(waiter) or "a database"
    kind = clients.DATABASE_PORTS.get(socket.peer.rpartition(":")[2], near)
    because = [
        clue("waits_for_database", peer=socket.peer, local=socket.local, kind=kind),
        *_victims(evidence, waiter),
    ]
    sure = 0.9 if found.sure >= POLLED else found.sure
    return Cause.BLOCKED_DATABASE, sure, because, clue("look_at_the_database", peer=socket.peer)


def _takes_what_comes(evidence: Evidence, waiter: Waiter) -> bool:
    """Return whether it goes over what a peer sends, line by line: that may be nothing for a long time."""
    text = resting.source(evidence, waiter.frame)
    return bool(STREAM.match(text))


def _loop_unanswered(evidence: Evidence) -> Finding | None:
    """Guess it of an event loop that waits while a peer owes it an answer: which task waits for it no stack shows."""
    threads = reading.samples(evidence)
    loops = [
        tid
        for tid, stacks in threads.items()
        if resting.is_event_loop(evidence, tid, stacks[-1]) or reading.stands_in(stacks[-1], *HUBS)
    ]
    asked = resting.awaited(evidence)
    peers = sorted({one.peer for one in asked})
    if not loops or len(peers) != 1 or clients.is_of_database(peers[0]):
        return None
    return Finding(
        cause=Cause.BLOCKED_NETWORK,
        confidence=0.55,
        threads=reading.names(threads, loops),
        because=(
            clue(
                "peer_owes",
                peer=peers[0],
                count=len(asked),
                seconds=min(one.since_sent_ms for one in asked) // 1000,
            ),
        ),
        against=(clue("tasks_not_seen"), clue("long_poll_looks_alike")),
        suggest=clue("look_at_the_peer", peer=peers[0]),
    )


def _dns(evidence: Evidence, waiter: Waiter) -> tuple[Cause, float, list[Clue], Clue] | None:
    asks = any(socket.peer.endswith(":53") for socket in evidence.sockets)
    top = waiter.stack.frames[0]
    called = waiter.stack.frames[:12] if reading.is_native(evidence) else (top,)
    resolving = (
        any(reading.bare(frame.function).strip("_") in RESOLVES for frame in called)
        or reading.stands_in(waiter.stack, *DNSPYTHON, *NAMING)
        or "getaddrinfo(" in evidence.source.get(top.file, {}).get(top.line, "")
    )
    if not resolving:
        return None
    return (
        Cause.BLOCKED_DNS,
        0.93 if asks else 0.75,
        [clue("resolves", asks=asks)],
        clue("look_at_the_resolver"),
    )


def _subprocess(evidence: Evidence, waiter: Waiter) -> tuple[Cause, float, list[Clue], Clue] | None:
    call = waiter.call
    waits = call is not None and call.name in ("wait4", "waitid")
    inside = reading.stands_in(waiter.stack, *COMMUNICATES, *FORKED)
    talks = _talks_to_terminal(evidence, waiter)
    if not (waits or inside or talks) or not evidence.children or reading.minds_any_child(call):
        return None
    wanted = call.args[0] if waits and call and call.name == "wait4" and call.args else 0
    child = next((one for one in evidence.children if one.pid == wanted), evidence.children[0])
    if child.listens:
        return None  # it looks after a server
    because = [clue("waits_for_child", pid=child.pid, command=child.command[:80], state=child.state)]
    sure = 0.93 if waits else 0.8
    if child.wchan and "pipe_write" in child.wchan:
        because.append(clue("child_writes_full_pipe"))
    elif _may_work_well(evidence, child) or reading.is_native(evidence):
        sure = 0.5  # a shell, and all that starts others, waits for them as its work
    return Cause.BLOCKED_SUBPROCESS, sure, because, clue("look_at_the_child", pid=child.pid)


def _may_work_well(evidence: Evidence, child: Child) -> bool:
    """Return whether a child is a part of the program itself, or waits for events as a worker does that has no work."""
    part = child.command == evidence.process.command or any(word in child.command for word in PARTS)
    return part or (child.wchan or "") in EVENTS


def _talks_to_terminal(evidence: Evidence, waiter: Waiter) -> bool:
    """Return whether a thread waits, without a time limit, for what a child writes to a terminal made for it."""
    call = waiter.call
    if call is None or not any("/pexpect/" in frame.file for frame in waiter.stack.frames[:6]):
        return False
    return resting.selects_for_ever(call) and any(one.path == "/dev/ptmx" for one in evidence.files)


def _pipe(evidence: Evidence, waiter: Waiter) -> tuple[Cause, float, list[Clue], Clue] | None:
    call = waiter.call
    if waiter.wchan in ("wait_for_partner", "fifo_open"):
        return Cause.BLOCKED_PIPE, 0.95, [clue("opens_pipe")], clue("look_at_the_pipe")
    if call is None or call.name not in ("read", "write", "readv", "writev") or not call.args:
        return None
    path = next((one.path for one in evidence.files if one.fd == call.args[0]), "")
    if not path.startswith("pipe:") and "pipe" not in waiter.wchan:
        return None
    writes = call.name.startswith("write")
    helps = any(part in evidence.process.command for part in HELPERS)
    if not writes and (call.args[0] == 0 or helps or reading.stands_in(waiter.stack, FED)):
        return None  # a filter that waits for its input is idle, and so is a worker that waits for a job
    because = [
        clue("full_pipe" if writes else "empty_pipe", fd=call.args[0]),
        *_other_ends(evidence, path, writes=writes),
    ]
    sure = 0.95 if writes else 0.85
    if not writes and (reading.is_native(evidence) or reading.takes_line_by_line(evidence, waiter.frame)):
        sure = 0.5  # who follows a log reads like this
    return Cause.BLOCKED_PIPE, sure, because, clue("look_at_the_pipe")


def _other_ends(evidence: Evidence, path: str, *, writes: bool) -> list[Clue]:
    """Return who has the other end of a pipe; nothing where nobody was looked for or found."""
    peers = next((one.peers for one in evidence.files if one.path == path), ())
    rows = (peer.split(" ", 3) for peer in peers)
    other = next((row for row in rows if len(row) == 4 and row[1] == ("reads" if writes else "writes")), None)
    if other is None:
        return []
    pid, way, wchan, command = other
    return [clue("pipe_end", pid=int(pid), way=way, where=wchan, command=command[:80])]


def _file_lock(evidence: Evidence, waiter: Waiter) -> tuple[Cause, float, list[Clue], Clue] | None:
    call = waiter.call
    asks = call is not None and call.name in ("flock", "fcntl")
    if not asks and "lock_inode" not in waiter.wchan and "locks_" not in waiter.wchan:
        return _tried_file_lock(evidence, waiter)
    row = next((one for one in evidence.locks if one.waits), None)
    path = (
        row.path
        if row
        else next((one.path for one in evidence.files if call and call.args and one.fd == call.args[0]), "")
    )
    return _lock_of(evidence, row, path, 0.95)


def _tried_file_lock(evidence: Evidence, waiter: Waiter) -> tuple[Cause, float, list[Clue], Clue] | None:
    """A thread that asks for a lock, sleeps a little and asks again: SQLite does, and packages that lock files."""
    if waiter.call is None or waiter.call.name not in (*SLEEPS, "select", "pselect6"):
        return None
    taken = [one for one in evidence.locks if not one.waits and not one.shared]
    others = [one for one in taken if one.pid != evidence.process.pid]
    if reading.stands_in(waiter.stack, *LOCKERS):
        row = next((one for one in others if "lock" in basename(one.path)), None)
        return _lock_of(evidence, row, row.path if row else "", 0.9 if row else 0.8)
    if "sleep(" in resting.source(evidence, waiter.stack.frames[0]) or waiter.call.name not in SLEEPS:
        return None
    if waiter.call.name == "clock_nanosleep" and waiter.call.args[:1] != (0,):
        return None  # until a point in time, as the interpreter itself sleeps
    if others:
        return _lock_of(evidence, others[0], others[0].path, 0.9)
    own = next((one for one in taken if any(word in one.path for word in DATABASE_FILES)), None)
    return _lock_of(evidence, own, own.path, 0.8) if own else None


def _lock_of(
    evidence: Evidence, row: FileLock | None, path: str, sure: float
) -> tuple[Cause, float, list[Clue], Clue]:
    holder = f"{row.holder_pid} {row.holder_command}".strip() if row and row.holder_pid else ""
    if row and row.holder_pid == evidence.process.pid:
        holder = f"{row.holder_pid}, the process itself"
    because = clue(
        "waits_for_file_lock",
        path=path or "a file",
        holder=holder or "I cannot see whom",
        pid=row.holder_pid if row else None,
    )
    suggest = clue("look_at_the_holder", holder=holder or "whoever holds it")
    return Cause.BLOCKED_FILE_LOCK, sure, [because], suggest


def _victims(evidence: Evidence, waiter: Waiter) -> list[Clue]:
    """Return how many other threads wait for a lock meanwhile."""
    behind = sum(
        call.name == "futex" and reading.application(stacks[-1].frames) is not None
        for tid, stacks in reading.samples(evidence).items()
        if tid != waiter.tid and (call := reading.parked_in(evidence, tid))
    )
    return [clue("others_wait", count=behind)] if behind else []
