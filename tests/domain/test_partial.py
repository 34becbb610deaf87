"""When a part of a service is stuck: which asks, and which workers, say so."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.advance import advance
from bot.domain.alerts import Change
from bot.domain.builtin_rules import BUILTIN
from bot.domain.evaluation import State, evaluate
from bot.domain.looking_back import with_history
from bot.domain.observations import Observation, ProbeOutcome, ServiceReading, ServiceState
from bot.domain.partial import Strain, Way, Worker, asked_with, flickers, strained, stuck
from bot.domain.targets import Target

AT = datetime(2026, 11, 24, 4, tzinfo=UTC)
RULE = next(rule for rule in BUILTIN if rule.name == "service_degraded")
ROUND_S = 30.0


def asks(told: str) -> tuple[bool, ...]:
    return tuple(sign == "." for sign in told)


@pytest.mark.parametrize(
    ("told", "degraded"),
    [
        ("", False),
        ("..........", False),
        ("x...x.....", False),
        ("x...x...x.", True),
        ("x...x...x", True),
        (".x.x.x.x.x", True),
        ("..xx.x....", True),
        ("xxx.......", False),
        (".......xxx", False),
        ("xxxxx.....", False),
        ("x.x....xxx", False),
        ("xxxxxxxxxx", False),
    ],
)
def test_it_answers_in_part_when_failures_come_between_answers(told: str, degraded: bool) -> None:
    assert flickers(asks(told)) is degraded


def test_the_last_ten_asks_are_kept() -> None:
    kept: tuple[bool, ...] = ()
    for sign in asks("xxxxx.........."):
        kept = asked_with(kept, sign)
    assert kept == asks("..........")


# --- workers: (cpu share, wants the cpu, unread inodes) a round


def family(
    shares: Sequence[float], at: float, unread: Sequence[set[int]] = (), **more: float
) -> list[Worker]:
    """Return workers 1… of one parent that have used these shares of a core since the start of the story."""
    return [
        Worker(
            pid=number,
            parent=int(more.get("parent", 100)),
            name="shop",
            started_s=5.0,
            ticks=round(share * at * 100),
            wanted_ns=round(more["wanted"] * at * 1e9) if "wanted" in more and number == 1 else None,
            unread=frozenset(unread[number - 1]) if unread else frozenset(),
        )
        for number, share in enumerate(shares, 1)
    ]


def after(
    rounds: int, shares: Sequence[float], unread: Sequence[set[int]] = (), **more: float
) -> tuple[Strain, ...]:
    found: tuple[Strain, ...] = ()
    for nth in range(rounds):
        found = strained(
            family(shares, nth * ROUND_S, unread, **more),
            family(shares, (nth + 1) * ROUND_S, unread, **more),
            seconds=ROUND_S,
            earlier=found,
            since=AT + timedelta(seconds=nth * ROUND_S),
        )
    return found


def test_one_that_has_a_core_to_itself_for_two_minutes_is_stuck() -> None:
    assert stuck(after(3, [1.0, 0.0, 0.1, 0.0]), at=AT + timedelta(seconds=90)) == ()
    (one,) = stuck(after(4, [1.0, 0.0, 0.1, 0.0]), at=AT + timedelta(seconds=120))
    assert (one.pid, one.way, one.others, one.since) == (1, Way.PEGGED, 3, AT)


NOTHING: set[int] = set()


@pytest.mark.parametrize(
    ("shares", "unread", "why"),
    [
        ([1.0], (), "alone it is no part"),
        ([1.0, 1.0, 1.0, 1.0], (), "all have much to do"),
        ([0.95, 0.8, 0.7, 0.85], (), "all have much to do, one a little more"),
        ([0.6, 0.0, 0.0, 0.0], (), "it pauses"),
        ([0.0, 0.0, 0.0, 0.0], (), "all wait for work"),
        ([0.3, 0.0, 0.0, 0.0], [{7}, NOTHING, NOTHING, NOTHING], "it works, and will read on"),
        ([0.0, 0.0], [{7}, {8}], "nobody reads: no part either"),
    ],
)
def test_who_is_not_stuck(shares: list[float], unread: Sequence[set[int]], why: str) -> None:
    assert stuck(after(20, shares, unread), at=AT + timedelta(minutes=10)) == (), why


def test_one_that_does_not_run_and_reads_nothing_is_stuck() -> None:
    (one,) = stuck(after(4, [0.0, 0.0], [{7}, NOTHING]), at=AT + timedelta(minutes=2))
    assert (one.pid, one.way, one.unread) == (1, Way.DEAF, frozenset({7}))


def test_another_connection_each_round_is_traffic() -> None:
    found: tuple[Strain, ...] = ()
    for nth in range(8):
        before, now = (family([0.0, 0.0], at * ROUND_S, [{at}, NOTHING]) for at in (nth, nth + 1))
        since = AT + timedelta(seconds=nth * ROUND_S)
        found = strained(before, now, seconds=ROUND_S, earlier=found, since=since)
    assert found == ()


def test_where_the_host_is_too_busy_to_let_it_run_what_it_wanted_counts() -> None:
    assert stuck(after(4, [0.4, 0.0], wanted=0.99), at=AT + timedelta(minutes=2))
    assert not stuck(after(4, [0.4, 0.0], wanted=0.6), at=AT + timedelta(minutes=2))


def test_another_process_under_the_same_number_begins_anew() -> None:
    found = after(4, [1.0, 0.0])
    new = [Worker(pid=1, parent=100, name="shop", started_s=200.0, ticks=0), *family([0.0, 0.0], 150)[1:]]
    assert strained(family([1.0, 0.0], 120), new, seconds=30, earlier=found, since=AT) == ()


def test_a_pause_ends_it() -> None:
    found = after(4, [1.0, 0.0])
    still = strained(family([1.0, 0.0], 120), family([1.0, 0.0], 120), seconds=30, earlier=found, since=AT)
    assert still == ()


# --- what is made of it


STUCK = Strain(pid=7, started_s=1.0, way=Way.PEGGED, since=AT - timedelta(minutes=3), others=3)
FRESH = Strain(pid=8, started_s=1.0, way=Way.PEGGED, since=AT - timedelta(seconds=30), others=3)


def reading(told: str, *strains: Strain) -> ServiceReading:
    asked, state = asks(told), ServiceState.ANSWERING if told.endswith(".") else ServiceState.SILENT
    before = ServiceReading(state=ServiceState.ANSWERING, pids=(7, 8), asked=asked[:-1])
    now = ServiceReading(state=state, pids=(7, 8), answer_ms=3.0)
    return with_history(now, before, strains=strains, asked=True, at=AT)


@pytest.mark.parametrize(
    ("told", "strains", "state", "judged", "code"),
    [
        ("..........", (), ServiceState.ANSWERING, State.GOOD, ""),
        ("x...x...x.", (), ServiceState.DEGRADED, State.BAD, "answers_partly"),
        ("x...x...x.", (FRESH,), ServiceState.DEGRADED, State.BAD, "worker_stuck"),
        (".x...x...x", (), ServiceState.SILENT, State.BAD, "answers_partly"),
        ("..........", (STUCK,), ServiceState.DEGRADED, State.BAD, "worker_stuck"),
        ("..........", (FRESH,), ServiceState.ANSWERING, State.GOOD, ""),
        ("x.x....xxx", (STUCK,), ServiceState.SILENT, State.UNKNOWN, ""),
        (".........x", (), ServiceState.SILENT, State.UNKNOWN, ""),
    ],
)
def test_a_service_is_degraded(
    told: str, strains: tuple[Strain, ...], state: ServiceState, judged: State, code: str
) -> None:
    found = reading(told, *strains)
    seen = Observation(host="web1", at=AT, outcome=ProbeOutcome.OK, services={"shop": found})
    evaluation = evaluate(seen, RULE, service="shop")
    assert (found.state, evaluation.state) == (state, judged)
    assert (evaluation.reasons[0].code if evaluation.reasons else "") == code


def test_it_fires_at_once_and_names_the_process() -> None:
    seen = Observation(
        host="web1", at=AT, outcome=ProbeOutcome.OK, services={"shop": reading("." * 10, STUCK)}
    )
    told = advance(
        None,
        evaluate(seen, RULE, service="shop"),
        RULE,
        target=Target(host="web1", service="shop"),
        now=AT,
        id="alr_1",
    )
    assert told.change is Change.FIRED
    assert told.after is not None
    assert told.after.suspect == 7


def test_a_restart_of_the_service_forgets_how_it_answered() -> None:
    before = ServiceReading(state=ServiceState.ANSWERING, pids=(7, 8), asked=asks("x...x...x"))
    now = ServiceReading(state=ServiceState.ANSWERING, pids=(17, 18))
    assert with_history(now, before, strains=(), asked=True, at=AT).asked == (True,)


def test_what_has_answered_and_fails_while_it_is_young_counts() -> None:
    before = ServiceReading(state=ServiceState.ANSWERING, pids=(7, 8), asked=asks(".."))
    now = ServiceReading(state=ServiceState.STARTING, pids=(7, 8))
    assert with_history(now, before, strains=(), asked=True, at=AT).asked == asks("..x")
    fresh = ServiceReading(state=ServiceState.STARTING, pids=(7, 8))
    assert with_history(now, fresh, strains=(), asked=True, at=AT).asked == ()
