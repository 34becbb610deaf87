"""Disks and inodes by mount point, from `stat -f` of all of them, or from `df -P`."""

import re
from collections.abc import Collection, Mapping

KIB = 1024.0
NOT_DISKS = {"tmpfs", "devtmpfs", "overlay", "udev", "none", "shm", "proc", "sysfs", "run", "dev", "cgroup"}
NUMBER = re.compile(r"-?[0-9]+")  # left may be below 0: root wrote into what is reserved for it
OCTAL = re.compile(r"\\([0-7]{3})")


def parse(sections: Mapping[str, str]) -> dict[str, dict[str, float]]:
    """Return `disk_used_ratio`, `inodes_used_ratio` (0…1), `disk_free_bytes` and `disk_total_bytes`, each by mount point."""
    if space := _space(sections.get("space", "")):
        return space
    used: dict[str, float] = {}
    free: dict[str, float] = {}
    total: dict[str, float] = {}
    fixed = {_plain(line) for line in sections.get("readonly", "").splitlines()}
    for mount, blocks, taken, left in _rows(sections.get("disks", ""), fixed):
        if taken + left > 0:
            used[mount] = round(
                taken / (taken + left), 4
            )  # as df counts it: what is reserved for root is not left
            free[mount], total[mount] = left * KIB, blocks * KIB
    inodes = {
        mount: round(taken / nodes, 4)
        for mount, nodes, taken, _ in _rows(sections.get("inodes", ""), fixed)
        if nodes > 0
    }
    found = {
        "disk_used_ratio": used,
        "disk_free_bytes": free,
        "disk_total_bytes": total,
        "inodes_used_ratio": inodes,
    }
    return {name: by_mount for name, by_mount in found.items() if by_mount}


def _space(text: str) -> dict[str, dict[str, float]]:
    """Read rows `UNIT BLOCKS FREE LEFT NODES FREENODES MOUNT` (statfs(2)); nothing where there is none."""
    found: dict[str, dict[str, float]] = {}
    for line in text.splitlines():
        words = line.split(None, 6)
        if len(words) < 7 or not all(NUMBER.fullmatch(word) for word in words[:6]):
            continue
        unit, blocks, unused, left, nodes, nodes_left = (max(0.0, float(word)) for word in words[:6])
        mount, taken = words[6], blocks - unused
        if taken + left > 0:
            found.setdefault("disk_used_ratio", {})[mount] = round(taken / (taken + left), 4)
            found.setdefault("disk_free_bytes", {})[mount] = left * unit
            found.setdefault("disk_total_bytes", {})[mount] = blocks * unit
        if nodes > 0:
            found.setdefault("inodes_used_ratio", {})[mount] = round((nodes - nodes_left) / nodes, 4)
    return found


def _rows(text: str, fixed: Collection[str]) -> list[tuple[str, float, float, float]]:
    """Return mount point, size, used and left of each row; the root counts even where it is an overlay.

    What is mounted read-only (`fixed`: snaps, images) is always full and never gets fuller: left out.
    """
    found = []
    for line in text.splitlines()[1:]:
        words = line.split()
        at = next((number for number, word in enumerate(words) if number > 4 and word.startswith("/")), None)
        if at is None or not all(NUMBER.fullmatch(word) for word in words[at - 4 : at - 1]):
            continue
        mount = " ".join(words[at:])
        if mount not in fixed and (mount == "/" or words[0] not in NOT_DISKS):
            found.append((mount, float(words[at - 4]), float(words[at - 3]), max(0.0, float(words[at - 2]))))
    return found


def _plain(word: str) -> str:
    """Undo how /proc/mounts writes blanks and the like: `\\040` (proc_pid_mounts(5))."""
    return OCTAL.sub(lambda found: chr(int(found[1], 8)), word)
