"""Who waits for which lock and who holds it, as a JVM says itself and as mutexes tell; and how a JVM's memory fares."""

from collections.abc import Iterable
from dataclasses import dataclass

MONITOR_LOCK = "ReentrantLock"


@dataclass(frozen=True, kw_only=True)
class LockStand:
    """One thread among the locks. A lock goes by the address the JVM prints: good within one dump, objects are moved."""

    tid: int
    name: str
    wants: str = ""
    """The lock it cannot get; empty where it waits for none. What it waits on for a signal is no such lock."""
    kind: str = ""
    """The class of what it wants."""
    holds: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Mutex:
    """A thread that waits for a mutex of glibc, and the thread whose number stands in it as its owner; `lives`: it is there."""

    tid: int
    address: str
    owner: int
    lives: bool


@dataclass(frozen=True, kw_only=True)
class Collected:
    """Garbage collection in a window: the share of its time that it took, how often the whole heap was gone through,
    and how full the old generation was afterwards."""

    share: float
    full: int
    filled: float


@dataclass(frozen=True, kw_only=True)
class Jvm:
    """`stands` are of the last dump; `circle` names the threads that the JVM itself reports as deadlocked."""

    stands: tuple[LockStand, ...] = ()
    circle: tuple[str, ...] = ()
    overflows: int = 0
    """How many stacks overflowed between two looks; 0 too where that was not asked."""
    collected: Collected | None = None


def circle(jvm: Jvm) -> list[LockStand]:
    """Return threads that wait for each other's locks, in order; empty where there are none.

    The addresses decide; where they do not tell (a lock of another kind), the JVM's own report does.
    """
    for start in jvm.stands:
        path = [start]
        while (holder := holder_of(jvm.stands, path[-1].wants)) is not None:
            if holder in path:
                return path[path.index(holder) :]
            path.append(holder)
    named = {one.name: one for one in jvm.stands}
    return [named[name] for name in jvm.circle if name in named]


def mutex_circle(mutexes: Iterable[Mutex]) -> list[Mutex]:
    """Return threads that wait for each other's mutexes, in order; empty where there are none."""
    waits = {one.tid: one for one in mutexes}
    for start in waits.values():
        path = [start]
        while (after := waits.get(path[-1].owner)) is not None:
            if after in path:
                return path[path.index(after) :]
            path.append(after)
    return []


def holder_of(stands: Iterable[LockStand], lock: str) -> LockStand | None:
    return next((one for one in stands if lock and lock in one.holds), None)


def abandoned(jvm: Jvm) -> list[LockStand]:
    """Return the threads that wait for one lock that no living thread holds; locks for readers do not tell who has them."""
    groups: dict[str, list[LockStand]] = {}
    for one in jvm.stands:
        if one.wants and MONITOR_LOCK + "$" in one.kind and holder_of(jvm.stands, one.wants) is None:
            groups.setdefault(one.wants, []).append(one)
    return max(groups.values(), key=len, default=[])
