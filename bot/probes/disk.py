"""Disks and inodes by mount point, from `df -P`."""

from collections.abc import Mapping

KIB = 1024.0
NOT_DISKS = ("tmpfs", "devtmpfs", "squashfs", "overlay", "udev", "none", "shm", "proc", "sysfs")


def parse(sections: Mapping[str, str]) -> dict[str, dict[str, float]]:
    """Return `disk_used_ratio`, `inodes_used_ratio` (0…1), `disk_free_bytes` and `disk_total_bytes`, each by mount point."""
    used: dict[str, float] = {}
    free: dict[str, float] = {}
    total: dict[str, float] = {}
    for mount, blocks, taken, left in _rows(sections.get("disks", "")):
        if taken + left > 0:
            used[mount] = round(
                taken / (taken + left), 4
            )  # as df counts it: what is reserved for root is not left
            free[mount], total[mount] = left * KIB, blocks * KIB
    inodes = {
        mount: round(taken / nodes, 4)
        for mount, nodes, taken, _ in _rows(sections.get("inodes", ""))
        if nodes > 0
    }
    found = {
        "disk_used_ratio": used,
        "disk_free_bytes": free,
        "disk_total_bytes": total,
        "inodes_used_ratio": inodes,
    }
    return {name: by_mount for name, by_mount in found.items() if by_mount}


def _rows(text: str) -> list[tuple[str, float, float, float]]:
    """Return mount point, size, used and left of each row; the root counts even where it is an overlay."""
    found = []
    for line in text.splitlines()[1:]:
        words = line.split()
        if len(words) < 6 or not all(word.isdecimal() for word in words[-5:-2] if word != "-"):
            continue
        at = next((number for number, word in enumerate(words) if number > 4 and word.startswith("/")), None)
        if at is None or not all(word.isdecimal() for word in words[at - 4 : at - 1]):
            continue
        mount = " ".join(words[at:])
        if mount == "/" or not words[0].startswith(NOT_DISKS):
            found.append((mount, float(words[at - 4]), float(words[at - 3]), float(words[at - 2])))
    return found
