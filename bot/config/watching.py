"""Whether files are as they were."""

from collections.abc import Iterable
from pathlib import Path

Signature = tuple[tuple[str, tuple[int, int, int] | None], ...]


def signature(files: Iterable[str]) -> Signature:
    """Return what changes with the files: each one's inode, size and time of change; None for one that is not there."""
    return tuple((name, _of(Path(name))) for name in files)


def _of(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
