"""Locks are told by identity, out of the memory of a process that runs on; of others nothing is said."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.collectors import lock_owners
from bot.collectors.scripts import FOLDER
from bot.domain.lock_waits import ForkedFrom, LockKind, LockWait
from tests.collectors.shells import PROGRAMS
from tests.victims.running import pythons

READER = (sys.executable, "-I", "-S", "-c", (FOLDER / "lock_owners.py").read_text())
KNOWN = [
    version
    for version in pythons()
    if version in ("3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13")
]
OTHERS = [version for version in KNOWN if pythons()[version] != sys.executable]
ATTEMPTS = 100
WAITING = 3
"""Of the threads of the program: without a limit of time, for a lock object."""


@contextmanager
def lockers(python: str) -> Iterator[tuple[int, dict[str, int]]]:
    """Run the program; yield its pid and the ident of each of its threads."""
    argv = (python, str(PROGRAMS / "lockers.py"))
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            assert process.stdout is not None
            idents = {}
            while (line := process.stdout.readline().split()) != ["ready"]:
                idents[line[0]] = int(line[1])
            yield process.pid, idents
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def read(pid: int, seconds: str = "3") -> tuple[LockWait, ...]:
    done = subprocess.run((*READER, str(pid), seconds), capture_output=True, text=True, check=True)
    return lock_owners.lock_waits({"lockowners": done.stdout})


def settled(pid: int) -> tuple[LockWait, ...]:
    """Return the waits as soon as all threads have come to theirs."""
    for _ in range(ATTEMPTS):
        if len(found := read(pid)) == WAITING:
            break
        time.sleep(0.1)
    return found


def tells_locks(python: str) -> None:
    with lockers(python) as (pid, idents):
        waits = settled(pid)
        assert [(one.owner, one.count) for one in waits if one.kind is LockKind.RLOCK] == [
            (idents["keep"], 1)
        ]
        plain = [one for one in waits if one.kind is LockKind.LOCK]
        assert all(one.owner is None for one in plain)
        assert len({one.address for one in plain}) == len(plain) == 2  # who wants PLAIN, who waits to be told
        state = Path(f"/proc/{pid}/status").read_text()
        assert "TracerPid:\t0" in state
        assert "State:\tS" in state


def test_an_rlock_names_its_owner_and_a_plain_lock_nobody() -> None:
    tells_locks(sys.executable)


@pytest.mark.campaign
@pytest.mark.parametrize("version", OTHERS)
def test_an_rlock_names_its_owner_on_every_python(version: str) -> None:
    tells_locks(pythons()[version])


def test_who_waits_with_a_limit_of_time_is_not_told() -> None:
    with lockers(sys.executable) as (pid, _):
        assert sum(one.kind is LockKind.RLOCK for one in settled(pid)) == 1


def test_without_time_nothing_is_told() -> None:
    with lockers(sys.executable) as (pid, _):
        assert read(pid, "0") == ()


def test_a_process_that_is_no_python_is_let_be() -> None:
    with subprocess.Popen(("sleep", "600")) as process:
        try:
            assert read(process.pid) == ()
        finally:
            process.kill()


def test_an_answer_that_is_cut_or_foreign_is_left_out() -> None:
    text = "7 0x10 rlock 140 2 guard,lock\n8 0x20 lock - 0 -\n9 0x30 semaphore - 0 -\n10 0x4\ncut\n"
    assert lock_owners.lock_waits({"lockowners": text}) == (
        LockWait(tid=7, address=16, kind=LockKind.RLOCK, owner=140, count=2, names=("guard", "lock")),
        LockWait(tid=8, address=32, kind=LockKind.LOCK),
    )


@pytest.mark.parametrize(
    ("text", "parent"), [("", None), ("40 x", None), ("40 3\n", ForkedFrom(pid=40, threads=3))]
)
def test_a_parent_is_told_only_where_the_program_is_still_its_own(
    text: str, parent: ForkedFrom | None
) -> None:
    assert lock_owners.forked_from({"parent": text}) == parent


LOCKS = """1: FLOCK  ADVISORY  WRITE 40 08:01:500 0 EOF
1: -> FLOCK  ADVISORY  WRITE 41 08:01:500 0 EOF
2: FLOCK  ADVISORY  WRITE 41 08:01:600 0 EOF
2: -> FLOCK  ADVISORY  WRITE 40 08:01:600 0 EOF
3: POSIX  ADVISORY  WRITE 50 08:01:700 0 EOF
3: -> POSIX  ADVISORY  WRITE 51 08:01:700 0 EOF
"""
OPEN = {"fds": "5 /srv/a\n6 /srv/b\n", "inodes": "500 /proc/40/fd/5\n600 /proc/40/fd/6\n"}


def test_processes_that_lock_files_against_each_other_are_a_circle() -> None:
    sections = OPEN | {"locks": LOCKS, "lockholders": "41 python worker.py --password=hunter2\n"}
    there, back = lock_owners.file_circle(sections, 40)
    assert (there.pid, there.holder, there.path) == (40, 41, "/srv/b")
    assert (back.pid, back.holder, back.path) == (41, 40, "/srv/a")
    assert there.holder_command.startswith("python worker.py")
    assert "hunter2" not in there.holder_command


@pytest.mark.parametrize("pid", [50, 51, 60])
def test_who_waits_for_a_file_of_somebody_that_does_not_wait_is_in_no_circle(pid: int) -> None:
    assert lock_owners.file_circle({"locks": LOCKS}, pid) == ()


def test_who_waits_for_a_circle_of_others_is_in_none() -> None:
    outside = LOCKS + "1: -> FLOCK  ADVISORY  WRITE 42 08:01:500 0 EOF\n"
    assert lock_owners.file_circle({"locks": outside}, 42) == ()


def test_waiters_of_one_file_alone_are_no_circle() -> None:
    itself = "1: FLOCK  ADVISORY  WRITE 40 08:01:500 0 EOF\n1: -> FLOCK  ADVISORY  WRITE 40 08:01:500 0 EOF\n"
    assert lock_owners.file_circle({"locks": itself}, 40) == ()
