"""Whose answer a waiting thread waits for: the connection that it is a client of, and whether a database is at its other end."""

from dataclasses import dataclass
from itertools import takewhile

from bot.domain import reading, resting, standing
from bot.domain.evidence import Evidence, Socket
from bot.domain.stacks import Origin, ThreadStack
from bot.domain.waiters import POLLS, Waiter

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
    "/libpq.so": "PostgreSQL",
    "/libmysqlclient": "MySQL",
    "/libmariadb": "MySQL",
    "/libhiredis": "Redis",
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
SERVING = (("socketserver.py", "process_request_thread"), ("socketserver.py", "process_request"), ("http/server.py", "handle"),
           ("wsgiref/handlers.py", "run"))  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Peer:
    """The connection whose other end a thread waits for."""

    socket: Socket
    sure: float
    """From 0 to 1: how well it is seen that the thread waits for this one, and for an answer."""


def peer_of(evidence: Evidence, waiter: Waiter) -> Peer | None:
    """Return whom a thread waits for, None where it waits for no peer, serves one, or it cannot be told which."""
    call = waiter.call
    if call is not None and call.name in RECEIVES:
        found = _peer(reading.socket_of(evidence, call), 0.93)
    elif call is None or call.name in POLLS:
        found = _polled(evidence, waiter)
    elif call.name == "futex":
        found = _peer(_of_its_helper(evidence, waiter), 0.7)
    else:
        return None
    if found is None or found.socket.state == "LISTEN" or reading.is_accepted(evidence, found.socket):
        return None
    if reading.is_native(evidence):
        found = _of_native(evidence, found)
    return None if reading.is_open_to_all(found.socket) else found


def _of_native(evidence: Evidence, found: Peer) -> Peer:
    """Native code tells not whether it takes what comes: only who spoke last and heard nothing since waits for an answer."""
    port = found.socket.local.rpartition(":")[2]
    asked = any(one.local.rpartition(":")[2] == port for one in resting.awaited(evidence))
    return Peer(
        socket=found.socket, sure=min(found.sure, 0.85 if asked or found.socket.state == "SYN_SENT" else 0.55)
    )


def _peer(socket: Socket | None, sure: float) -> Peer | None:
    return Peer(socket=socket, sure=sure) if socket else None


def _polled(evidence: Evidence, waiter: Waiter) -> Peer | None:
    """Return the peer of one who polls: the kernel does not tell for which connections."""
    ours = _made(evidence)
    if len(ours) > 1 and drives(waiter):
        ours = [one for one in ours if is_of_database(one.peer)]
    socket = _the_one(evidence, ours)
    if socket and _is_client(evidence, waiter):
        return _peer(socket, 0.75)
    return _selected(evidence, waiter, ours)


def _selected(evidence: Evidence, waiter: Waiter, ours: list[Socket]) -> Peer | None:
    """Return the only peer of a program that selects by itself, without a time limit, after it said something.

    One that has never said anything back owes an answer; one that has may have nothing new to tell.
    """
    own = waiter.stack.frames[0].origin is Origin.APPLICATION
    if not own or waiter.call is None or not resting.selects_for_ever(waiter.call) or len(ours) != 1:
        return None
    if any(one.state == "LISTEN" for one in evidence.sockets):
        return None
    port = ours[0].local.rpartition(":")[2]
    asked = next((one for one in resting.awaited(evidence) if one.local.rpartition(":")[2] == port), None)
    return _peer(ours[0], 0.55 if asked.received else 0.8) if asked else None


def _of_its_helper(evidence: Evidence, waiter: Waiter) -> Socket | None:
    """Return the connection on which a package's own thread receives, while a caller waits in that package for the outcome."""
    called = list(takewhile(lambda frame: frame.origin is not Origin.APPLICATION, waiter.stack.frames))
    package = next((reading.package_of(one) for one in called if one.origin is Origin.LIBRARY), None)
    if package is None or any(
        reading.bare(one.function) in (*FOR_NEWS, *standing.TAKES_WHAT_COMES) for one in called
    ):
        return None
    helpers = (
        stacks[-1]
        for tid, stacks in reading.samples(evidence).items()
        if tid != waiter.tid and resting.is_helper(stacks[-1]) and _receives(evidence, tid, stacks[-1])
    )
    helped = any(
        reading.package_of(frame) == package
        for stack in helpers
        for frame in stack.frames
        if frame.origin is Origin.LIBRARY
    )
    return _the_one(evidence, _made(evidence)) if helped else None


def _receives(evidence: Evidence, tid: int, stack: ThreadStack) -> bool:
    call = reading.parked_in(evidence, tid)
    if call is None or call.name not in (*RECEIVES, *POLLS):
        return False
    return any(
        word in resting.source(evidence, frame)
        for frame in stack.frames[:2]
        for word in (".recv", ".read", "select(", ".poll(")
    )


def _made(evidence: Evidence) -> list[Socket]:
    """Return the connections that the process made itself."""
    return [
        one
        for one in evidence.sockets
        if one.state in ("ESTABLISHED", "SYN_SENT")
        and (one.protocol != "unix" or POSTGRESQL in one.peer)
        and not reading.is_accepted(evidence, one)
    ]


def _the_one(evidence: Evidence, ours: list[Socket]) -> Socket | None:
    """Return the connection that must be meant: all go to one peer, or on one alone the process spoke last."""
    if len({one.peer for one in ours}) > 1:
        ports = {one.local.rpartition(":")[2] for one in resting.awaited(evidence)}
        ours = [one for one in ours if one.local.rpartition(":")[2] in ports or one.state == "SYN_SENT"]
    return ours[0] if len({one.peer for one in ours}) == 1 else None


def _is_client(evidence: Evidence, waiter: Waiter) -> bool:
    text = evidence.source.get(waiter.frame.file, {}).get(waiter.frame.line, "")
    inside = reading.stands_in(
        waiter.stack,
        ("/socket.py", "readinto"),
        ("/socket.py", "create_connection"),
        ("/ssl.py", "read"),
        ("/ssl.py", "do_handshake"),
        ("/grpc/_channel.py", "_blocking"),
        ("nio/ch/NioSocketImpl.java", "implRead"),
        ("nio/ch/NioSocketImpl.java", "connect"),
        ("nio/ch/SocketChannelImpl.java", "read"),
        ("nio/ch/SocketChannelImpl.java", "connect"),
        ("java/net/SocketInputStream.java", "socketRead0"),
    )
    return inside or drives(waiter) or any(part in text for part in CLIENT_LINE)


def serves(waiter: Waiter) -> bool:
    """Return whether a thread answers a client of its own, whose next word it may wait for."""
    return reading.stands_in(waiter.stack, *SERVING)


def is_database(waiter: Waiter, socket: Socket) -> bool:
    """Return whether a database is at the other end, by its port or by the driver that waits."""
    return is_of_database(socket.peer) or drives(waiter)


def is_of_database(peer: str) -> bool:
    return peer.rpartition(":")[2] in DATABASE_PORTS or POSTGRESQL in peer


def for_news(waiter: Waiter) -> bool:
    """Return whether a thread waits for whatever comes next, which may be nothing."""
    frames = (frame for frame in waiter.stack.frames if frame.origin is Origin.LIBRARY)
    return any(reading.bare(frame.function) in FOR_NEWS for frame in frames)


def drives(waiter: Waiter) -> bool:
    """Return whether a database's driver waits."""
    return driver_of(waiter) is not None


def driver_of(waiter: Waiter) -> str | None:
    """Return the kind of database whose driver is among the innermost frames."""
    frames = waiter.stack.frames[:25]
    return next((kind for name, kind in DRIVERS.items() if any(name in frame.file for frame in frames)), None)
