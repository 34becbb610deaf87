"""Two who ask for the same process at once get one look, and both are told what it found."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event

import pytest

from bot.collectors.scripts import EVIDENCE
from bot.domain.diagnosis import Inspection
from bot.domain.invocations import Actor, Invocation
from bot.domain.jobs import Job
from bot.domain.messages import Operation
from bot.domain.settings import InspectPolicy, Upload
from bot.domain.targets import HostSpec, Target
from bot.flows import inspect
from bot.ports import Completed, Limit, Script
from bot.work.looks import OneAtATime
from tests.collectors.shells import ShellHost, running
from tests.flows.watch.night import ANA, Night, night
from tests.stores import fresh_store

EVE = Actor(id="U0EVE", name="eve", member=True)
WEB1 = Target(host="web1", service=None)
PATIENCE_S = 60.0


EARLY = 6
"""Where the evidence script is told to come back at once where the host has no sampler."""


@dataclass
class Slow:
    """This machine; its first look ends when the test says so."""

    shell: ShellHost = field(default_factory=ShellHost)
    spec: HostSpec = field(default_factory=lambda: HostSpec(name="web1", sudo=False))
    begun: Event = field(default_factory=Event)
    may_end: Event = field(default_factory=Event)
    looks: int = 0

    def get(self, name: str) -> "Slow":
        return self

    def close(self) -> None: ...

    def run(self, script: Script, args: Sequence[str] = (), *, stdin: bytes = b"", limit: Limit) -> Completed:
        if script is EVIDENCE:
            self.looks += not args[EARLY]  # what it says then is not all: it is asked once more
            self.begun.set()
            assert self.may_end.wait(PATIENCE_S)
        return self.shell.run(script, args, stdin=stdin, limit=limit)


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Night]:
    store = fresh_store(tmp_path)
    made = night(store, inspect=InspectPolicy(upload=Upload.NEVER))
    made.services = replace(made.services, looks=OneAtATime(), hosts=Slow())
    yield made
    store.close()


def job_of(bot: Night, actor: Actor, pid: int) -> Job:
    asked = Invocation(
        id=f"i-{actor.id}",
        actor=actor,
        verb="inspect",
        text="/hang inspect web1",
        channel="C1",
        at=bot.clock.at,
    )
    notifications, job = inspect.request(bot.services, target=WEB1, pid=pid, invocation=asked, alert=None)
    bot.store.commit(notifications=notifications, jobs=[job])
    claimed = bot.store.claim_job(now=bot.clock.now(), worker="w", lease_s=600)
    assert claimed is not None
    assert claimed.id == job.id, "somebody else's question is a job of its own"
    return claimed


def both(bot: Night, first_pid: int, second_pid: int) -> tuple[Slow, list[Inspection]]:
    """Let ana ask, eve while ana's look runs; return what each is told."""
    host = bot.services.hosts
    assert isinstance(host, Slow)
    jobs = [job_of(bot, ANA, first_pid), job_of(bot, EVE, second_pid)]
    turns = bot.services.looks
    assert isinstance(turns, OneAtATime)
    with ThreadPoolExecutor(2) as pool:
        try:
            first = pool.submit(inspect.run_job, jobs[0], bot.services)
            assert host.begun.wait(PATIENCE_S)
            second = pool.submit(inspect.run_job, jobs[1], bot.services)
            while turns.waiting(WEB1) < len(jobs) and not second.done():
                time.sleep(0.01)
        finally:
            host.may_end.set()
        first.result(PATIENCE_S)
        second.result(PATIENCE_S)
    found = [bot.store.inspection(str(job.payload["inspection"])) for job in jobs]
    return host, [one for one in found if one is not None]


def test_the_second_one_joins_and_both_are_told(bot: Night) -> None:
    with running("sleeper") as pid:
        host, (first, second) = both(bot, pid, pid)
    assert host.looks == 1
    assert replace(second, id=first.id) == first
    told = [one for one in bot.said() if one.operation is Operation.REPLY]
    assert len({one.subject for one in told}) == 2, "each in the thread of the one who asked"
    assert len({one.message.text for one in told}) == 1


def test_another_process_is_looked_at_for_itself(bot: Night) -> None:
    with running("sleeper") as one, running("sleeper") as other:
        host, (first, second) = both(bot, one, other)
    assert host.looks == 2
    assert [first.process and first.process.pid, second.process and second.process.pid] == [one, other]
