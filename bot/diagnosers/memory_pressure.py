"""Its time goes into getting memory: pages are given up and read back, from swap or from files, or reclaimed before it goes on."""

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
FEW_FAULTS, BLOCKED = 5, 0.3
"""On a slow disk there are few: then they are most of a thread's waits, which take so much of its time."""
REFAULTS = 256
TURNOVER = 0.35
"""Of all that a group may keep, read back every second. Measured with files two to three times as large as that, read at
random: 0.7 to 14, on a disk that others keep busy and on one that is free.
"""
OWN_WORK = 0.2
"""Of a thread's time on the CPU. Who waits for memory spends nearly all of it in the kernel (0 to 0.16 there); who reads
the same file from its beginning to its end, and gets on, spends 0.35 to 0.45 of it on what it is there for.
"""
PAGE_BYTES = 4096
SWAPS = 64
"""Pages, in the window."""
STALLED, MOSTLY_STALLED, SUSPECT = 0.1, 0.4, 0.05
"""Of the time; who reads a file through a full cache, and gets on, comes to less than a hundredth."""
WAITS_FOR_PAGE = "folio_wait"
TURNS, GETS_ON = 0.75, 0.5
"""How sure: of a group that reads back what it gives up; and of who is slowed by it, and gets on."""


def diagnose(evidence: Evidence) -> Finding | None:
    if len(evidence.pressure) < 2 or not reading.window_s(evidence) or not evidence.snapshots[1].tasks:
        return None
    was, now = _thread(evidence)
    own = _suffers(evidence, was, now)
    pressed = _pressed(evidence, evidence.pressure[0], evidence.pressure[1])
    if not own or pressed is None:
        return None
    confidence, because = pressed
    stacks = reading.samples(evidence).get(now.tid, [])
    frame = reading.application(stacks[-1].frames) if stacks else None
    return Finding(
        cause=Cause.MEMORY_PRESSURE,
        confidence=GETS_ON if _works(was, now) else confidence,
        culprit=reading.place(evidence, frame) if frame else None,
        threads=reading.names(reading.samples(evidence), [now.tid]),
        because=(*because, *own),
        suggest=clue("give_it_memory"),
    )


def _thread(evidence: Evidence) -> tuple[Task, Task]:
    """Return the thread that waited for most pages in the window, at its beginning and at its end."""
    before = {task.tid: task for task in evidence.snapshots[0].tasks}
    both = [(before.get(task.tid, task), task) for task in evidence.snapshots[1].tasks]
    return max(both, key=lambda pair: pair[1].major_faults - pair[0].major_faults)


def _suffers(evidence: Evidence, was: Task, now: Task) -> tuple[Clue, ...]:
    """Return what shows that the process itself waits for memory: the pressure of its neighbours is not its own."""
    first, last = evidence.snapshots[0], evidence.snapshots[1]
    faults, seconds = last.major_faults - first.major_faults, reading.window_s(evidence)
    clues = []
    if faults >= FAULTS or _waits_for_pages(was, now, seconds):
        clues.append(clue("reads_pages_back", faults=faults, seconds=round(seconds, 1)))
    elif any((task.wchan or "").startswith(WAITS_FOR_PAGE) for task in (*first.tasks, *last.tasks)):
        clues.append(clue("waits_for_page"))
    stands = (where for task in last.tasks for where in _stands(task))
    if reclaim := next((where for where in stands if where.startswith(RECLAIMS)), None):
        clues.append(clue("reclaims_itself", where=reclaim))
    return tuple(clues)


def _waits_for_pages(was: Task, now: Task, seconds: float) -> bool:
    """Return whether a thread waits much, and most often for a page to be read."""
    faults, waits = now.major_faults - was.major_faults, more(was.voluntary_switches, now.voluntary_switches)
    if was.run_ns is None or now.run_ns is None or was.wait_ns is None or now.wait_ns is None:
        return False
    blocked = 1 - (now.run_ns - was.run_ns + now.wait_ns - was.wait_ns) / 1e9 / seconds
    return faults >= FEW_FAULTS and 2 * faults >= waits and blocked >= BLOCKED


def _works(was: Task, now: Task) -> bool:
    """Return whether a thread gets on with its own work beside all that the kernel does for it. Few ticks say little."""
    own, kernel = now.utime_ticks - was.utime_ticks, now.stime_ticks - was.stime_ticks
    return own > 1 and own - own**0.5 >= OWN_WORK * (own + kernel)


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
        stalls = _stalls(everywhere if share is None else share, full)
        if again * PAGE_BYTES >= TURNOVER * now.memory_limit_bytes * seconds:
            turned = (TURNS, (full, clue("pages_come_back", pages=again)))
            return max(turned, stalls or turned, key=lambda one: one[0])
        if share is None and everywhere is None:
            return 0.7, (full, clue("pages_come_back", pages=again))
        return stalls
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


def _stands(task: Task) -> tuple[str, ...]:
    return (task.wchan or "", *task.kernel_stack)
