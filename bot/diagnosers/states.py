"""What the kernel's own state of the process says: stopped, or waiting for a disk."""

from bot.domain import reading
from bot.domain.clues import Clue, clue
from bot.domain.diagnosis import Cause, Finding, Place
from bot.domain.evidence import Evidence, Task

FUSE_WAIT = "request_wait_answer"


def stopped(evidence: Evidence) -> Finding | None:
    """By a signal, or by a debugger."""
    states = [snapshot.state for snapshot in evidence.snapshots]
    if not states or any(state not in ("T", "t") for state in states):
        return None
    tracer = evidence.snapshots[-1].tracer_pid
    because = clue("traced", pid=tracer) if tracer else clue("stopped_by_signal")
    suggest = (
        clue("end_the_debugger", pid=tracer) if tracer else clue("continue_it", pid=evidence.process.pid)
    )
    return Finding(
        cause=Cause.STOPPED, confidence=0.97, culprit=_anywhere(evidence), because=(because,), suggest=suggest
    )


def disk_wait(evidence: Evidence) -> Finding | None:
    """Waiting for a disk in both snapshots, in the same place."""
    if len(evidence.snapshots) < 2:
        return None
    last = {task.tid: task for task in evidence.snapshots[1].tasks}
    for task in evidence.snapshots[0].tasks:
        later = last.get(task.tid)
        if later is None or task.wchan != later.wchan or not (because := _waits(evidence, task, later)):
            continue
        stacks = reading.samples(evidence).get(task.tid, [])
        frame = reading.application(stacks[-1].frames) if stacks else None
        return Finding(
            cause=Cause.DISK_WAIT,
            confidence=0.9 if later.wchan or later.kernel_stack else 0.65,
            culprit=reading.place(evidence, frame) if frame else None,
            threads=reading.names(reading.samples(evidence), [task.tid]),
            because=(because,),
            suggest=clue("look_at_the_disk"),
        )
    return None


def _waits(evidence: Evidence, task: Task, later: Task) -> Clue | None:
    """Return how a thread waits for a disk, None where it does not.

    Most file systems sleep where no signal reaches; those run by a program (FUSE: sshfs, s3fs, gluster) do so only once a
    signal came. The parent of a vfork looks like the first and waits for no disk.
    """
    where = " ".join((later.wchan or "", *later.kernel_stack))
    if task.state == later.state == "D" and "vfork" not in where and "kernel_clone" not in where:
        return clue("uninterruptible", where=later.wchan or "the kernel")
    if FUSE_WAIT in where and reading.is_parked(evidence, task.tid):
        return clue("file_system_silent", where=FUSE_WAIT)
    return None


def _anywhere(evidence: Evidence) -> Place | None:
    """Return where the main thread happened to stand."""
    for stacks in reading.samples(evidence).values():
        if frame := reading.application(stacks[-1].frames):
            return reading.place(evidence, frame)
    return None
