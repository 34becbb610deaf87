"""When a part of a service is stuck: asks that fail now and then, and workers that stand out among their siblings.

A worker's strain is told from two samples of /proc alone: it has a CPU to itself for the whole time between them
(`pegged`), or it hardly runs while connections that were handed to it stay unread (`deaf`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

ASKED_KEPT = 10
FAILED_OF_THEM = 3
IN_A_ROW = 3
"""So many failures in a row are silence, which has a rule of its own."""
STUCK_AFTER = timedelta(minutes=2)
PEGGED_FROM, FLAT_UP_TO, CALM_BELOW = 0.9, 0.02, 0.5
"""Shares of a core. Where one is pegged and its siblings are hardly calmer, all have much to do."""
TICKS_PER_SECOND = 100.0
"""USER_HZ, what the kernel shows to user space on every common architecture."""


class Way(StrEnum):
    PEGGED = "pegged"
    DEAF = "deaf"


@dataclass(frozen=True, kw_only=True)
class Worker:
    """One process of a service in one sample. `started_s` is counted from the boot, `ticks` its CPU time.

    `wanted_ns` is of its main thread: how long it ran or waited for a CPU to be free (`/proc/PID/schedstat`).
    `unread`: inodes of its sockets with something in the queue: connections accepted at the service's ports, and
    listening sockets that no other process holds.
    """

    pid: int
    parent: int
    name: str
    started_s: float
    ticks: int
    wanted_ns: int | None = None
    unread: frozenset[int] = frozenset()

    @property
    def family(self) -> tuple[int, str]:
        """Siblings have the same parent and the same name."""
        return self.parent, self.name


@dataclass(frozen=True, kw_only=True)
class Strain:
    """A worker that has looked stuck in every sample since. `others`: how many of its siblings do not."""

    pid: int
    started_s: float
    way: Way
    since: datetime
    others: int
    unread: frozenset[int] = frozenset()


def asked_with(asked: Sequence[bool], answered: bool) -> tuple[bool, ...]:
    """Return the last asks with one more, oldest first."""
    return (*asked, answered)[-ASKED_KEPT:]


def flickers(asked: Sequence[bool]) -> bool:
    """Return whether it fails now and then: often enough, with an answer in between, and not for good now.

    One outage, over or not, is none of that: its failures follow each other.
    """
    runs = "".join("." if answered else "x" for answered in asked).split(".")
    failing = [run for run in runs if run]
    trailing = len(runs[-1]) if runs else 0
    return len(failing) > 1 and sum(map(len, failing)) >= FAILED_OF_THEM and trailing < IN_A_ROW


def strained(
    before: Sequence[Worker],
    now: Sequence[Worker],
    *,
    seconds: float,
    earlier: Sequence[Strain],
    since: datetime,
) -> tuple[Strain, ...]:
    """Return who looked stuck between two samples that lie `seconds` apart, the first taken at `since`.

    `earlier` is what the sample before gave: who looks stuck in the same way since then keeps its beginning. A process
    without siblings is no part of anything.
    """
    was = {(one.pid, one.started_s): one for one in before}
    known = {(one.pid, one.started_s, one.way): one for one in earlier}
    shares = {one.pid: _share(was.get((one.pid, one.started_s)), one, seconds) for one in now}
    found: dict[int, Strain] = {}
    for one in now:
        old, share = was.get((one.pid, one.started_s)), shares[one.pid]
        way = _way(old, one, share)
        if way is None or old is None:
            continue
        kept = known.get((one.pid, one.started_s, way))
        unread = one.unread & (kept.unread if kept and kept.unread & one.unread else old.unread)
        goes_on = kept is not None and (way is Way.PEGGED or bool(kept.unread & one.unread))
        found[one.pid] = Strain(
            pid=one.pid,
            started_s=one.started_s,
            way=way,
            since=kept.since if kept is not None and goes_on else since,
            others=0,
            unread=unread if way is Way.DEAF else frozenset(),
        )
    return tuple(_among(found[one.pid], one, now, found, shares) for one in now if one.pid in found)


def _share(old: Worker | None, new: Worker, seconds: float) -> float | None:
    """Return the share of a core it used, or would have used had it been let; None where two samples do not tell."""
    if old is None or seconds <= 0:
        return None
    used = (new.ticks - old.ticks) / TICKS_PER_SECOND / seconds
    if old.wanted_ns is None or new.wanted_ns is None:
        return used
    return max(used, (new.wanted_ns - old.wanted_ns) / 1e9 / seconds)


def _way(old: Worker | None, new: Worker, share: float | None) -> Way | None:
    if old is None or share is None:
        return None
    if share >= PEGGED_FROM:
        return Way.PEGGED
    return Way.DEAF if share <= FLAT_UP_TO and old.unread & new.unread else None


def _among(
    strain: Strain,
    worker: Worker,
    every: Sequence[Worker],
    found: Mapping[int, Strain],
    shares: Mapping[int, float | None],
) -> Strain:
    """Count the siblings that are well: for one that is pegged, those that are calm beside it."""
    well = [
        one.pid
        for one in every
        if one.family == worker.family
        and one.pid not in found
        and (strain.way is Way.DEAF or (shares[one.pid] or 0.0) < CALM_BELOW)
    ]
    return replace(strain, others=len(well))


def stuck(strains: Sequence[Strain], *, at: datetime, after: timedelta = STUCK_AFTER) -> tuple[Strain, ...]:
    """Return who has been stuck for long enough while siblings are well, the longest first."""
    long = [one for one in strains if one.others and at - one.since >= after]
    return tuple(sorted(long, key=lambda one: (one.since, one.pid)))
