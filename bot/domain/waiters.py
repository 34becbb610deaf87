"""Threads that wait in one place below application code: what holds a request up stands among them."""

from dataclasses import dataclass

from bot.domain import reading
from bot.domain.evidence import Evidence, Syscall
from bot.domain.stacks import Frame, ThreadStack

POLLS = ("poll", "ppoll", "select", "pselect6", "epoll_wait", "epoll_pwait", "epoll_pwait2")
SLEEPS = ("clock_nanosleep", "nanosleep")
NAPS_A_SECOND = 30


@dataclass(frozen=True, kw_only=True)
class Waiter:
    """A thread that stood in the same place in every sample, and the call it waits in, where that can be seen."""

    tid: int
    stack: ThreadStack
    call: Syscall | None
    frame: Frame
    """The innermost frame of the application."""
    wchan: str
    naps: bool = False
    """It wakes for a moment several times a second and waits on, as some clients do to mind signals."""


def waiters(evidence: Evidence) -> list[Waiter]:
    """Return the threads that wait below application code; those that hold others up come first."""
    found = []
    for tid, stacks in reading.samples(evidence).items():
        frame = reading.application(stacks[-1].frames)
        naps = not reading.is_parked(evidence, tid)
        if frame is None or (naps and not _naps(evidence, tid)):
            continue
        places = {
            (one.file, one.function, one.line)
            for stack in stacks
            if (one := reading.application(stack.frames))
        }
        tops = {(stack.frames[0].file, stack.frames[0].function) for stack in stacks}
        if len(places) != 1 or len(tops) > 2:
            continue
        seen = reading.tasks(evidence, tid)
        wchan = (seen[-1].wchan or "") if seen else ""
        found.append(
            Waiter(
                tid=tid,
                stack=stacks[-1],
                call=reading.parked_in(evidence, tid),
                frame=frame,
                wchan=wchan,
                naps=naps,
            )
        )
    return found


def _naps(evidence: Evidence, tid: int) -> bool:
    """Return whether a thread sleeps in one system call that it begins again and again, with hardly any work between."""
    seen = reading.tasks(evidence, tid)
    call = reading.parked_in(evidence, tid)
    if len(seen) < 2 or call is None or call.name not in (*POLLS, *SLEEPS, "futex"):
        return False
    switched = (seen[1].voluntary_switches or 0) - (seen[0].voluntary_switches or 0)
    rare = switched <= NAPS_A_SECOND * reading.window_s(evidence)
    return rare and reading.cpu_shares(evidence).get(tid, 0.0) < reading.HOT_MEMBER
