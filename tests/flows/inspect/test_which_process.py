"""Of a service with several processes the most suspicious is looked at; where that one is well, the next ones are too."""

from dataclasses import replace

from bot.collectors import NoProcess
from bot.domain.errors import HostFailure
from bot.domain.evidence import Candidate, Evidence
from bot.domain.observations import ProbeOutcome
from bot.flows import collect
from tests.cases.test_diagnosers import FOLDER, evidence_of
from tests.flows.watch.night import SetClock

HUNG = evidence_of(min(path.parent for path in (FOLDER / "infinite_recursion").glob("*/evidence.txt")))
WELL = evidence_of(FOLDER / "slow_progress" / "counts_on")
SOON = float("inf")


def among(evidence: Evidence, *pids: int) -> Evidence:
    return replace(evidence, others=tuple(Candidate(pid=pid, command="worker") for pid in pids))


class Looks:
    """Answers what each process of the service is found to do."""

    def __init__(self, found: dict[int, Evidence | Exception]) -> None:
        self.found, self.asked = found, list[int]()

    def __call__(self, pid: int) -> Evidence:
        self.asked.append(pid)
        answer = self.found[pid]
        if isinstance(answer, Exception):
            raise answer
        return replace(answer, process=replace(answer.process, pid=pid))


def of(first: Evidence, looks: Looks, *, until: float = SOON) -> Evidence:
    return collect.of_the_one_that_hangs(first, look=looks, clock=SetClock(), until=until)


def test_one_that_hangs_is_enough() -> None:
    looks = Looks({})
    assert of(among(HUNG, 11, 12), looks).process == HUNG.process
    assert looks.asked == []


def test_where_the_first_is_well_the_one_that_hangs_is_told_and_the_others_are_named() -> None:
    looks = Looks({11: WELL, 12: HUNG})
    found = of(among(WELL, 11, 12), looks)
    assert looks.asked == [11, 12]
    assert found.process.pid == 12
    assert {one.pid for one in found.others} == {11, WELL.process.pid}


def test_where_none_hangs_the_first_one_stands() -> None:
    found = of(among(WELL, 11), Looks({11: WELL}))
    assert (found.process.pid, [one.pid for one in found.others]) == (WELL.process.pid, [11])


def test_no_look_begins_after_the_time_for_it() -> None:
    looks = Looks({11: HUNG})
    assert of(among(WELL, 11), looks, until=-1.0).process == WELL.process
    assert looks.asked == []


def test_one_that_has_ended_is_passed_over() -> None:
    assert of(among(WELL, 11, 12), Looks({11: NoProcess("11"), 12: HUNG})).process.pid == 12


def test_a_host_that_cannot_be_asked_any_more_leaves_the_first_look() -> None:
    looks = Looks({11: HostFailure(ProbeOutcome.TIMEOUT, "late"), 12: HUNG})
    assert of(among(WELL, 11, 12), looks).process == WELL.process
    assert looks.asked == [11]
