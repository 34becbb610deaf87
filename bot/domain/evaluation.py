"""What one round says about one rule on one target: good, bad, or nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from bot.domain.alerts import Severity
from bot.domain.checks import Grade
from bot.domain.checks import worst as worst_check
from bot.domain.clues import Clue, Fact, clue
from bot.domain.expressions import UNUSUAL, Expression, compile_expression
from bot.domain.observations import Metrics, Observation, ProbeOutcome, ServiceReading, ServiceState
from bot.domain.partial import flickers, stuck
from bot.domain.rule import Rule
from bot.domain.usual import Bounds

FULL_RATIO = 0.97
FULL_FREE_BYTES = 10 * 2**30


class State(StrEnum):
    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """A rule's judgement of one round, taken `at`.

    `severity` None: the rule's own. `at_once`: so grave that neither attempts nor time are waited for.
    `answer_ms` is how long the service took to answer, where it did.
    """

    state: State
    at: datetime
    reasons: tuple[Clue, ...] = ()
    severity: Severity | None = None
    at_once: bool = False
    answer_ms: float | None = None


Usual = Callable[[str, str | None], Bounds | None]
"""What is usual of a metric of a host, or of one of its services."""


def evaluate(
    observation: Observation,
    rule: Rule,
    *,
    service: str | None,
    standing: bool = False,
    usual: Usual | None = None,
) -> Evaluation:
    """Judge a round by a rule; `service` is the one that a rule about services is asked of. `standing`: its alert fires.
    `usual`: what is usual for this host.

    Only an outcome `ok` carries values: else nothing but `host_unreachable` says anything. What was not read is UNKNOWN.
    """
    if not rule.when and rule.name == "host_unreachable":
        return _reach(observation)
    if observation.outcome is not ProbeOutcome.OK:
        return Evaluation(state=State.UNKNOWN, at=observation.at, reasons=(clue("host_not_seen"),))
    reading = observation.services.get(service) if service is not None else None
    if rule.when:

        def value(name: str) -> float | None:
            if name.startswith(UNUSUAL):
                return _unusual(name.removeprefix(UNUSUAL), observation, reading, service, usual)
            return value_of(name, observation.metrics, reading)

        found = by_values(rule, value, at=observation.at, standing=standing)
        return found or _unknown(observation)
    judge = JUDGES.get(rule.name)
    return judge(observation, reading, rule) if judge else _unknown(observation)


def _unusual(
    name: str,
    observation: Observation,
    reading: ServiceReading | None,
    service: str | None,
    usual: Usual | None,
) -> float | None:
    """Return 1 where a reading is beyond what is usual, 0 where it is not; None where either is not known."""
    value = value_of(name, observation.metrics, reading)
    known = usual(name, service) if usual is not None and value is not None else None
    return None if known is None or value is None else float(known.is_unusual(value, name))


def _unknown(observation: Observation) -> Evaluation:
    return Evaluation(state=State.UNKNOWN, at=observation.at)


# --- host_unreachable


def _reach(observation: Observation) -> Evaluation:
    if observation.outcome is ProbeOutcome.OK:
        return Evaluation(state=State.GOOD, at=observation.at)
    changed = observation.outcome is ProbeOutcome.HOST_KEY_CHANGED
    return Evaluation(
        state=State.BAD,
        at=observation.at,
        reasons=(clue(observation.outcome.value, reason=observation.reason),),
        severity=Severity.CRITICAL if changed else None,
        at_once=changed,
    )


# --- services: what is silent is not down, and the other way round; a dead process does not make a silent one well


SILENT: Mapping[ServiceState, State] = {
    ServiceState.SILENT: State.BAD,
    ServiceState.ANSWERING: State.GOOD,
    ServiceState.DEGRADED: State.GOOD,
}
DOWN: Mapping[ServiceState, State] = {
    ServiceState.DOWN: State.BAD,
    ServiceState.ANSWERING: State.GOOD,
    ServiceState.DEGRADED: State.GOOD,
    ServiceState.SILENT: State.GOOD,
}


def _service(states: Mapping[ServiceState, State], code: str) -> "Judge":
    def judge(observation: Observation, reading: ServiceReading | None, _: Rule) -> Evaluation:
        if reading is None:
            return _unknown(observation)
        facts: dict[str, Fact] = {
            "why": reading.reason,
            "unit": reading.unit,
            "processes": len(reading.pids),
            "backlog": reading.backlog,
        }
        return Evaluation(
            state=states.get(reading.state, State.UNKNOWN),
            at=observation.at,
            reasons=(Clue(code=code, facts=facts),),
            answer_ms=reading.answer_ms if reading.state is ServiceState.ANSWERING else None,
        )

    return judge


# --- service_degraded: a part of it. `for` of this rule is how long a worker must be stuck; failing asks are counted instead

ANSWERS = (ServiceState.ANSWERING, ServiceState.DEGRADED)


def _degraded(observation: Observation, reading: ServiceReading | None, rule: Rule) -> Evaluation:
    """Judge what answers in part; what is silent altogether is none of this rule's."""
    if reading is None or reading.state not in (*ANSWERS, ServiceState.SILENT):
        return _unknown(observation)
    partly = flickers(reading.asked)
    others_answer = reading.state in ANSWERS or partly
    long = stuck(reading.strains, at=observation.at, after=timedelta(seconds=rule.for_s))
    if not (partly or (long and others_answer)):
        return Evaluation(state=State.GOOD, at=observation.at) if others_answer else _unknown(observation)
    suspect = next(iter(stuck(reading.strains, at=observation.at, after=timedelta())), None)
    facts: dict[str, Fact] = {
        "failed": reading.asked.count(False),
        "asked": len(reading.asked),
        "unit": reading.unit,
        "processes": len(reading.pids),
    }
    if suspect is not None:
        facts |= {
            "pid": suspect.pid,
            "way": suspect.way.value,
            "seconds": round((observation.at - suspect.since).total_seconds()),
            "others": suspect.others,
            "unread": len(suspect.unread),
        }
    code = "worker_stuck" if suspect is not None else "answers_partly"
    return Evaluation(
        state=State.BAD, at=observation.at, reasons=(Clue(code=code, facts=facts),), at_once=True
    )


# --- disk_full, for each mount point by itself


def _disk(observation: Observation, _: ServiceReading | None, __: Rule) -> Evaluation:
    used = observation.metrics.get("disk_used_ratio")
    if not isinstance(used, Mapping):
        return _unknown(observation)
    free = observation.metrics.get("disk_free_bytes")
    room: Mapping[str, float] = free if isinstance(free, Mapping) else {}
    full = {
        mount: ratio
        for mount, ratio in used.items()
        if ratio > FULL_RATIO and room.get(mount, 0.0) < FULL_FREE_BYTES
    }
    if not full:
        return Evaluation(state=State.GOOD, at=observation.at)
    worst = max(full, key=lambda mount: full[mount])
    facts = clue("disk_full", mount=worst, used_ratio=full[worst], free_bytes=room.get(worst))
    return Evaluation(state=State.BAD, at=observation.at, reasons=(facts,))


# --- front_silent: what users meet, while the service itself answers


def _front(observation: Observation, reading: ServiceReading | None, _: Rule) -> Evaluation:
    front = reading.front if reading is not None else None
    if reading is None or front is None or front.grade is Grade.UNKNOWN:
        return _unknown(observation)
    if front.grade in (Grade.OK, Grade.WARNING):
        return Evaluation(state=State.GOOD, at=observation.at)
    if reading.state not in ANSWERS:
        return _unknown(observation)
    said = clue("front_silent", text=front.text, answer_ms=reading.answer_ms, unit=reading.unit)
    return Evaluation(state=State.BAD, at=observation.at, reasons=(said,))


# --- port_silent: ports that belong to no service


def _ports(observation: Observation, _: ServiceReading | None, __: Rule) -> Evaluation:
    deaf = observation.metrics.get("accept_stuck_seconds")
    if not isinstance(deaf, Mapping):
        return _unknown(observation)
    port, seconds = max(deaf.items(), key=lambda one: one[1], default=("", 0.0))
    if seconds <= 0:
        return Evaluation(state=State.GOOD, at=observation.at)
    said = clue(
        "port_silent", port=port, seconds=round(seconds), ports=sum(1 for one in deaf.values() if one > 0)
    )
    return Evaluation(state=State.BAD, at=observation.at, reasons=(said,))


# --- check_failed: the checks of the config, the worst of them first


def _checks(observation: Observation, _: ServiceReading | None, __: Rule) -> Evaluation:
    told = {name: one for name, one in observation.checks.items() if one.grade is not Grade.UNKNOWN}
    found = worst_check(told)
    if found is None:
        return _unknown(observation)
    name, reading = found
    if reading.grade is Grade.OK:
        return Evaluation(state=State.GOOD, at=observation.at)
    bad = sum(1 for one in told.values() if one.grade is not Grade.OK)
    said = clue("check_failed", check=name, grade=reading.grade.value, text=reading.text, bad=bad)
    severity = Severity.CRITICAL if reading.grade is Grade.CRITICAL else None
    return Evaluation(state=State.BAD, at=observation.at, reasons=(said,), severity=severity)


Judge = Callable[[Observation, ServiceReading | None, Rule], Evaluation]
JUDGES: Mapping[str, Judge] = {
    "service_silent": _service(SILENT, "silent"),
    "service_degraded": _degraded,
    "service_down": _service(DOWN, "down"),
    "front_silent": _front,
    "port_silent": _ports,
    "check_failed": _checks,
    "disk_full": _disk,
}


# --- expressions


def by_values(
    rule: Rule, value: Callable[[str], float | None], *, at: datetime, standing: bool = False
) -> Evaluation | None:
    """Judge a rule that has a condition by the values of its metrics; None where too few of them are known."""
    bad, shown = _holds(rule, value)
    if standing and rule.until:
        ended = compiled(rule.until).truth(value)
        bad = None if ended is None else not ended
    if bad is None:
        return None
    facts = {name: value(name) for name in shown.names}
    reasons = (Clue(code="when", facts={"when": shown.text, **facts}),)
    return Evaluation(state=State.BAD if bad else State.GOOD, at=at, reasons=reasons)


def _holds(rule: Rule, value: Callable[[str], float | None]) -> tuple[bool | None, Expression]:
    """Return whether the condition holds, or the other one where it cannot be told, and which of them told."""
    first = compiled(rule.when)
    truth = first.truth(value)
    if truth is not None or not rule.otherwise:
        return truth, first
    other = compiled(rule.otherwise)
    truth = other.truth(value)
    return truth, first if truth is None else other


@lru_cache(maxsize=1024)
def compiled(text: str) -> Expression:
    """Compile once; the config has refused bad ones long before."""
    return compile_expression(text)


def value_of(name: str, metrics: Metrics, reading: ServiceReading | None) -> float | None:
    """Return the value of a name as rules see it: a map's worst is its largest, of free space the smallest."""
    if name.startswith("service."):
        return getattr(reading, name.removeprefix("service."), None)
    found = metrics.get(name)
    if not isinstance(found, Mapping):
        return found
    worst = min if "_free_" in name or "_available_" in name else max
    return worst(found.values(), default=None)
