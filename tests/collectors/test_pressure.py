"""What control groups of version 2 and a host without any say of a process, and what is made of it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.collectors import pressure
from bot.diagnosers import cpu_starved, diagnose, memory_pressure
from bot.domain.diagnosis import Cause
from bot.domain.evidence import Evidence, Process, Snapshot, Task
from bot.domain.pressure import Group, Pressure

AT = datetime(2026, 11, 24, 4, tzinfo=UTC)
SHOP = "/sys/fs/cgroup/system.slice/shop.service"
SNAPSHOT = f"""/proc/7/task/7/schedstat:1000000 2000000 3
/proc/pressure/memory:some avg10=1.00 avg60=0.00 avg300=0.00 total=500
/proc/stat:cpu  10 0 20 300 7 0 0 3 0 0
/proc/vmstat:pswpin 12
/proc/vmstat:allocstall_normal 4
/proc/vmstat:allocstall_movable 5
{SHOP}/cpu.stat:nr_periods 10
{SHOP}/cpu.stat:nr_throttled 9
{SHOP}/cpu.max:5000 100000
{SHOP}/memory.current:9000
{SHOP}/memory.max:max
{SHOP}/memory.high:8000
{SHOP}/memory.events:high 6
{SHOP}/memory.events:max 1
{SHOP}/memory.stat:workingset_refault_anon 30
{SHOP}/memory.stat:workingset_refault_file 12
{SHOP}/memory.pressure:some avg10=0.00 avg60=0.00 avg300=0.00 total=77
/sys/fs/cgroup/system.slice/memory.max:max
/sys/fs/cgroup/system.slice/cpu.max:max 100000
"""


def test_groups_of_version_2_are_read() -> None:
    (found,) = pressure.pressure({"snapshot 40": SNAPSHOT})
    own, above = found.groups
    assert own == Group(
        path=SHOP,
        periods=10,
        throttled=9,
        cores=0.05,
        memory_bytes=9000,
        memory_limit_bytes=8000,
        reclaims=7,
        refaults=42,
        stalled_us={"memory some": 77},
    )
    assert own.name == "/system.slice/shop.service"
    assert (above.cores, above.memory_limit_bytes) == (None, None)
    assert replace(found, groups=()) == Pressure(
        at_ms=40.0,
        scheduled={7: (1000000, 2000000, 3)},
        stalled_us={"memory some": 500},
        busy_ticks=33,
        idle_ticks=307,
        swapped_in=12,
        reclaims=9,
    )


@pytest.mark.parametrize(
    ("said", "pinned"),
    [("0-1\n2\n", ""), ("0\n2\n", "0"), ("0,2-3\n8\n", "0,2-3"), ("", ""), ("0-1\n\n", "")],
)
def test_the_cores_that_it_may_run_on_are_said_where_they_are_not_all(said: str, pinned: str) -> None:
    assert pressure.pinned_to({"cpus": said}) == pinned


def evidence(*moments: Pressure, faults: int = 0, wchan: str = "") -> Evidence:
    """Return a process of one thread that was looked at over half a second."""
    return Evidence(
        host="web1",
        service="shop",
        process=Process(pid=7, started_at=AT, command="shop", runtime=""),
        at=AT,
        snapshots=(
            Snapshot(at_ms=0, state="S", tasks=(Task(tid=7, wchan=wchan),)),
            Snapshot(at_ms=500, state="S", tasks=(Task(tid=7, wchan=wchan),), major_faults=faults),
        ),
        pressure=moments,
    )


def group(*, stalled_ms: int, reclaims: int) -> Group:
    stalled = {"memory some": stalled_ms * 1000}
    return Group(path=SHOP, memory_limit_bytes=8 << 20, reclaims=reclaims, refaults=0, stalled_us=stalled)


def in_group(*, stalled_ms: int) -> tuple[Pressure, Pressure]:
    before, after = group(stalled_ms=0, reclaims=1), group(stalled_ms=stalled_ms, reclaims=50)
    return Pressure(groups=(before,)), Pressure(groups=(after,))


def on_host(*, swapped: int) -> tuple[Pressure, Pressure]:
    before = Pressure(stalled_us={"memory some": 0}, swapped_in=0)
    return before, replace(before, stalled_us={"memory some": 200_000}, swapped_in=swapped)


def test_a_group_that_stalls_at_its_limit_is_named_and_so_is_a_host_that_swaps() -> None:
    found = memory_pressure.diagnose(evidence(*in_group(stalled_ms=300), faults=90))
    assert found is not None
    assert found.confidence >= 0.9
    assert [clue.code for clue in found.because] == [
        "group_is_full",
        "stalls_for_memory",
        "reads_pages_back",
    ]
    swaps = memory_pressure.diagnose(evidence(*on_host(swapped=900), faults=90))
    assert swaps is not None
    assert swaps.because[0].code == "host_swaps"


def test_what_is_held_at_the_high_mark_waits_for_memory_though_it_reads_nothing_back() -> None:
    held = evidence(*in_group(stalled_ms=300), wchan="mem_cgroup_handle_over_high")
    diagnosis, _, _ = diagnose(held)
    assert diagnosis.findings[0].cause is Cause.MEMORY_PRESSURE


def turns_over(*, own: int, kernel: int, faults: int, waits: int, pages: int) -> Evidence:
    """Return a thread that ran for some ticks of its own and of the kernel's, in a group of 2,048 pages and half a second."""
    was, now = in_group(stalled_ms=5)
    now = replace(now, groups=tuple(replace(one, refaults=pages) for one in now.groups))
    made = evidence(was, now, faults=faults)
    began = Task(tid=7, run_ns=0, wait_ns=0, voluntary_switches=0)
    ended = replace(
        began,
        utime_ticks=own,
        stime_ticks=kernel,
        run_ns=(own + kernel) * 10_000_000,
        voluntary_switches=waits,
        major_faults=faults,
    )
    first, last = made.snapshots
    return replace(made, snapshots=(replace(first, tasks=(began,)), replace(last, tasks=(ended,))))


def test_a_group_that_reads_back_what_it_gives_up_is_named_however_busy_the_disk_is() -> None:
    found = memory_pressure.diagnose(turns_over(own=0, kernel=3, faults=6, waits=8, pages=4096))
    assert found is not None
    assert found.confidence >= 0.75
    assert [one.code for one in found.because] == ["group_is_full", "pages_come_back", "reads_pages_back"]


def test_who_gets_on_beside_what_the_kernel_does_for_it_is_not_hung() -> None:
    found = memory_pressure.diagnose(turns_over(own=18, kernel=24, faults=22, waits=24, pages=4096))
    assert found is not None
    assert found.confidence < 0.6


@pytest.mark.parametrize(
    "one",
    [
        turns_over(own=0, kernel=3, faults=6, waits=8, pages=100),
        turns_over(own=0, kernel=3, faults=6, waits=40, pages=4096),
        turns_over(own=0, kernel=40, faults=6, waits=8, pages=4096),
        evidence(*in_group(stalled_ms=300)),
        evidence(*in_group(stalled_ms=5), faults=90),
        evidence(*on_host(swapped=0), faults=90),
        evidence(faults=90),
    ],
    ids=[
        "few_come_back",
        "it_waits_for_other_things",
        "it_hardly_waits",
        "others_suffer",
        "a_full_cache",
        "a_first_reading",
        "nothing_seen",
    ],
)
def test_who_does_not_wait_for_memory_is_not_blamed_for_it(one: Evidence) -> None:
    assert memory_pressure.diagnose(one) is None


def queued(ran_ms: int, waited_ms: int, at_ms: int, *, idle: int = 0, turn_ms: int = 5) -> Pressure:
    scheduled = {7: (ran_ms * 1_000_000, waited_ms * 1_000_000, ran_ms // turn_ms)}
    return Pressure(at_ms=at_ms, scheduled=scheduled, busy_ticks=at_ms, idle_ticks=idle)


def test_a_host_without_a_free_core_starves_only_who_gets_next_to_nothing_all_the_while() -> None:
    crowd = evidence(queued(0, 0, 0), queued(20, 480, 500), queued(100, 1900, 2000))
    found = cpu_starved.diagnose(crowd)
    assert found is not None
    assert found.because[0].code == "no_core_free"
    burst = evidence(queued(0, 0, 0), queued(20, 480, 500), queued(900, 1100, 2000))
    assert cpu_starved.diagnose(burst) is None
    busy = evidence(queued(0, 0, 0), queued(100, 400, 500), queued(400, 1600, 2000))
    assert cpu_starved.diagnose(busy) is None
    often = (queued(0, 0, 0), queued(20, 480, 500, turn_ms=1), queued(100, 1900, 2000, turn_ms=1))
    assert cpu_starved.diagnose(evidence(*often)) is None


def test_who_stands_in_the_queue_though_cores_are_free_is_only_a_guess() -> None:
    found = cpu_starved.diagnose(evidence(queued(0, 0, 0), queued(20, 480, 500, idle=900)))
    assert found is not None
    assert found.confidence < 0.6
