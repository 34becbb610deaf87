"""Who works on a database. One bot does; any other one stands by, and takes over what nobody does any more."""

from dataclasses import dataclass

LEASE_S = 15.0
"""So long nothing of the one who leads may be heard until another takes over."""
RENEWED_S = 5.0


@dataclass(frozen=True, kw_only=True)
class Lead:
    """`term` rises with every change of who leads, `beat` while they live. `worker` is HOST:PID, empty where they left;
    `process` tells those on the same machine whether it still runs.
    """

    worker: str
    process: str
    term: int
    beat: int

    @property
    def is_free(self) -> bool:
        return not self.worker


@dataclass(frozen=True, kw_only=True)
class Watch:
    """What one who stands by has seen: the latest sign of life, and since when there was none newer, by their own clock.

    No two machines' clocks are compared: each takes the time on its own.
    """

    seen: Lead | None = None
    since_s: float = 0.0

    def after(self, found: Lead | None, *, now_s: float) -> "Watch":
        return self if found == self.seen and found is not None else Watch(seen=found, since_s=now_s)

    def may_take(self, *, now_s: float, is_gone: bool) -> bool:
        """Return whether nobody leads any more; `is_gone`: the process was on this machine, and runs no longer."""
        return self.seen is None or self.seen.is_free or is_gone or now_s - self.since_s >= LEASE_S
