"""Processes that the demo starts, and that never outlive it."""

import ctypes
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1  # prctl(2): the kernel sends this signal when our parent is gone, even by kill -9
GRACE_S = 3.0

_libc = ctypes.CDLL(None)


def die_with_parent() -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


class Children:
    """Started in order, ended in the opposite one, each by its own pid."""

    def __init__(self) -> None:
        self._started: list[subprocess.Popen[bytes]] = []

    def start(
        self,
        argv: Sequence[str],
        *,
        log: Path,
        cwd: Path | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a program; what it writes to standard error goes to `log`, standard output can be read.

        Must be called from the main thread: the kernel ties the child to the thread that started it.
        """
        with log.open("ab") as stderr:
            child = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=cwd,
                env=environ,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 — before any thread of ours runs
            )
        self._started.append(child)
        return child

    def stop(self) -> None:
        for child in reversed(self._started):
            if child.poll() is None:
                child.terminate()
        for child in reversed(self._started):
            try:
                child.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            if child.stdout:
                child.stdout.close()
        self._started.clear()
