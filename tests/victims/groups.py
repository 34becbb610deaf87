"""Control groups of the tests' own, of either version: what a container or a unit with limits is to the kernel."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
ENTER = 'for one in $1; do echo $$ >"$one/cgroup.procs" || exit 1; done; shift; exec "$@"'
PERIOD_US = 100_000
LEAVES_S = 10.0


def may_limit(kind: str) -> bool:
    """Return whether a group with a limit of a kind (`cpu`, `memory`) can be made here."""
    return os.geteuid() == 0 and _parent(kind) is not None


@contextmanager
def limited(*, cpu: int = 0, memory: int = 0) -> Iterator[tuple[str, ...]]:
    """Make groups with a quota of `cpu` percent of a core and `memory` MiB; yield what a program is started by to be in them."""
    with ExitStack() as stack:
        made = []
        if cpu:
            made.append(folder := stack.enter_context(_group("cpu")))
            quota = PERIOD_US * cpu // 100
            if (folder / "cpu.max").exists():
                (folder / "cpu.max").write_text(f"{quota} {PERIOD_US}")
            else:
                (folder / "cpu.cfs_period_us").write_text(str(PERIOD_US))
                (folder / "cpu.cfs_quota_us").write_text(str(quota))
        if memory:
            made.append(folder := stack.enter_context(_group("memory")))
            limit = "memory.max" if (folder / "memory.max").exists() else "memory.limit_in_bytes"
            (folder / limit).write_text(str(memory << 20))
        yield ("sh", "-c", ENTER, "sh", " ".join(map(str, made)))


def _parent(kind: str) -> Path | None:
    if (ROOT / kind / "cgroup.procs").exists():
        return ROOT / kind
    enabled = ROOT / "cgroup.subtree_control"
    return ROOT if enabled.exists() and kind in enabled.read_text().split() else None


@contextmanager
def _group(kind: str) -> Iterator[Path]:
    parent = _parent(kind)
    assert parent is not None
    folder = parent / f"shop-{kind}-{os.getpid()}-{time.monotonic_ns()}"
    folder.mkdir()
    try:
        yield folder
    finally:
        until = time.monotonic() + LEAVES_S
        while folder.exists() and time.monotonic() < until:
            with suppress(OSError):  # who was in it has not left yet
                folder.rmdir()
            time.sleep(0.02)
