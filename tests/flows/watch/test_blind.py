"""Where it is we who do not see: our own network, a round that never comes, a host that left."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.alerts import AlertStatus
from bot.domain.messages import Operation
from bot.domain.observations import ProbeOutcome, ServiceState
from bot.domain.targets import Fleet
from bot.flows.blind import Blind
from bot.hosts import way_out
from bot.hosts.way_out import WayOut
from bot.ports import Store
from tests.flows.watch.night import SetClock
from tests.flows.watch.storm import Storm

UNREACHABLE, TIMEOUT = ProbeOutcome.UNREACHABLE, ProbeOutcome.TIMEOUT
POST, EDIT, REPLY = Operation.POST, Operation.EDIT, Operation.REPLY


@dataclass
class Wire:
    """Fulfils ports.Network as it is set."""

    up: bool = True
    asked: int = 0

    def is_up(self) -> bool:
        self.asked += 1
        return self.up


@dataclass
class SteppedClock:
    """A clock whose wall clock somebody has set."""

    clock: SetClock
    step: timedelta = timedelta()

    def now(self) -> datetime:
        return self.clock.now() + self.step

    def monotonic(self) -> float:
        return self.clock.monotonic()


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def storm(store: Store, wire: Wire) -> Storm:
    made = Storm(store, 20)
    made.services.network = wire
    return made


def test_our_own_network_down_is_one_alert_about_us_and_none_about_the_hosts(
    storm: Storm, wire: Wire
) -> None:
    storm.rounds(3)
    wire.up = False
    storm.rounds(30, list(storm.hosts), outcome=TIMEOUT)
    (post,) = storm.said()
    assert post.operation is POST
    assert post.message.text.startswith("CRITICAL hangbot cut off by its own network since")
    assert "20 of 20 hosts cannot be asked" in str(post.message.sections)
    assert {one.rule for one in storm.store.alerts()} == {"bot_isolated"}
    wire.up = True
    storm.rounds(3)
    edit, reply = storm.said()
    assert (edit.operation, reply.operation) == (EDIT, REPLY)
    assert "sees its hosts again" in reply.message.text


def test_hosts_that_are_gone_while_our_network_is_well_are_told(storm: Storm, wire: Wire) -> None:
    storm.rounds(30, list(storm.hosts), outcome=UNREACHABLE)
    (post, *edits) = storm.said()
    assert "20 hosts out of sight" in (edits[-1] if edits else post).message.text
    assert wire.asked > 0


def test_what_fired_before_stays_as_it_is_while_we_see_nothing(storm: Storm, wire: Wire) -> None:
    storm.rounds(30, ["web1"], outcome=UNREACHABLE)
    storm.said()
    wire.up = False
    storm.rounds(10, list(storm.hosts), outcome=TIMEOUT)
    by_rule = {one.rule: one.status for one in storm.store.alerts(unresolved=True)}
    assert by_rule == {"host_unreachable": AlertStatus.FIRING, "bot_isolated": AlertStatus.FIRING}


@pytest.mark.parametrize(("count", "asked"), [(4, False), (9, False), (10, True), (20, True)])
def test_our_network_is_looked_at_where_half_of_the_fleet_and_five_hosts_are_gone(
    storm: Storm, wire: Wire, count: int, asked: bool
) -> None:
    storm.round(list(storm.hosts)[:count], outcome=UNREACHABLE)
    assert (wire.asked > 0) is asked


def test_a_host_that_nobody_looks_at_is_told_and_looked_at_again_it_is_over(storm: Storm) -> None:
    storm.rounds(2)
    blind = Blind(services=storm.services)
    blind.look()
    storm.clock.at += timedelta(seconds=65)
    blind.look()
    assert storm.said() == []
    storm.clock.at += timedelta(seconds=10)
    seen = [
        storm.observation(name, ProbeOutcome.OK, ServiceState.ANSWERING)
        for name in storm.hosts
        if name != "web7"
    ]
    storm.store.commit(observations=seen)
    blind.look()
    (post,) = storm.said()
    assert post.message.text.startswith("WARNING web7 unwatched since")
    assert "I have not looked at it for 1 min" in str(post.message.sections)
    storm.rounds(1)
    blind.look()
    assert [one.operation for one in storm.said()] == [EDIT, REPLY]


@pytest.mark.parametrize("step", [timedelta(days=1), timedelta(hours=-1)])
def test_a_wall_clock_that_is_set_makes_nobody_unwatched_and_hides_nobody_who_is(
    storm: Storm, step: timedelta
) -> None:
    storm.rounds(2)
    clock = storm.services.clock = SteppedClock(storm.clock)
    blind = Blind(services=storm.services)
    blind.look()
    clock.step = step
    blind.look()
    assert storm.said() == []
    storm.clock.at += timedelta(seconds=75)
    blind.look()
    assert len(storm.store.alerts(unresolved=True)) == len(storm.hosts), "nobody looked at any of them"


def test_after_a_long_night_off_nothing_is_called_stalled(storm: Storm) -> None:
    storm.rounds(2)
    storm.clock.at += timedelta(hours=8)
    Blind(services=storm.services).look()
    assert storm.said() == []


def test_what_left_the_fleet_is_over_after_a_while_and_what_comes_back_in_time_is_not(storm: Storm) -> None:
    storm.rounds(30, ["web1", "web2"], outcome=UNREACHABLE)
    storm.said()
    blind = Blind(services=storm.services)
    whole = storm.services.settings
    fewer = {name: spec for name, spec in storm.hosts.items() if name not in ("web1", "web2")}
    storm.services.settings = replace(whole, fleet=Fleet(hosts=fewer, services=whole.fleet.services))
    blind.look()
    storm.clock.at += timedelta(minutes=9)
    blind.look()
    assert storm.said() == []
    back = {**fewer, "web2": storm.hosts["web2"]}
    storm.services.settings = replace(whole, fleet=Fleet(hosts=back, services=whole.fleet.services))
    blind.look()
    storm.clock.at += timedelta(minutes=2)
    storm.store.commit(
        observations=[storm.observation(name, ProbeOutcome.OK, ServiceState.ANSWERING) for name in back]
    )
    blind.look()
    edit, reply = storm.said()
    assert "web1 is no longer watched" in edit.message.text
    assert reply.message.text.startswith("web1 is no longer watched.")
    assert [one.target.host for one in storm.store.alerts(unresolved=True)] == ["web2"]


# --- the way out


def test_whoever_answers_or_refuses_is_there(tmp_path: Path) -> None:
    asked: list[tuple[str, int]] = []

    def refuses_all_but(port: int) -> object:
        def connect(address: tuple[str, int]) -> bool:
            asked.append(address)
            return address[1] == port

        return connect

    assert WayOut("http://chat.invalid:81", ["https://ping.invalid/x"], connect=refuses_all_but(443)).is_up()  # type: ignore[arg-type]
    assert ("chat.invalid", 81) in asked
    assert ("ping.invalid", 443) in asked
    assert not WayOut("http://chat.invalid:81", connect=refuses_all_but(1)).is_up()  # type: ignore[arg-type]


def test_a_port_where_nobody_listens_is_an_answer() -> None:
    assert way_out.answers(("127.0.0.1", 9))
    assert not way_out.answers(("no-such-name.invalid", 9))


def test_gateways_and_name_servers_are_read_and_this_machine_is_none(tmp_path: Path) -> None:
    routes, resolver = tmp_path / "route", tmp_path / "resolv.conf"
    routes.write_text(
        "Iface\tDestination\tGateway\tFlags\neth0\t00000000\t0100000A\t0003\neth0\t0000000A\t00000000\t0001\n"
    )
    resolver.write_text(
        "# x\nnameserver 127.0.0.53\nnameserver 10.0.0.2\nnameserver ::1\nsearch example.org\n"
    )
    assert list(way_out.outside(routes, resolver)) == [("10.0.0.1", 53), ("10.0.0.2", 53)]
    assert list(way_out.outside(tmp_path / "none", tmp_path / "none")) == []
