"""What a round says about a rule."""

from datetime import UTC, datetime

import pytest

from bot.domain.alerts import Severity
from bot.domain.builtin_rules import BUILTIN
from bot.domain.evaluation import Evaluation, State, evaluate
from bot.domain.observations import Metrics, Observation, ProbeOutcome, ServiceReading, ServiceState
from bot.domain.rules import Rule

AT = datetime(2026, 11, 24, 4, tzinfo=UTC)
RULES = {rule.name: rule for rule in BUILTIN}
GIB = 2.0**30


def seen(
    state: ServiceState = ServiceState.ANSWERING,
    *,
    outcome: ProbeOutcome = ProbeOutcome.OK,
    metrics: Metrics | None = None,
    answer_ms: float | None = None,
) -> Observation:
    shop = ServiceReading(state=state, answer_ms=answer_ms, reason="http_timeout", pids=(1, 2), unit="active")
    services = {"shop": shop} if outcome is ProbeOutcome.OK else {}
    return Observation(
        host="web1", at=AT, outcome=outcome, reason="why", metrics=metrics or {}, services=services
    )


def judged(rule: str, observation: Observation) -> Evaluation:
    return evaluate(observation, RULES[rule], service="shop" if RULES[rule].about_service else None)


@pytest.mark.parametrize(
    ("state", "silent", "down"),
    [
        (ServiceState.ANSWERING, State.GOOD, State.GOOD),
        (ServiceState.SILENT, State.BAD, State.GOOD),
        (ServiceState.DEGRADED, State.GOOD, State.GOOD),
        (ServiceState.DOWN, State.UNKNOWN, State.BAD),
        (ServiceState.STARTING, State.UNKNOWN, State.UNKNOWN),
        (ServiceState.UNKNOWN, State.UNKNOWN, State.UNKNOWN),
    ],
)
def test_a_dead_service_is_not_a_silent_one_and_a_starting_one_is_neither(
    state: ServiceState, silent: State, down: State
) -> None:
    assert judged("service_silent", seen(state)).state is silent
    assert judged("service_down", seen(state)).state is down


@pytest.mark.parametrize("outcome", [outcome for outcome in ProbeOutcome if outcome is not ProbeOutcome.OK])
def test_only_a_host_that_answered_says_anything_of_its_services_or_metrics(outcome: ProbeOutcome) -> None:
    observation = seen(outcome=outcome, metrics={"load1": 99.0, "cores": 1.0})
    for name in RULES:
        expected = State.BAD if name == "host_unreachable" else State.UNKNOWN
        assert judged(name, observation).state is expected, name
    assert judged("host_unreachable", observation).reasons[0].code == outcome.value


def test_a_changed_host_key_is_critical_at_once_and_nothing_else_is() -> None:
    for outcome in ProbeOutcome:
        found = judged("host_unreachable", seen(outcome=outcome))
        assert found.at_once is (outcome is ProbeOutcome.HOST_KEY_CHANGED)
    assert (
        judged("host_unreachable", seen(outcome=ProbeOutcome.HOST_KEY_CHANGED)).severity is Severity.CRITICAL
    )


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        ({"psi_cpu_some_avg10": 61.0, "load1": 0.0, "cores": 4.0}, State.BAD),
        ({"psi_cpu_some_avg10": 1.0, "load1": 99.0, "cores": 4.0}, State.GOOD),
        ({"load1": 17.0, "cores": 4.0}, State.BAD),
        ({"load1": 15.0, "cores": 4.0}, State.GOOD),
        ({"load1": 15.0}, State.UNKNOWN),
    ],
)
def test_load_is_asked_only_where_there_is_no_pressure_reading(metrics: Metrics, expected: State) -> None:
    assert judged("load_high", seen(metrics=metrics)).state is expected


@pytest.mark.parametrize(
    ("available", "pressure", "expected"),
    [(4.0, 6.0, State.BAD), (4.0, 1.0, State.GOOD), (6.0, 90.0, State.GOOD), (4.0, None, State.UNKNOWN)],
)
def test_little_memory_alone_is_no_fault(available: float, pressure: float | None, expected: State) -> None:
    metrics = {"mem_total_bytes": 100.0, "mem_available_bytes": available}
    metrics |= {} if pressure is None else {"psi_memory_full_avg10": pressure}
    assert judged("memory_low", seen(metrics=metrics)).state is expected


@pytest.mark.parametrize(
    ("used", "free", "expected"),
    [
        ({"/": 0.98}, {"/": 2 * GIB}, State.BAD),
        ({"/": 0.98}, {"/": 20 * GIB}, State.GOOD),
        ({"/": 0.96}, {"/": 2 * GIB}, State.GOOD),
        ({"/": 0.98, "/var": 0.5}, {"/": 20 * GIB, "/var": 2 * GIB}, State.GOOD),  # each mount by itself
        ({"/": 0.98}, None, State.BAD),
        (None, None, State.UNKNOWN),
    ],
)
def test_a_disk_is_full_when_both_share_and_space_are_short(
    used: dict[str, float] | None, free: dict[str, float] | None, expected: State
) -> None:
    metrics: dict[str, dict[str, float]] = {}
    metrics |= {} if used is None else {"disk_used_ratio": used}
    metrics |= {} if free is None else {"disk_free_bytes": free}
    assert judged("disk_full", seen(metrics=metrics)).state is expected


def test_a_map_means_its_worst_value() -> None:
    metrics = {"disk_used_ratio": {"/": 0.2, "/var": 0.95}, "disk_free_bytes": {"/": 9.0, "/var": 1.0}}
    for when, expected in [("disk_used_ratio > 90%", State.BAD), ("disk_free_bytes < 2", State.BAD)]:
        rule = Rule(name="mine", severity=Severity.INFO, when=when)
        assert evaluate(seen(metrics=metrics), rule, service=None).state is expected


def test_a_rule_over_a_service_reads_its_numbers_and_gives_them_as_the_reason() -> None:
    rule = Rule(
        name="slow", severity=Severity.WARNING, when="service.answer_ms > 2s * 1000", about_service=True
    )
    bad = evaluate(seen(answer_ms=2500.0), rule, service="shop")
    assert bad.state is State.BAD
    assert bad.reasons[0].facts["service.answer_ms"] == 2500.0
    assert evaluate(seen(answer_ms=None), rule, service="shop").state is State.UNKNOWN
    assert evaluate(seen(answer_ms=2500.0), rule, service="other").state is State.UNKNOWN


@pytest.mark.parametrize(
    ("load", "calm", "standing"),
    [(9.0, State.BAD, State.BAD), (6.0, State.GOOD, State.BAD), (3.0, State.GOOD, State.GOOD)],
)
def test_until_is_what_ends_it_and_when_is_what_begins_it(load: float, calm: State, standing: State) -> None:
    rule = Rule(name="hot", severity=Severity.WARNING, when="load1 > 8", until="load1 < 4")
    observation = seen(metrics={"load1": load})
    assert evaluate(observation, rule, service=None).state is calm
    found = evaluate(observation, rule, service=None, standing=True)
    assert found.state is standing
    assert found.reasons[0].facts == {"when": "load1 > 8", "load1": load}


def test_what_until_asks_and_was_not_read_is_unknown() -> None:
    rule = Rule(name="hot", severity=Severity.WARNING, when="load1 > 8", until="cpu_busy_ratio < 50%")
    observation = seen(metrics={"load1": 9.0})
    assert evaluate(observation, rule, service=None).state is State.BAD
    assert evaluate(observation, rule, service=None, standing=True).state is State.UNKNOWN
