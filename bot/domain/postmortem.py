"""What a report computes: when it began, how long each step took, which checks saw it, and what would have told sooner."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.actions import Action, ActionStatus
from bot.domain.alerts import Alert, AlertStatus
from bot.domain.clues import Fact
from bot.domain.diagnosis import Inspection, Verdict
from bot.domain.history import Series
from bot.domain.incidents import Incident
from bot.domain.timeline import Entry, EventKind, TimelineEvent

FIRING = (AlertStatus.FIRING, AlertStatus.RECOVERING)
HELPED = (ActionStatus.WATCHED, ActionStatus.HELD)
ASKED_AGAIN_SOON = ("service_silent", "service_down", "host_unreachable")
"""The rules whose bad rounds are followed by another one after `retry`, rather than after `interval`."""


@dataclass(frozen=True, kw_only=True)
class Times:
    """The moments of an incident; None: it did not happen, or nobody knows when.

    It began somewhere between `last_good`, the last good answer, and `began`, the first bad sample: delays count from `began`.
    """

    last_good: datetime | None = None
    began: datetime
    alerted: datetime | None = None
    acknowledged: datetime | None = None
    diagnosed: datetime | None = None
    mitigated: datetime | None = None
    """When the first act that helped was verified."""
    recovered: datetime | None = None
    """The first good answer of the last of its alerts to end."""
    resolved: datetime | None = None

    @property
    def to_detect_s(self) -> float | None:
        return _between(self.began, self.alerted)

    @property
    def to_acknowledge_s(self) -> float | None:
        return _between(self.alerted, self.acknowledged)

    @property
    def to_mitigate_s(self) -> float | None:
        return _between(self.alerted, self.mitigated)

    @property
    def lasted_s(self) -> float | None:
        return _between(self.began, self.recovered)


@dataclass(frozen=True, kw_only=True)
class Waits:
    """The numbers that made an alert wait, as they were when it fired. `gap_s`: how far bad rounds follow each other."""

    rule: str
    for_s: float
    attempts: int
    interval_s: float
    retry_s: float

    @property
    def gap_s(self) -> float:
        again = min(self.retry_s, self.interval_s) if self.rule in ASKED_AGAIN_SOON else self.interval_s
        return max(again, 0.5)


@dataclass(frozen=True, kw_only=True)
class Sooner:
    """One number of the config, changed: how much sooner it would have told. `at_most`: as much as that, by luck less."""

    key: str
    value_s: float
    instead_of_s: float
    saved_s: float
    at_most: bool = False


@dataclass(frozen=True, kw_only=True)
class Postmortem:
    """All that a report shows. `evidence`: whether what was read on hosts may be shown to those who read it."""

    incident: Incident
    entries: Sequence[Entry]
    alerts: Sequence[Alert]
    times: Times
    inspection: Inspection | None = None
    actions: Sequence[Action] = ()
    fired: TimelineEvent | None = None
    """The first alert that was told, with what its round saw."""
    sooner: Sequence[Sooner] = ()
    evidence: bool = True
    charts: Sequence[tuple[str, Series]] = ()
    """Readings of its hosts from before it began until after its end: by host."""
    as_of: datetime


def times(
    incident: Incident, entries: Sequence[Entry], alerts: Sequence[Alert], actions: Sequence[Action]
) -> Times:
    """Return when what happened, from the timeline; what it does not hold is None."""
    events = [entry.event for entry in entries]
    fired = first_told(entries)
    alerted = fired.at if fired else min((one.fired_at for one in alerts if one.fired_at), default=None)
    hung = sure_look(entries)
    return Times(
        last_good=_last_good(fired, incident.since),
        began=incident.since,
        alerted=alerted,
        acknowledged=next((one.at for one in events if one.kind is EventKind.ACKNOWLEDGED), None),
        diagnosed=hung.at if hung else None,
        mitigated=_mitigated(events, actions),
        recovered=_recovered(events, alerts),
        resolved=incident.resolved_at,
    )


def episodes(alert: Alert, entries: Sequence[Entry]) -> list[tuple[datetime, datetime | None]]:
    """Return from when to when an alert's trouble lasted, each time that it did; the last end is None while it does."""
    ended = [
        one.event.facts
        for one in entries
        if one.event.kind is EventKind.RESOLVED and one.event.alert == alert.id
    ]
    spans = [(_moment(facts.get("since")), _moment(facts.get("good_at"))) for facts in ended]
    found: list[tuple[datetime, datetime | None]] = [(start, end) for start, end in spans if start and end]
    if alert.status in FIRING and alert.since is not None:
        return [*found, (alert.since, None)]
    if not found and alert.since is not None:
        return [(alert.since, alert.turned_at or alert.resolved_at)]
    return found


def lasted_s(spans: Sequence[tuple[datetime, datetime | None]]) -> float | None:
    """Return how long it lasted in all; None while it does."""
    seconds = [_between(start, end) for start, end in spans]
    return None if None in seconds else sum(one for one in seconds if one is not None)


def first_told(entries: Sequence[Entry]) -> TimelineEvent | None:
    """Return the first alert that was told, else the first that fired at all."""
    fired = [one.event for one in entries if one.event.kind in (EventKind.FIRED, EventKind.REOPENED)]
    return next((one for one in fired if not one.kept_quiet), next(iter(fired), None))


def waits(fired: TimelineEvent | None) -> Waits | None:
    """Return the numbers that an alert waited by; None where its event does not hold them."""
    if fired is None:
        return None
    facts = fired.facts
    numbers = [facts.get(name) for name in ("for_s", "attempts", "interval_s", "retry_s")]
    for_s, attempts, interval_s, retry_s = (
        float(one) if isinstance(one, int | float) else None for one in numbers
    )
    if for_s is None or attempts is None or interval_s is None or retry_s is None:
        return None
    return Waits(
        rule=str(facts.get("rule") or ""),
        for_s=for_s,
        attempts=int(attempts),
        interval_s=interval_s,
        retry_s=retry_s,
    )


def told_after_s(waits: Waits) -> float:
    """Return how long after its first bad sample a rule tells, where each round is punctual and bad."""
    rounds, seen_s = 1, 0.0
    while rounds < waits.attempts or seen_s < waits.for_s:
        rounds, seen_s = rounds + 1, seen_s + waits.gap_s
        if rounds > 10_000:
            break
    return seen_s


def sooner(waits: Waits | None) -> tuple[Sooner, ...]:
    """Return which of the config's numbers would have told sooner, the best first."""
    if waits is None:
        return ()
    now_s = told_after_s(waits)
    least_s = max(0.0, (waits.attempts - 1) * waits.gap_s)
    found = [
        _instead(waits, now_s, key="for", value_s=for_s, was_s=waits.for_s)
        for for_s in (waits.for_s / 2, least_s)
        if for_s < waits.for_s
    ]
    if waits.rule in ASKED_AGAIN_SOON and waits.retry_s > 1:
        found.append(
            _instead(waits, now_s, key="retry", value_s=max(1.0, waits.retry_s / 2), was_s=waits.retry_s)
        )
    found = _mildest([one for one in found if one.saved_s > 0])
    if waits.interval_s > 1:
        half_s = waits.interval_s / 2
        found.append(
            Sooner(
                key="interval", value_s=half_s, instead_of_s=waits.interval_s, saved_s=half_s, at_most=True
            )
        )
    return tuple(sorted(found, key=lambda one: (one.at_most, -one.saved_s)))


def checks(fired: TimelineEvent | None) -> Mapping[str, str]:
    """Return what each rule said of the round in which an alert fired: `good`, `bad` or `unknown`, by rule."""
    facts: Mapping[str, Fact] = fired.facts if fired else {}
    return {
        name.removeprefix("check."): str(state) for name, state in facts.items() if name.startswith("check.")
    }


def sure_look(entries: Sequence[Entry]) -> TimelineEvent | None:
    """Return the first look that named a cause."""
    looks = (one.event for one in entries if one.event.kind is EventKind.INSPECTED)
    return next((one for one in looks if one.facts.get("verdict") == Verdict.HUNG), None)


def looked(entries: Sequence[Entry]) -> list[str]:
    """Return the ids of the inspections, those that named a cause in front."""
    events = [entry.event for entry in entries if entry.event.kind is EventKind.INSPECTED]
    named = sorted(events, key=lambda one: one.facts.get("verdict") != Verdict.HUNG)
    return [str(one.facts["inspection"]) for one in named if one.facts.get("inspection")]


def _instead(waits: Waits, now_s: float, *, key: str, value_s: float, was_s: float) -> Sooner:
    changed = {"for_s": waits.for_s, "retry_s": waits.retry_s} | {f"{key}_s": value_s}
    other = Waits(rule=waits.rule, attempts=waits.attempts, interval_s=waits.interval_s, **changed)
    return Sooner(key=key, value_s=value_s, instead_of_s=was_s, saved_s=now_s - told_after_s(other))


def _mildest(found: Sequence[Sooner]) -> list[Sooner]:
    """Return, of changes of one number that save the same, the smallest."""
    best: dict[tuple[str, float], Sooner] = {}
    for one in sorted(found, key=lambda one: one.value_s):
        best[one.key, one.saved_s] = one
    return list(best.values())


def _between(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start is not None and end is not None else None


def _last_good(fired: TimelineEvent | None, began: datetime) -> datetime | None:
    at = _moment(fired.facts.get("last_good_at")) if fired else None
    return at if at is not None and at <= began else None


def _moment(fact: Fact) -> datetime | None:
    return datetime.fromisoformat(fact) if isinstance(fact, str) and fact else None


def _mitigated(events: Sequence[TimelineEvent], actions: Sequence[Action]) -> datetime | None:
    """Return when the first act was verified that was not followed by a relapse."""
    helped = [one.answered_at for one in actions if one.status in HELPED and one.answered_at]
    if helped:
        return min(helped)
    if actions:
        return None
    relapsed = [one.at for one in events if one.kind is EventKind.ACT_RELAPSED]
    verified = (one.at for one in events if one.kind is EventKind.ACT_VERIFIED)
    return next((at for at in verified if not any(late > at for late in relapsed)), None)


def _recovered(events: Sequence[TimelineEvent], alerts: Sequence[Alert]) -> datetime | None:
    """Return the first good answer of the last alert to end; None while one still fires."""
    if any(one.status in FIRING for one in alerts):
        return None
    ended = [one.turned_at or one.resolved_at for one in alerts]
    known = [at for at in ended if at is not None]
    if known:
        return max(known)
    return max((one.at for one in events if one.kind is EventKind.RESOLVED), default=None)
