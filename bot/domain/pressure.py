"""What the kernel keeps from a process: counters of its control groups and of its host, at one moment.

Only differences say something: everything counts since the group, or the host, began.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

MOUNT = re.compile(r"^/sys/fs/cgroup(?:/(?:unified|memory|cpu|cpu,cpuacct|cpuacct,cpu))?(?=/|$)")


@dataclass(frozen=True, kw_only=True)
class Group:
    """A control group, of either version; None: it does not have that. `path` is where it is mounted.

    `reclaims` counts how often it ran into its limit of memory, `refaults` the pages that were read back soon after
    they had been given up (Documentation/admin-guide/cgroup-v2.rst). `cores` is what its quota comes to.
    """

    path: str
    periods: int | None = None
    throttled: int | None = None
    """In how many of these periods its time ran out."""
    cores: float | None = None
    memory_bytes: int | None = None
    memory_limit_bytes: int | None = None
    """The lower one of `max` and `high`."""
    reclaims: int | None = None
    refaults: int | None = None
    stalled_us: Mapping[str, int] = field(default_factory=dict)
    """`memory some`, `cpu full` … → microseconds (Documentation/accounting/psi.rst)."""

    @property
    def name(self) -> str:
        """Its path as people know it, without where such groups are mounted."""
        return MOUNT.sub("", self.path) or "/"


@dataclass(frozen=True, kw_only=True)
class Pressure:
    """`groups` are the process's own, innermost first, and those above them. `at_ms` counts from the start of the collection."""

    at_ms: float = 0.0
    scheduled: Mapping[int, tuple[int, int, int]] = field(default_factory=dict)
    """tid → ns for which it ran, ns for which it stood in the queue to run, and how often it was let run
    (Documentation/scheduler/sched-stats.rst).
    """
    groups: tuple[Group, ...] = ()
    stalled_us: Mapping[str, int] = field(default_factory=dict)
    busy_ticks: int = 0
    idle_ticks: int = 0
    """Of all cores together; waiting for a disk is idle too."""
    swapped_in: int | None = None
    """Pages, of the whole host."""
    reclaims: int | None = None
    """How often somebody had to free memory of the whole host first, before it got some."""


def idle_share(before: Pressure, after: Pressure) -> float | None:
    """Return the share of the host's cores that nobody wanted; None where that was not seen."""
    idle, busy = after.idle_ticks - before.idle_ticks, after.busy_ticks - before.busy_ticks
    return idle / (idle + busy) if idle + busy > 0 else None


def stalled_share(
    before: Mapping[str, int], after: Mapping[str, int], what: str, *, seconds: float
) -> float | None:
    """Return the share of the time in which somebody stood still for want of something; None where it is not counted."""
    if what not in before or what not in after or not seconds:
        return None
    return max(0, after[what] - before[what]) / 1e6 / seconds


def pairs(before: Pressure, after: Pressure) -> list[tuple[Group, Group]]:
    """Return each group at both moments, innermost first."""
    later = {group.path: group for group in after.groups}
    return [(group, later[group.path]) for group in before.groups if group.path in later]


def more(before: int | None, after: int | None) -> int:
    """Return by how much a counter rose; 0 too where it was not seen."""
    return 0 if before is None or after is None else max(0, after - before)
