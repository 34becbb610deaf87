"""Rounds: a sick host delays itself alone, and no host is asked more often than was agreed."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bot.domain.observations import ProbeOutcome
from bot.domain.rounds import MOST_RETRIES
from bot.domain.settings import ProbePolicy
from bot.domain.targets import Fleet, HostSpec, ServiceSpec
from bot.ports import Ask, Completed, Limit, Sample, Script, Services, Store
from bot.work.rounds import Rounds
from tests.clocks import HandClock, QuietTelemetry
from tests.fleets import InThreads
from tests.flows.watch.night import START, night
from tests.stores import fresh_store

PROCESS = "40 (shop) S 1 1 1 0 -1 0 0 0 0 0 70 30 0 0 20 0 1 0 500 0 0"
WELL = Sample(
    host="h0",
    at=START,
    outcome=ProbeOutcome.OK,
    sections={"processes": PROCESS, "commands": "/proc/40/cmdline:shop --serve"},
)
SHOP = ServiceSpec(name="shop", process="shop --serve")


SOON_S = 0.2


@dataclass
class Room(InThreads):
    """Hosts that count how often they are looked at; those named in `stuck` wait for `go`."""

    outcome: ProbeOutcome = ProbeOutcome.OK
    stuck: frozenset[str] = frozenset()
    go: threading.Event = field(default_factory=threading.Event)
    looks: dict[str, int] = field(default_factory=dict)
    asks: list[Ask] = field(default_factory=list)
    doubtful: bool = False
    """Whether small samples leave a doubt."""

    def begin(self, name: str, ask: Ask, done: Callable[[Sample], None]) -> None:
        self.asks.append(ask)
        if ask.whole:
            super().begin(name, ask, done)
            return
        self.looks[name] = self.looks.get(name, 0) + 1
        alive = "" if self.doubtful else PROCESS
        done(replace(WELL, host=name, whole=False, sections={"processes": alive}))

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
        return replace(WELL, host=name, outcome=self.room.outcome)

    def run(self, script: Script, args: Sequence[str] = (), *, stdin: bytes = b"", limit: Limit) -> Completed:
        raise NotImplementedError


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    store = fresh_store(tmp_path)
    yield replace(night(store).services, telemetry=QuietTelemetry())
    store.close()


def bot(services: Services, room: Room, clock: HandClock, *, hosts: int = 3) -> Services:
    names = [f"h{n}" for n in range(hosts)]
    fleet = Fleet(
        hosts={name: HostSpec(name=name, services=("shop",)) for name in names}, services={"shop": SHOP}
    )
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
    rounds = Rounds(bot(services, room, clock), gathers_s=SOON_S)
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
    rounds = Rounds(bot(services, room, clock, hosts=1), gathers_s=SOON_S)
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
    rounds = Rounds(bot(services, room, clock, hosts=1), gathers_s=SOON_S)
    try:
        play(rounds, clock, 310)
        assert 10 <= room.looks["h0"] <= 11
    finally:
        rounds.stop()


def test_where_all_is_well_three_of_four_rounds_are_small(services: Services) -> None:
    clock, room = HandClock(START), Room()
    rounds = Rounds(bot(services, room, clock, hosts=1), gathers_s=SOON_S)
    try:
        play(rounds, clock, 10 + 8 * 30)
    finally:
        rounds.stop()
    assert [one.whole for one in room.asks[:8]] == [True, False, False, False] * 2
    assert room.asks[1].pids == (40,)


def test_a_small_sample_that_leaves_a_doubt_brings_a_whole_one_in_the_same_round(services: Services) -> None:
    clock, room = HandClock(START), Room(doubtful=True)
    rounds = Rounds(bot(services, room, clock, hosts=1), gathers_s=SOON_S)
    try:
        play(rounds, clock, 10 + 2 * 30)
    finally:
        rounds.stop()
    assert [one.whole for one in room.asks[:3]] == [True, False, True]
    assert room.looks["h0"] >= 2


def test_what_comes_together_is_committed_together(services: Services) -> None:
    clock, room = HandClock(START), Room()
    store = Counted(services.store)
    rounds = Rounds(replace(bot(services, room, clock, hosts=40), store=store), gathers_s=SOON_S)  # type: ignore[arg-type]
    try:
        clock.go_on(12.0)
        rounds.tick()
        until(lambda: not rounds.under_way)
    finally:
        rounds.stop()
    assert set(services.store.observations()) == {f"h{n}" for n in range(40)}
    assert store.commits < 20


def test_a_host_whose_round_cannot_be_judged_takes_no_other_along(services: Services) -> None:
    clock, room = HandClock(START), Room()
    store = Counted(services.store, bad="h1")
    rounds = Rounds(replace(bot(services, room, clock, hosts=3), store=store), gathers_s=SOON_S)  # type: ignore[arg-type]
    try:
        clock.go_on(12.0)
        rounds.tick()
        until(lambda: not rounds.under_way)
    finally:
        rounds.stop()
    assert set(services.store.observations()) == {"h0", "h2"}


class Counted:
    """A store that counts the transactions that write; what is of the host `bad` it refuses."""

    def __init__(self, store: Store, bad: str = "") -> None:
        self._store, self._bad, self.commits = store, bad, 0

    def commit(self, **what: Any) -> None:
        if any(one.host == self._bad for one in what.get("observations", ())):
            raise ValueError
        self.commits += 1
        self._store.commit(**what)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def test_the_rounds_follow_a_fleet_that_changes(services: Services) -> None:
    clock, room = HandClock(START), Room(stuck=frozenset({"h1"}))
    built = bot(services, room, clock)
    rounds = Rounds(built, gathers_s=SOON_S)
    try:
        for _ in range(40):
            clock.go_on(1.0)
            rounds.tick()
            until(lambda: rounds.under_way <= {"h1"})
        assert rounds.under_way == {"h1"}
        kept, new = built.settings.fleet.hosts["h0"], HostSpec(name="new", services=("shop",))
        fleet = replace(built.settings.fleet, hosts={"h0": kept, "new": new})
        built.settings = replace(built.settings, fleet=fleet)
        before = dict(room.looks)
        play(rounds, clock, 70)
        room.go.set()
        until(lambda: not rounds.under_way)
        play(rounds, clock, 5)
    finally:
        room.go.set()
        rounds.stop()
    assert room.looks["h2"] == before["h2"]
    assert room.looks["new"] >= 2
    assert room.looks["h0"] - before["h0"] in (2, 3)
    assert built.telemetry.failures == []  # type: ignore[attr-defined]
