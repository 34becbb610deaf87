"""Rounds: a sick host delays itself alone, and no host is asked more often than was agreed."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.domain.observations import ProbeOutcome
from bot.domain.settings import ProbePolicy
from bot.domain.targets import Fleet, HostSpec, ServiceSpec
from bot.ports import Completed, Limit, Sample, Script, Services
from bot.work.rounds import MOST_RETRIES, Rounds
from tests.clocks import HandClock, QuietTelemetry
from tests.fleets import InThreads
from tests.flows.watch.night import START, night
from tests.stores import fresh_store


@dataclass
class Room(InThreads):
    """Hosts that count how often they are looked at; those named in `stuck` wait for `go`."""

    outcome: ProbeOutcome = ProbeOutcome.OK
    stuck: frozenset[str] = frozenset()
    go: threading.Event = field(default_factory=threading.Event)
    looks: dict[str, int] = field(default_factory=dict)

    def get(self, name: str) -> "Seat":
        return Seat(room=self, spec=HostSpec(name=name))


@dataclass(frozen=True)
class Seat:
    room: Room
    spec: HostSpec

    def sample(self, services: Sequence[ServiceSpec]) -> Sample:
        name = self.spec.name
        self.room.looks[name] = self.room.looks.get(name, 0) + 1
        if name in self.room.stuck:
            assert self.room.go.wait(30)
        return Sample(host=name, at=START, outcome=self.room.outcome)

    def run(self, script: Script, args: Sequence[str] = (), *, stdin: bytes = b"", limit: Limit) -> Completed:
        raise NotImplementedError


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    store = fresh_store(tmp_path)
    yield replace(night(store).services, telemetry=QuietTelemetry())
    store.close()


def bot(services: Services, room: Room, clock: HandClock, *, hosts: int = 3) -> Services:
    fleet = Fleet(hosts={f"h{n}": HostSpec(name=f"h{n}") for n in range(hosts)}, services={})
    policy = ProbePolicy(interval_s=30.0, jitter=0.0, retry_s=5.0)
    settings = replace(services.settings, fleet=fleet, probes=policy)
    return replace(services, hosts=room, clock=clock, settings=settings)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def play(rounds: Rounds, clock: HandClock, seconds: float) -> None:
    """Let time pass in steps of a second, each round that was begun being done before time goes on."""
    for _ in range(int(seconds)):
        clock.go_on(1.0)
        rounds.tick()
        until(lambda: not rounds.under_way)


def test_a_host_that_hangs_delays_itself_alone_and_is_not_asked_twice_at_once(services: Services) -> None:
    clock, room = HandClock(START), Room(stuck=frozenset({"h1"}))
    rounds = Rounds(bot(services, room, clock))
    try:
        for _ in range(100):
            clock.go_on(1.0)
            rounds.tick()
            until(lambda: rounds.under_way <= {"h1"})
        assert room.looks["h1"] == 1
        assert room.looks["h0"] >= 3
        assert room.looks["h2"] >= 3
    finally:
        room.go.set()
        rounds.stop()


def test_what_is_bad_is_asked_again_soon_but_not_for_ever(services: Services) -> None:
    clock, room = HandClock(START), Room(outcome=ProbeOutcome.UNREACHABLE)
    rounds = Rounds(bot(services, room, clock, hosts=1))
    try:
        play(rounds, clock, 10 + 5 * 11)
        assert 11 <= room.looks["h0"] <= 13
        play(rounds, clock, 5 * MOST_RETRIES)
        before = room.looks["h0"]
        play(rounds, clock, 300)
        assert 9 <= room.looks["h0"] - before <= 11
    finally:
        rounds.stop()


def test_a_good_host_is_asked_once_an_interval(services: Services) -> None:
    clock, room = HandClock(START), Room()
    rounds = Rounds(bot(services, room, clock, hosts=1))
    try:
        play(rounds, clock, 310)
        assert 10 <= room.looks["h0"] <= 11
    finally:
        rounds.stop()
