"""Checks at their own pace beside the rounds: a slow one holds up nobody else."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.checks import CheckSpec, Grade, Reply, Talk
from bot.domain.observations import Observation, ProbeOutcome
from bot.domain.targets import Fleet, HostSpec
from bot.ports import Services
from bot.work.checks import Checks
from tests.clocks import HandClock, QuietTelemetry
from tests.fleets import InThreads
from tests.flows.watch.night import START, night
from tests.stores import fresh_store

SPECS = (
    CheckSpec(name="fast", kind="tcp", target="127.0.0.1:1", every_s=10),
    CheckSpec(name="slow", kind="tcp", target="127.0.0.1:2", every_s=10),
)


@dataclass
class Room(InThreads):
    go: threading.Event = field(default_factory=threading.Event)
    asked: list[int] = field(default_factory=list)

    def get(self, name: str) -> "Seat":
        return Seat(spec=HostSpec(name=name), room=self)


@dataclass(frozen=True)
class Seat:
    spec: HostSpec
    room: Room

    def talk(self, talk: Talk) -> Reply:
        self.room.asked.append(talk.address[1])
        if talk.address[1] == 2:
            assert self.room.go.wait(30)
        return Reply(at=START, took_ms=1.0)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    store = fresh_store(tmp_path)
    made = night(store).services
    fleet = Fleet(hosts={name: HostSpec(name=name) for name in ("h0", "h1")}, services={})
    yield replace(
        made,
        telemetry=QuietTelemetry(),
        hosts=Room(),  # type: ignore[arg-type]
        clock=HandClock(START),
        settings=replace(made.settings, fleet=fleet, checks=SPECS),
    )
    store.close()


def test_a_slow_check_delays_itself_alone_and_what_is_old_is_left_out(services: Services) -> None:
    checks, room, clock = Checks(services), services.hosts, services.clock
    assert isinstance(room, Room)
    assert isinstance(clock, HandClock)
    try:
        for _ in range(45):
            clock.go_on(1.0)
            checks.tick()
            time.sleep(0.01)
        assert room.asked.count(1) in (8, 9, 10)
        assert room.asked.count(2) == 2
        seen = Observation(host="h0", at=clock.now(), outcome=ProbeOutcome.OK)
        found = checks.beside(seen).checks
        assert {name: one.grade for name, one in found.items()} == {"fast": Grade.OK}
        later = replace(seen, at=clock.now() + timedelta(minutes=5))
        assert checks.beside(later).checks == {}
        unseen = replace(seen, outcome=ProbeOutcome.TIMEOUT)
        assert checks.beside(unseen) is unseen
    finally:
        room.go.set()
        checks.stop()
    assert services.telemetry.failures == []  # type: ignore[attr-defined]
