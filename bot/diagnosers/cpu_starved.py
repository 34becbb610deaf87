"""It could run and is not let: its control group's quota is used up, or the host has no core for it."""

from bot.domain import reading
from bot.domain.clues import clue
from bot.domain.diagnosis import Cause, Finding
from bot.domain.evidence import Evidence
from bot.domain.stacks import Frame, Origin
from bot.domain.starving import starving


def diagnose(evidence: Evidence) -> Finding | None:
    found = starving(evidence)
    if found is None:
        return None
    tids, frames = _where(evidence)
    frame = reading.innermost(frames, Origin.APPLICATION, Origin.LIBRARY)
    caller = reading.application(frames)
    queued = clue("stands_in_queue", wanted=round(found.wanted, 2), got=round(found.got, 2))
    rationed = found.why is not None and found.why.code == "ran_out_of_quota"
    return Finding(
        cause=Cause.CPU_STARVED,
        confidence=found.confidence,
        culprit=reading.place(evidence, frame) if frame else None,
        called_from=reading.place(evidence, caller) if caller and caller is not frame else None,
        threads=reading.names(reading.samples(evidence), tids),
        because=(found.why, queued) if found.why else (queued,),
        suggest=clue("raise_the_quota" if rationed else "free_a_core"),
    )


def _where(evidence: Evidence) -> tuple[list[int], tuple[Frame, ...]]:
    """Return the threads that want the CPU most, and what their samples share; nothing where no stack was seen."""
    threads = reading.samples(evidence)
    for group in reading.hot_groups(evidence):
        stacks = [stack for tid in group for stack in threads[tid]]
        if frames := reading.shared(stacks):
            return group, frames
    return [], ()
