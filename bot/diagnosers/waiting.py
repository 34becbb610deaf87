"""Threads that wait in one system call: for a peer, a name, a child, a pipe, a lock on a file, a database."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain import reading
from bot.domain.clues import Clue, clue
from bot.domain.diagnosis import Cause, Finding
from bot.domain.evidence import Evidence, Socket, Syscall
from bot.domain.stacks import Frame, Origin, ThreadStack

RECEIVES = (
    "recvfrom",
    "recvmsg",
    "read",
    "readv",
    "connect",
    "sendto",
    "sendmsg",
    "write",
    "writev",
    "recvmmsg",
)
POLLS = ("poll", "ppoll", "select", "pselect6", "epoll_wait", "epoll_pwait", "epoll_pwait2")
DATABASE_PORTS = {
    "5432": "PostgreSQL",
    "3306": "MySQL",
    "6379": "Redis",
    "27017": "MongoDB",
    "1433": "SQL Server",
    "1521": "Oracle",
}
POSTGRESQL = "/.s.PGSQL."
"""In the path of a PostgreSQL server's socket."""
DRIVERS = {
    "psycopg": "PostgreSQL",
    "asyncpg": "PostgreSQL",
    "pg8000": "PostgreSQL",
    "pymysql": "MySQL",
    "MySQLdb": "MySQL",
    "mysql/connector": "MySQL",
    "redis/": "Redis",
    "pymongo": "MongoDB",
    "cx_Oracle": "Oracle",
    "oracledb": "Oracle",
    "sqlite3": "SQLite",
    "org/postgresql/": "PostgreSQL",
    "com/mysql/": "MySQL",
    "org/mariadb/": "MySQL",
    "com/mongodb/": "MongoDB",
    "oracle/jdbc/": "Oracle",
    "oracle/net/": "Oracle",
    "microsoft/sqlserver/": "SQL Server",
}
CLIENT_LINE = (".recv(", ".recv_into(", ".connect(", "create_connection(", "urlopen(", ".read(", ".request(", ".get(", ".post(",
               ".execute(", ".send(", ".sendall(", "getresponse(")  # fmt: skip
FOR_NEWS = ("blpop", "brpop", "brpoplpush", "blmove", "blmpop", "bzpopmin", "bzpopmax", "bzmpop", "xread", "xreadgroup", "listen",
            "get_message", "notifies", "watch")  # fmt: skip
"""Calls of drivers in which a program waits for work: that nothing comes is no fault."""
FORKED = (("lang/ProcessImpl.java", "waitFor"), ("lang/UNIXProcess.java", "waitFor"))
NAMING = (
    ("net/Inet6AddressImpl.java", "lookupAllHostAddr"),
    ("net/Inet4AddressImpl.java", "lookupAllHostAddr"),
)
DNSPYTHON = (("/dns/resolver.py", "resolve"), ("/dns/query.py", "udp"), ("/dns/query.py", "tcp"))
SERVING = (("socketserver.py", "process_request_thread"), ("socketserver.py", "process_request"), ("http/server.py", "handle"),
           ("wsgiref/handlers.py", "run"))  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Waiter:
    """A thread that stood in the same place in every sample, and the call it waits in, where that can be seen."""

    tid: int
    stack: ThreadStack
    call: Syscall | None
    frame: Frame
    """The innermost frame of the application."""
    wchan: str
    naps: bool = False
    """It wakes for a moment several times a second and waits on, as some clients do to mind signals."""


NAPS_A_SECOND = 30


def waiters(evidence: Evidence) -> list[Waiter]:
    """Return the threads that wait below application code; those that hold others up come first."""
    found = []
    for tid, stacks in reading.samples(evidence).items():
        frame = reading.application(stacks[-1].frames)
        naps = not reading.is_parked(evidence, tid)
        if frame is None or (naps and not _naps(evidence, tid)):
            continue
        places = {
            (one.file, one.function, one.line)
            for stack in stacks
            if (one := reading.application(stack.frames))
        }
        tops = {(stack.frames[0].file, stack.frames[0].function) for stack in stacks}
        if len(places) != 1 or len(tops) > 2:
            continue
        seen = reading.tasks(evidence, tid)
        wchan = (seen[-1].wchan or "") if seen else ""
        found.append(
            Waiter(
                tid=tid,
                stack=stacks[-1],
                call=reading.parked_in(evidence, tid),
                frame=frame,
                wchan=wchan,
                naps=naps,
            )
        )
    return found


def _naps(evidence: Evidence, tid: int) -> bool:
    """Return whether a thread sleeps in one system call that it begins again and again, with hardly any work between."""
    seen = reading.tasks(evidence, tid)
    call = reading.parked_in(evidence, tid)
    if len(seen) < 2 or call is None or call.name not in POLLS:
        return False
    switched = (seen[1].voluntary_switches or 0) - (seen[0].voluntary_switches or 0)
    rare = switched <= NAPS_A_SECOND * reading.window_s(evidence)
    return rare and reading.cpu_shares(evidence).get(tid, 0.0) < reading.HOT_MEMBER


def blocked_network(evidence: Evidence) -> Finding | None:
    return _first(evidence, _network)


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


OF_PEERS = (Cause.BLOCKED_DATABASE, Cause.BLOCKED_NETWORK)
Judge = Callable[[Evidence, Waiter], tuple[Cause, float, list[Clue], Clue] | None]


def _first(evidence: Evidence, judge: Judge) -> Finding | None:
    """Return the surest finding of one judge over all waiting threads; equal ones are told together."""
    best: Finding | None = None
    for waiter in waiters(evidence):
        found = judge(evidence, waiter)
        if found is None or (waiter.naps and found[0] not in OF_PEERS):
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


def _peer(evidence: Evidence, waiter: Waiter) -> Socket | None:
    """Return the socket whose peer a thread waits for, None where it waits for no peer or serves one."""
    call = waiter.call
    if call is not None and call.name in RECEIVES:
        socket = reading.socket_of(evidence, call)
    elif call is None or call.name in POLLS:
        open_ones = [
            one
            for one in evidence.sockets
            if one.state in ("ESTABLISHED", "SYN_SENT") and (one.protocol != "unix" or POSTGRESQL in one.peer)
        ]
        ours = [one for one in open_ones if not reading.is_accepted(evidence, one)]
        if len(ours) > 1 and _drives(waiter):
            ours = [
                one for one in ours if one.peer.rpartition(":")[2] in DATABASE_PORTS or POSTGRESQL in one.peer
            ]
        socket = ours[0] if len(ours) == 1 and _is_client(evidence, waiter) else None
    else:
        return None
    if socket is None or socket.state == "LISTEN" or reading.is_accepted(evidence, socket):
        return None
    return None if reading.is_open_to_all(socket) else socket


def _is_client(evidence: Evidence, waiter: Waiter) -> bool:
    text = evidence.source.get(waiter.frame.file, {}).get(waiter.frame.line, "")
    inside = reading.stands_in(
        waiter.stack,
        ("/socket.py", "readinto"),
        ("/socket.py", "create_connection"),
        ("/ssl.py", "read"),
        ("/ssl.py", "do_handshake"),
        ("nio/ch/NioSocketImpl.java", "implRead"),
        ("nio/ch/NioSocketImpl.java", "connect"),
        ("nio/ch/SocketChannelImpl.java", "read"),
        ("nio/ch/SocketChannelImpl.java", "connect"),
        ("java/net/SocketInputStream.java", "socketRead0"),
    )
    return inside or _drives(waiter) or any(part in text for part in CLIENT_LINE)


def _serves(waiter: Waiter) -> bool:
    return reading.stands_in(waiter.stack, *SERVING)


def _network(evidence: Evidence, waiter: Waiter) -> tuple[Cause, float, list[Clue], Clue] | None:
    socket = _peer(evidence, waiter)
    if socket is None or _serves(waiter) or _is_database(waiter, socket) or socket.peer.endswith(":53"):
        return None
    peer = socket.peer or "a socket of this machine"
    doing = "connects" if socket.state == "SYN_SENT" else "waits for an answer"
    seen = waiter.call is not None and waiter.call.name in RECEIVES
    name = waiter.call.name if waiter.call else ""
    because = [
        clue("waits_for_peer", peer=peer, local=socket.local, doing=doing, call=name or "a system call"),
        *_victims(evidence, waiter),
    ]
    return Cause.BLOCKED_NETWORK, 0.93 if seen else 0.75, because, clue("look_at_the_peer", peer=peer)


def _is_database(waiter: Waiter, socket: Socket) -> bool:
    port = socket.peer.rpartition(":")[2]
    return port in DATABASE_PORTS or POSTGRESQL in socket.peer or _drives(waiter)


def _for_news(waiter: Waiter) -> bool:
    frames = (frame for frame in waiter.stack.frames if frame.origin is Origin.LIBRARY)
    return any(reading.bare(frame.function) in FOR_NEWS for frame in frames)


def _drives(waiter: Waiter) -> bool:
    return _driver(waiter) is not None


def _driver(waiter: Waiter) -> str | None:
    """Return the kind of database whose driver is among the innermost frames."""
    frames = waiter.stack.frames[:25]
    return next((kind for name, kind in DRIVERS.items() if any(name in frame.file for frame in frames)), None)


def _database(evidence: Evidence, waiter: Waiter) -> tuple[Cause, float, list[Clue], Clue] | None:
    socket = _peer(evidence, waiter)
    if socket is None or not _is_database(waiter, socket) or _for_news(waiter):
        return None
    near = "PostgreSQL" if POSTGRESQL in socket.peer else _driver(waiter) or "a database"
    kind = DATABASE_PORTS.get(socket.peer.rpartition(":")[2], near)
    because = [
        clue("waits_for_database", peer=socket.peer, local=socket.local, kind=kind),
        *_victims(evidence, waiter),
    ]
    return Cause.BLOCKED_DATABASE, 0.9, because, clue("look_at_the_database", peer=socket.peer)


def _dns(evidence: Evidence, waiter: Waiter) -> tuple[Cause, float, list[Clue], Clue] | None:
    asks = any(socket.peer.endswith(":53") for socket in evidence.sockets)
    top = waiter.stack.frames[0]
    resolving = (
        reading.bare(top.function)
        in (
            "getaddrinfo",
            "gethostbyname",
            "getnameinfo",
        )
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
    waits = waiter.call is not None and waiter.call.name in ("wait4", "waitid")
    inside = reading.stands_in(waiter.stack, ("/subprocess.py", "_try_wait"), ("/subprocess.py", "_wait"), ("/subprocess.py", "wait"),
                               ("/subprocess.py", "_communicate"), ("/subprocess.py", "communicate"), *FORKED)  # fmt: skip
    if not (waits or inside) or not evidence.children or reading.minds_any_child(waiter.call):
        return None
    wanted = (
        waiter.call.args[0]
        if waits and waiter.call and waiter.call.name == "wait4" and waiter.call.args
        else 0
    )
    child = next((one for one in evidence.children if one.pid == wanted), evidence.children[0])
    if child.listens:
        return None  # it looks after a server
    because = [clue("waits_for_child", pid=child.pid, command=child.command[:80], state=child.state)]
    if child.wchan and "pipe_write" in child.wchan:
        because.append(clue("child_writes_full_pipe"))
    elif (
        child.command == evidence.process.command
    ):  # forked: a part of the program itself, which may work well
        return Cause.BLOCKED_SUBPROCESS, 0.5, because, clue("look_at_the_child", pid=child.pid)
    return Cause.BLOCKED_SUBPROCESS, 0.93 if waits else 0.8, because, clue("look_at_the_child", pid=child.pid)


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
    if not writes and call.args[0] == 0:
        return None  # a filter that waits for its input is idle
    because = [
        clue("full_pipe" if writes else "empty_pipe", fd=call.args[0]),
        *_other_ends(evidence, path, writes=writes),
    ]
    sure = 0.95 if writes else 0.85
    if not writes and reading.takes_line_by_line(evidence, waiter.frame):
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
    if (
        not (call and call.name in ("flock", "fcntl"))
        and "lock_inode" not in waiter.wchan
        and "locks_" not in waiter.wchan
    ):
        return None
    row = next((one for one in evidence.locks if one.waits), None)
    path = (
        row.path
        if row
        else next((one.path for one in evidence.files if call and call.args and one.fd == call.args[0]), "")
    )
    holder = f"{row.holder_pid} {row.holder_command}".strip() if row and row.holder_pid else ""
    holder_pid = row.holder_pid if row else None
    because = [
        clue(
            "waits_for_file_lock", path=path or "a file", holder=holder or "I cannot see whom", pid=holder_pid
        )
    ]
    return (
        Cause.BLOCKED_FILE_LOCK,
        0.95,
        because,
        clue("look_at_the_holder", holder=holder or "whoever holds it"),
    )


def _victims(evidence: Evidence, waiter: Waiter) -> list[Clue]:
    """Return how many other threads wait for a lock meanwhile."""
    behind = sum(
        call.name == "futex" and reading.application(stacks[-1].frames) is not None
        for tid, stacks in reading.samples(evidence).items()
        if tid != waiter.tid and (call := reading.parked_in(evidence, tid))
    )
    return [clue("others_wait", count=behind)] if behind else []
