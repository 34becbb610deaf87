"""One process does it all: nothing is done more often than was agreed, and nothing more at once than there is room for."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.jobs import Job, JobKind, JobStatus
from bot.domain.settings import InspectPolicy
from bot.ports import Services
from bot.work import inline
from bot.work.inline import Jobs
from tests.clocks import HandClock, QuietTelemetry, RealClock
from tests.flows.watch.night import START, night
from tests.stores import fresh_store


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    store = fresh_store(tmp_path)
    yield replace(night(store).services, telemetry=QuietTelemetry())
    store.close()


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def queue(services: Services, number: int) -> None:
    now = services.clock.now()
    jobs = [
        Job(id=f"j{n}", kind=JobKind.INSPECT, key=f"k{n}", created_at=now, due_at=now) for n in range(number)
    ]
    services.store.commit(jobs=jobs)


def is_done(services: Services, job_id: str) -> bool:
    job = services.store.job(job_id)
    return job is not None and job.status is JobStatus.DONE


def test_no_more_is_inspected_at_once_than_the_budget_says(services: Services) -> None:
    services = replace(services, clock=RealClock())
    services = replace(services, settings=replace(services.settings, inspect=InspectPolicy(max_parallel=2)))
    at_once: list[int] = []
    running: set[str] = set()
    go = threading.Event()

    def slow(job: Job, built: Services) -> None:
        running.add(job.id)
        at_once.append(len(running))
        assert go.wait(20)
        running.discard(job.id)
        built.store.commit(finished=[replace(job, status=JobStatus.DONE)])

    queue(services, 5)
    jobs = Jobs(services, worker="w", run={"inspect": slow})
    try:
        for _ in range(5):
            jobs.tick()
        until(lambda: len(running) == 2)
        go.set()

        def done() -> bool:
            jobs.tick()
            return all(is_done(services, f"j{n}") for n in range(5))

        until(done)
    finally:
        go.set()
        jobs.stop()
    assert max(at_once) == 2


def test_a_job_that_fails_ends_no_other_and_is_taken_again_when_its_lease_is_over(
    services: Services,
) -> None:
    clock = HandClock(START)
    services = replace(services, clock=clock)
    tried: list[str] = []

    def fails_first(job: Job, built: Services) -> None:
        tried.append(job.id)
        if job.id == "j0" and job.attempt == 1:
            raise RuntimeError("a fault of ours")
        built.store.commit(finished=[replace(job, status=JobStatus.DONE)])

    queue(services, 2)
    jobs = Jobs(services, worker="w", run={"inspect": fails_first})
    try:
        jobs.tick()
        until(lambda: "j0" in tried and is_done(services, "j1"))
        jobs.tick()
        assert sorted(tried) == ["j0", "j1"]
        clock.go_on(inline.JOB_LEASE_S + 1)
        until(lambda: jobs.tick() or is_done(services, "j0"))
    finally:
        jobs.stop()
    assert sorted(tried) == ["j0", "j0", "j1"]


def test_a_job_that_takes_longer_than_its_lease_keeps_it_and_nobody_else_does_it(services: Services) -> None:
    clock, go, began = HandClock(START), threading.Event(), threading.Event()
    done: list[str] = []

    def slowly(job: Job, services: Services) -> None:
        done.append(job.id)
        began.set()
        assert go.wait(30)
        services.store.commit(finished=[replace(job, status=JobStatus.DONE)])

    services = replace(services, clock=clock)
    job = Job(id="job_1", kind=JobKind.ACT, key="act", created_at=START, due_at=START)
    services.store.commit(jobs=[job])
    jobs = Jobs(services, worker="w1", run={"act": slowly})
    other = Jobs(services, worker="w2", run={"act": slowly})
    try:
        jobs.tick()
        assert began.wait(30)
        for _ in range(300):
            clock.go_on(1.0)
            jobs.tick()
            other.tick()
        go.set()
        until(lambda: services.store.job("job_1").status is JobStatus.DONE)  # type: ignore[union-attr]
        assert done == ["job_1"]
    finally:
        go.set()
        jobs.stop()
        other.stop()


def test_an_act_does_not_wait_for_inspections_and_the_end_does_not_wait_for_an_act(
    services: Services,
) -> None:
    go, acted = threading.Event(), threading.Event()

    def stuck(job: Job, services: Services) -> None:
        assert go.wait(60)

    def act(job: Job, services: Services) -> None:
        acted.set()
        stuck(job, services)

    policy = InspectPolicy(max_parallel=2)
    services = replace(services, clock=HandClock(START), settings=replace(services.settings, inspect=policy))
    looks = [
        Job(id=f"job_{n}", kind=JobKind.INSPECT, key=f"inspect:{n}", created_at=START, due_at=START)
        for n in range(6)
    ]
    wish = Job(id="job_z", kind=JobKind.ACT, key="act:restart:web1/shop", created_at=START, due_at=START)
    services.store.commit(jobs=[*looks, wish])
    jobs = Jobs(services, worker="w1", run={"inspect": stuck, "act": act}, stops_within_s=0.3)
    try:
        jobs.tick()
        assert acted.wait(30)
        running = [services.store.job(job.id).status for job in looks]  # type: ignore[union-attr]
        assert running.count(JobStatus.RUNNING) == 2
        began = time.monotonic()
        jobs.stop()
        assert time.monotonic() - began < 20
        assert services.store.job("job_z").status is JobStatus.RUNNING, "its lease runs out"  # type: ignore[union-attr]
    finally:
        go.set()
