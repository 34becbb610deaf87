"""systemd's watchdog and the dead man's switch: fed by committed rounds, and by nothing else."""

import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.app.vital import WATCHDOG_MARGIN_S, DeadmanSwitch, Progress, Watchdog
from bot.domain.errors import ChatDoubtful
from bot.domain.settings import Deadman, ProbePolicy, Settings
from bot.domain.targets import Fleet, HostSpec
from bot.pages.deadman import ask_for
from bot.ports import Store
from tests.clocks import HandClock, RealClock
from tests.flows.watch.night import night
from tests.pages.receivers import http_receiver
from tests.stores import fresh_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = fresh_store(tmp_path)
    yield made
    made.close()


@dataclass
class Rounds:
    committed: int = 0
    lag: float = 0.0


class Watched:
    """A bot whose rounds and beats are set by hand."""

    def __init__(self, store: Store, *, hosts: int = 1, enabled: bool = True) -> None:
        self.rounds, self.clock = Rounds(), HandClock(RealClock().now())
        services = night(store).services
        services.clock = self.clock
        services.settings = Settings(
            fleet=Fleet(hosts={f"h{n}": HostSpec(name=f"h{n}") for n in range(hosts)}, services={}),
            probes=ProbePolicy(enabled=enabled, interval_s=30.0),
        )
        self.progress = Progress(services, lambda: self.rounds.committed, lambda: self.rounds.lag)


def test_rounds_that_are_committed_are_progress(store: Store) -> None:
    bot = Watched(store)
    for _ in range(10):
        bot.clock.go_on(30)
        bot.rounds.committed += 1
        assert bot.progress.is_well()


def test_without_a_round_for_an_interval_and_a_margin_there_is_none(store: Store) -> None:
    bot = Watched(store)
    bot.rounds.committed = 1
    assert bot.progress.is_well()
    bot.clock.go_on(30 + WATCHDOG_MARGIN_S - 1)
    assert bot.progress.is_well()
    bot.clock.go_on(1)
    assert not bot.progress.is_well()
    bot.rounds.committed = 2
    assert bot.progress.is_well()


def test_beats_that_hang_are_none_either(store: Store) -> None:
    bot = Watched(store)
    bot.rounds.lag = WATCHDOG_MARGIN_S + 1
    assert not bot.progress.is_well()


@pytest.mark.parametrize(("hosts", "enabled"), [(0, True), (3, False)])
def test_a_bot_that_watches_nothing_needs_no_rounds(store: Store, hosts: int, enabled: bool) -> None:
    bot = Watched(store, hosts=hosts, enabled=enabled)
    bot.clock.go_on(10_000)
    assert bot.progress.is_well()


# --- systemd


def test_systemd_is_told_at_its_socket(tmp_path: Path) -> None:
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(path))
        environ = {"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "90000000", "WATCHDOG_PID": str(os.getpid())}
        watchdog = Watchdog(environ)
        assert watchdog.every_s == 30.0
        watchdog.tell("READY=1")
        assert listener.recv(100) == b"READY=1"


@pytest.mark.parametrize(
    "environ",
    [{}, {"WATCHDOG_USEC": "nonsense"}, {"WATCHDOG_USEC": "90000000", "WATCHDOG_PID": "1"}],
)
def test_where_systemd_does_not_ask_it_is_not_fed(environ: dict[str, str]) -> None:
    watchdog = Watchdog(environ)
    assert watchdog.every_s is None
    watchdog.tell("READY=1")


def test_a_socket_that_is_gone_ends_nothing(tmp_path: Path) -> None:
    Watchdog({"NOTIFY_SOCKET": str(tmp_path / "gone")}).tell("READY=1")


# --- the dead man's switch


def test_it_is_asked_for_only_after_rounds_that_were_committed(store: Store) -> None:
    bot, asked = Watched(store), []
    switch = DeadmanSwitch(Deadman(url="http://x.invalid"), bot.progress, asked.append)
    switch.beat()
    assert asked == []
    bot.rounds.committed = 3
    switch.beat()
    switch.beat()
    assert asked == ["http://x.invalid"]
    bot.rounds.committed = 4
    switch.beat()
    assert len(asked) == 2


def test_where_it_is_not_heard_it_is_asked_for_again(store: Store) -> None:
    bot, failing = Watched(store), True
    asked: list[str] = []

    def ask(url: str) -> None:
        if failing:
            raise ChatDoubtful("deadman_unheard")
        asked.append(url)

    switch = DeadmanSwitch(Deadman(url="http://x.invalid"), bot.progress, ask)
    bot.rounds.committed = 1
    with pytest.raises(ChatDoubtful):
        switch.beat()
    failing = False
    switch.beat()
    assert len(asked) == 1


def test_over_a_real_socket() -> None:
    with http_receiver() as receiver:
        ask_for(receiver.url)
        assert receiver.asked == 1
    with pytest.raises(ChatDoubtful):
        ask_for("http://127.0.0.1:9/x")
