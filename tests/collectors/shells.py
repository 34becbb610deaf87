"""Hosts for the collectors' tests: the very scripts, in this machine's own shell, as other users or with less than usual."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot import collectors
from bot.domain.evidence import Evidence
from bot.domain.targets import HostSpec, Transport
from bot.ports import Completed, Limit, Script
from tests.clocks import RealClock

PROGRAMS = Path(__file__).with_name("programs")
PY_SPY = Path(sys.executable).with_name("py-spy")
MARK = "hangbot-mark-test"
NOBODY = ("setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups")


def without(*mounts: str) -> tuple[str, ...]:
    """Return a prefix that runs a command in a mount namespace of its own, after these lines of shell."""
    return ("unshare", "--mount", "sh", "-ec", "; ".join((*mounts, 'exec "$@"')), "sh")


@dataclass(frozen=True, kw_only=True)
class ShellHost:
    """Runs scripts as an SSH host would: `sh -c TEXT NAME ARGUMENTS`, behind a prefix such as a user or a namespace."""

    prefix: Sequence[str] = ()
    env: dict[str, str] = field(
        default_factory=lambda: {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/"}
    )

    @property
    def spec(self) -> HostSpec:
        return HostSpec(name="here", transport=Transport.LOCAL, sudo=False)

    def run(self, script: Script, args: Sequence[str] = (), *, stdin: bytes = b"", limit: Limit) -> Completed:
        argv = (*self.prefix, "sh", "-c", script.text, f"hangbot-{script.name}", *args)
        done = subprocess.run(
            argv,
            input=stdin,
            capture_output=True,
            env=self.env,
            cwd="/",
            check=False,
            timeout=limit.seconds * 3,
        )
        return Completed(exit=done.returncode, stdout=done.stdout, stderr=done.stderr)


@contextmanager
def running(
    name: str, *arguments: str, python: str = sys.executable, env: dict[str, str] | None = None
) -> Iterator[int]:
    """Run a program of this folder in a session of its own until the end of the block."""
    argv = (python, str(PROGRAMS / f"{name}.py"), *arguments)
    with subprocess.Popen(
        argv,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=os.environ | (env or {}),
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == b"ready"
            yield process.pid
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def look(
    pid: int, *, host: ShellHost | None = None, sampler: str = str(PY_SPY), early: bool = False
) -> Evidence:
    return collectors.collect(
        host or ShellHost(), None, pid=pid, mark=MARK, at=RealClock().now(), sampler=sampler, early=early
    )


def codes(evidence: Evidence) -> list[str]:
    return [clue.code for clue in evidence.missing]


def state(pid: int) -> tuple[str, int]:
    """Return a process's state letter and who traces it."""
    rows = dict(
        line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line
    )
    return rows["State"][0], int(rows["TracerPid"])


def wait_for_state(pid: int, wanted: str, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while state(pid)[0] != wanted:
        assert time.monotonic() < end, f"{pid} is {state(pid)}"
        time.sleep(0.01)
