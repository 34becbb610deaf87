"""Its time goes into getting memory: pages are given up and read back, from swap or from files, or reclaimed before it goes on."""

from collections.abc import Iterator

from bot.domain import reading
from bot.domain.clues import Clue, clue
from bot.domain.diagnosis import Cause, Finding
from bot.domain.evidence import Evidence, Task
from bot.domain.pressure import Pressure, more, pairs, stalled_share

RECLAIMS = (
    "mem_cgroup_handle_over_high",
    "try_to_free_",
    "shrink_",
    "reclaim_throttle",
    "direct_reclaim",
)
FAULTS = 20
"""In the window, that had to wait for a page to be read."""
REFAULTS = 256
SWAPS = 64
"""Pages, in the window."""
STALLED, MOSTLY_STALLED, SUSPECT = 0.1, 0.4, 0.05
"""Of the time; who reads a file through a full cache, and gets on, comes to less than a hundredth."""
WAITS_FOR_PAGE = "folio_wait"


def diagnose(evidence: Evidence) -> Finding | None:
    if len(evidence.pressure) < 2 or not reading.window_s(evidence):
        return None
    own = list(_suffers(evidence))
    pressed = _pressed(evidence, evidence.pressure[0], evidence.pressure[1])
    if not own or pressed is None:
        return None
    confidence, because = pressed
    tid = _thread(evidence)
    stacks = reading.samples(evidence).get(tid, [])
    frame = reading.application(stacks[-1].frames) if stacks else None
    return Finding(
        cause=Cause.MEMORY_PRESSURE,
        confidence=confidence,
        culprit=reading.place(evidence, frame) if frame else None,
        threads=reading.names(reading.samples(evidence), [tid]),
        because=(*because, *own),
        suggest=clue("give_it_memory"),
    )


def _suffers(evidence: Evidence) -> Iterator[Clue]:
    """Return what shows that the process itself waits for memory: the pressure of its neighbours is not its own."""
    first, last = evidence.snapshots[0], evidence.snapshots[1]
    if (faults := last.major_faults - first.major_faults) >= FAULTS:
        yield clue("reads_pages_back", faults=faults, seconds=round(reading.window_s(evidence), 1))
    elif any((task.wchan or "").startswith(WAITS_FOR_PAGE) for task in (*first.tasks, *last.tasks)):
        yield clue("waits_for_page")
    for task in last.tasks:
        where = next((one for one in _stands(task) if one.startswith(RECLAIMS)), None)
        if where:
            yield clue("reclaims_itself", where=where)
            return


def _pressed(evidence: Evidence, before: Pressure, after: Pressure) -> tuple[float, tuple[Clue, ...]] | None:
    """Return how sure it is that memory is short, by the innermost group that runs into its limit, else by the host."""
    seconds = reading.window_s(evidence)
    everywhere = stalled_share(before.stalled_us, after.stalled_us, "memory some", seconds=seconds)
    for was, now in pairs(before, after):
        if now.memory_limit_bytes is None or not more(was.reclaims, now.reclaims):
            continue
        again = more(was.refaults, now.refaults)
        share = stalled_share(was.stalled_us, now.stalled_us, "memory some", seconds=seconds)
        if share is None and again < REFAULTS:
            continue
        full = clue("group_is_full", group=now.name, limit=_mib(now.memory_limit_bytes))
        if share is None and everywhere is None:
            return 0.7, (full, clue("pages_come_back", pages=again))
        return _stalls(everywhere if share is None else share, full)
    swaps = more(before.swapped_in, after.swapped_in)
    if swaps >= SWAPS or more(before.reclaims, after.reclaims):
        return _stalls(
            everywhere, clue("host_swaps", pages=swaps) if swaps >= SWAPS else clue("host_is_full")
        )
    return None


def _stalls(share: float | None, why: Clue) -> tuple[float, tuple[Clue, ...]] | None:
    if share is None or share < SUSPECT:
        return None
    confidence = 0.92 if share >= MOSTLY_STALLED else 0.85 if share >= STALLED else 0.5
    return confidence, (why, clue("stalls_for_memory", share=round(share, 2)))


def _mib(count: int) -> int:
    return count >> 20


def _thread(evidence: Evidence) -> int:
    """Return the thread that waited for most pages in the window."""
    before = {task.tid: task.major_faults for task in evidence.snapshots[0].tasks}
    tasks = evidence.snapshots[1].tasks
    return max(tasks, key=lambda one: one.major_faults - before.get(one.tid, one.major_faults)).tid


def _stands(task: Task) -> tuple[str, ...]:
    return (task.wchan or "", *task.kernel_stack)
