"""Who waits in the checkout of a pool of connections, or in a semaphore around a pool of the program's own."""

from bot.domain import reading, resting, standing
from bot.domain.evidence import Evidence
from bot.domain.stacks import Frame, ThreadStack
from bot.domain.standing import JOIN, JOINS

CHECKOUT = (
    ("/sqlalchemy/pool/impl.py", "_do_get", "SQLAlchemy"),
    ("/sqlalchemy/util/queue.py", "get", "SQLAlchemy"),
    ("/psycopg_pool/pool.py", "getconn", "psycopg"),
    ("/urllib3/connectionpool.py", "_get_conn", "urllib3"),
    ("/redis/connection.py", "get_connection", "redis"),
    ("/dbutils/pooled_db.py", "connection", "DBUtils"),
    ("/DBUtils/PooledDB.py", "connection", "DBUtils"),
    ("/pymongo/synchronous/pool.py", "_get_conn", "PyMongo"),
    ("/pymongo/pool.py", "_get_conn", "PyMongo"),
    ("/playhouse/pool.py", "_connect", "peewee"),
    ("/oracledb/pool.py", "acquire", "oracledb"),
    ("/httpcore/_sync/connection_pool.py", "handle_request", "httpcore"),
    ("com/zaxxer/hikari/pool/HikariPool.java", "getConnection", "HikariCP"),
    ("commons/pool2/impl/GenericObjectPool.java", "borrowObject", "Apache Commons Pool"),
    ("com/mchange/v2/resourcepool/BasicResourcePool.java", "checkoutResource", "c3p0"),
    ("org/apache/tomcat/jdbc/pool/ConnectionPool.java", "borrowConnection", "Tomcat JDBC"),
    ("com/alibaba/druid/pool/DruidDataSource.java", "getConnectionInternal", "Druid"),
    ("org/apache/http/pool/AbstractConnPool.java", "getPoolEntryBlocking", "Apache HttpClient"),
)
SEMAPHORE = (("/threading.py", "acquire"),)
LOCK_WAIT = ("/threading.py", "wait")
FEWEST_TAKERS = 2


def takers(evidence: Evidence) -> dict[int, str]:
    """Return tid → whose pool it waits in, for those who stood in the checkout in all samples."""
    return {
        tid: kind
        for tid, stacks in reading.samples(evidence).items()
        if (kind := _pool_of(stacks)) and reading.is_parked(evidence, tid) and _sleeps_in_futex(evidence, tid)
    }


def holders(evidence: Evidence, waiting: list[int]) -> list[int]:
    """Return who may hold a connection and will give it back: who computes, waits for somebody outside, or sleeps with it."""
    shares = reading.cpu_shares(evidence)
    return [
        tid
        for tid, stacks in reading.samples(evidence).items()
        if tid not in waiting
        and (frame := reading.application(stacks[-1].frames)) is not None
        and (
            shares.get(tid, 0.0) >= reading.HOT_MEMBER
            or _may_hold(evidence, frame, standing.kind_of(evidence, tid, stacks))
        )
    ]


def _may_hold(evidence: Evidence, frame: Frame, kind: str) -> bool:
    return kind in ("stuck", "sleeps") or (kind == "rests" and resting.holds_something(evidence, frame))


def semaphore_takers(evidence: Evidence) -> list[int]:
    """Return the threads that wait at one line for a semaphore, where nobody else is left but who waits for those threads."""
    threads = reading.samples(evidence)
    groups: dict[tuple[str, int], list[int]] = {}
    for tid, stacks in threads.items():
        frame = reading.application(stacks[-1].frames)
        if frame and resting.for_ever(evidence, tid) and all(_in_semaphore(stack) for stack in stacks):
            groups.setdefault((frame.file, frame.line), []).append(tid)
    if len(groups) != 1:
        return []
    (tids,) = groups.values()
    if len(tids) < FEWEST_TAKERS or _is_consumer(evidence, threads[tids[0]][-1]):
        return []
    others = [stacks for tid, stacks in threads.items() if tid not in tids]
    return tids if all(_joins(evidence, stacks[-1]) for stacks in others) else []


def _pool_of(stacks: list[ThreadStack]) -> str:
    """Return whose pool a thread waits in, in all samples; empty where it is in none."""
    kinds = {
        next((kind for file, name, kind in CHECKOUT if reading.stands_in(stack, (file, name))), "")
        for stack in stacks
    }
    return kinds.pop() if len(kinds) == 1 else ""


def _sleeps_in_futex(evidence: Evidence, tid: int) -> bool:
    call = reading.parked_in(evidence, tid)
    return call is None or call.name == "futex"


def _in_semaphore(stack: ThreadStack) -> bool:
    """Return whether it waits in a semaphore: a condition below its `acquire`; a lock of C has neither frame."""
    for frame in stack.frames[:3]:
        if frame.file.endswith("/threading.py") and frame.function == "Semaphore.acquire":
            return True
    return reading.stands_in(stack, *SEMAPHORE) and reading.stands_in(stack, LOCK_WAIT)


def _is_consumer(evidence: Evidence, stack: ThreadStack) -> bool:
    """Return whether it takes from the semaphore in the loop it began with: a count of jobs, not a pool."""
    own = [frame for frame in stack.frames if frame.file and "/threading.py" not in frame.file]
    lines = evidence.source.get(own[0].file, {}) if own else {}
    return len(own) == 1 and any("while" in lines.get(own[0].line - back, "") for back in range(6))


def _joins(evidence: Evidence, stack: ThreadStack) -> bool:
    return reading.stands_in(stack, *JOINS) or bool(JOIN.search(resting.source(evidence, stack.frames[0])))
