"""How an alert moves: one evaluation, one step.

    none, inactive ── bad ──▶ pending ── attempts and time ──▶ firing ── good ──▶ recovering ── passes and time ──▶ resolved
                      ◀── good ──┘        ◀────── bad ──────────────────────────┘
    resolved ── bad within 15 min ──▶ pending (same id) ── … ──▶ firing: reopened;  ── good ──▶ resolved, as if nothing was

What was not seen (UNKNOWN) neither worsens nor resolves. Time counts only between looks that are near each other:
neither a gap nor a step of the wall clock fires or resolves anything by itself.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.alerts import (
    REOPEN_WITHIN,
    Alert,
    AlertStatus,
    Change,
    Severity,
    Transition,
    Worth,
    is_acknowledged,
)
from bot.domain.evaluation import Evaluation, State
from bot.domain.rule import Rule
from bot.domain.targets import Target

FORGET_AFTER = timedelta(hours=1)
FLAPS_AFTER, FLAP_WINDOW = 3, timedelta(hours=1)
"""So many relapses in so long are flapping: from the third on each would be two messages and no news."""
SETTLES_AFTER = REOPEN_WITHIN
"""So long in one state, and it flaps no more."""
ORDER = (Severity.INFO, Severity.WARNING, Severity.CRITICAL)


@dataclass(frozen=True, kw_only=True)
class LastGood:
    """When a target was last seen well, before there was an alert."""

    at: datetime
    answer_ms: float | None


def advance(
    alert: Alert | None,
    evaluation: Evaluation,
    rule: Rule,
    *,
    target: Target,
    now: datetime,
    id: str,  # noqa: A002 — the id of a new alert, should there be one
    interval_s: float = 30.0,
    last_good: LastGood | None = None,
) -> Transition:
    """Return what an evaluation does to the alert of a rule on a target.

    `alert` is the newest episode, None where there was none; `interval_s` how often the host is looked at.
    """
    after, change = alert, Change.NONE
    if evaluation.state is State.BAD:
        new = _new(rule, target, now=now, id=id, last_good=last_good)
        after, change = _bad(alert, new, evaluation, rule, now=now, interval_s=interval_s)
    elif evaluation.state is State.GOOD and alert is not None:
        after, change = _good(alert, evaluation, rule, now=now, interval_s=interval_s)
    if after is not None and change is Change.NONE and _ack_ran_out(after, now=now):
        after, change = replace(after, acknowledged=None, updated_at=now), Change.ACK_EXPIRED
    bad = evaluation.state is State.BAD
    if after is not None and change is Change.NONE and bad and _settled(after, now=now):
        after, change = replace(after, flapping=False, relapses=(), updated_at=now), Change.SETTLED
    return Transition(before=alert, after=after, change=change)


def longest_gap_s(interval_s: float) -> float:
    """Return how far two looks may be apart for the time between them to count."""
    return max(3 * interval_s, interval_s + 60.0)


Step = tuple[Alert, Change]


def _bad(
    alert: Alert | None, new: Alert, evaluation: Evaluation, rule: Rule, *, now: datetime, interval_s: float
) -> Step:
    if (
        alert is None
        or alert.status in (AlertStatus.INACTIVE, AlertStatus.RESOLVED)
        or _forgotten(alert, evaluation)
    ):
        return _maybe_fire(_begin(alert, new, evaluation, now=now), Change.OPENED, evaluation, rule, now=now)
    if alert.status is AlertStatus.PENDING:
        counted = replace(
            alert,
            failures=alert.failures + 1,
            held_s=alert.held_s + _seen_s(alert.last_bad_at, evaluation.at, interval_s=interval_s),
            severity=evaluation.severity or rule.severity,
            reasons=evaluation.reasons,
            last_bad_at=evaluation.at,
            window=_window(alert.window, "1", rule),
            updated_at=now,
        )
        return _maybe_fire(counted, Change.COUNTED, evaluation, rule, now=now)
    if alert.status is AlertStatus.RECOVERING:
        back = replace(
            alert, status=AlertStatus.FIRING, passes=0, held_s=0.0, last_bad_at=evaluation.at, updated_at=now
        )
        after, change = _still_firing(back, evaluation, rule, now=now)
        return after, Change.WORSENED if change is Change.WORSENED else Change.RELAPSED
    return _still_firing(alert, evaluation, rule, now=now)


def _good(alert: Alert, evaluation: Evaluation, rule: Rule, *, now: datetime, interval_s: float) -> Step:
    well = replace(alert, last_good_at=evaluation.at, last_answer_ms=evaluation.answer_ms, updated_at=now)
    if alert.status is AlertStatus.PENDING and "1" in (window := _window(alert.window, "0", rule)):
        return replace(well, window=window), Change.COUNTED  # one good round among them does not clear it
    if alert.status is AlertStatus.PENDING:
        # a relapse that came to nothing: the episode stays as it had ended
        back = AlertStatus.INACTIVE if alert.resolved_at is None else AlertStatus.RESOLVED
        return replace(well, status=back, failures=0, held_s=0.0, turned_at=None, window=""), Change.CLEARED
    if alert.status is AlertStatus.FIRING:
        first = replace(well, status=AlertStatus.RECOVERING, passes=1, held_s=0.0, turned_at=evaluation.at)
        return _maybe_resolve(first, Change.RECOVERING, rule, now=now)
    if alert.status is AlertStatus.RECOVERING:
        held_s = alert.held_s + _seen_s(alert.last_good_at, evaluation.at, interval_s=interval_s)
        return _maybe_resolve(
            replace(well, passes=alert.passes + 1, held_s=held_s), Change.COUNTED, rule, now=now
        )
    return alert, Change.NONE


def _new(rule: Rule, target: Target, *, now: datetime, id: str, last_good: LastGood | None) -> Alert:  # noqa: A002
    return Alert(
        id=id,
        rule=rule.name,
        target=target,
        status=AlertStatus.PENDING,
        severity=rule.severity,
        last_good_at=last_good.at if last_good else None,
        last_answer_ms=last_good.answer_ms if last_good else None,
        runbook=rule.runbook,
        updated_at=now,
    )


def _begin(alert: Alert | None, new: Alert, evaluation: Evaluation, *, now: datetime) -> Alert:
    """Return the pending alert of a first bad round: the old one where it ended just now, or never fired."""
    base = new
    if alert is not None and (alert.resolved_at is None or now - alert.resolved_at <= REOPEN_WITHIN):
        base = replace(alert, last_good_at=new.last_good_at or alert.last_good_at)
    return replace(
        base,
        status=AlertStatus.PENDING,
        severity=evaluation.severity or new.severity,
        reasons=evaluation.reasons,
        failures=1,
        passes=0,
        held_s=0.0,
        turned_at=evaluation.at,
        last_bad_at=evaluation.at,
        window="1",
        updated_at=now,
    )


def _window(before: str, result: str, rule: Rule) -> str:
    """Return how the last rounds were, of a rule that counts the bad ones among them; empty for all others."""
    return f"{before}{result}"[-rule.of[1] :] if rule.of else ""


def _often_enough(alert: Alert, rule: Rule) -> bool:
    if rule.of is not None:
        return alert.window.count("1") >= rule.of[0]
    return alert.failures >= rule.attempts


def _maybe_fire(
    alert: Alert, otherwise: Change, evaluation: Evaluation, rule: Rule, *, now: datetime
) -> Step:
    if alert.resolved_at is None:
        alert = replace(alert, since=alert.turned_at)
    if not evaluation.at_once and (not _often_enough(alert, rule) or alert.held_s < rule.for_s):
        return alert, otherwise
    fired = replace(
        alert, status=AlertStatus.FIRING, since=alert.turned_at, fired_at=now, held_s=0.0, updated_at=now
    )
    if alert.resolved_at is None:
        return fired, Change.FIRED
    relapses = (*(one for one in alert.relapses if now - one <= FLAP_WINDOW), now)
    again = replace(
        fired,
        resolved_at=None,
        acknowledged=None,
        culprit=None,
        looked_at=(),
        relapses=relapses,
        worth=Worth.UNSAID,
    )
    if not alert.flapping and len(relapses) >= FLAPS_AFTER:
        return replace(again, flapping=True), Change.FLAPS
    return again, Change.REOPENED


def _settled(alert: Alert, *, now: datetime) -> bool:
    """Whether what came and went now stays."""
    steady = alert.status is AlertStatus.FIRING and alert.fired_at is not None
    return alert.flapping and steady and now - (alert.fired_at or now) >= SETTLES_AFTER


def _maybe_resolve(alert: Alert, otherwise: Change, rule: Rule, *, now: datetime) -> Step:
    if alert.passes < rule.passes or alert.held_s < rule.keep_firing_s:
        return alert, otherwise
    return replace(
        alert, status=AlertStatus.RESOLVED, resolved_at=now, held_s=0.0, owed=False
    ), Change.RESOLVED


def _still_firing(alert: Alert, evaluation: Evaluation, rule: Rule, *, now: datetime) -> Step:
    """Write only what is new: within an episode a severity rises and never falls."""
    severity = max(alert.severity, evaluation.severity or rule.severity, key=ORDER.index)
    renamed = [reason.code for reason in alert.reasons] != [reason.code for reason in evaluation.reasons]
    if severity is alert.severity and not renamed:
        return alert, Change.NONE
    after = replace(
        alert, severity=severity, reasons=evaluation.reasons, last_bad_at=evaluation.at, updated_at=now
    )
    return after, Change.RENAMED if severity is alert.severity else Change.WORSENED


def _seen_s(last: datetime | None, at: datetime, *, interval_s: float) -> float:
    """Return the seconds between two looks that may count: none over a gap, none where the clock went back."""
    if last is None:
        return 0.0
    seconds = (at - last).total_seconds()
    return seconds if 0 <= seconds <= longest_gap_s(interval_s) else 0.0


def _forgotten(alert: Alert, evaluation: Evaluation) -> bool:
    """Whether it was pending so long ago that this is no longer the same trouble."""
    last = alert.last_bad_at
    return alert.status is AlertStatus.PENDING and last is not None and evaluation.at - last > FORGET_AFTER


def _ack_ran_out(alert: Alert, *, now: datetime) -> bool:
    live = alert.status in (AlertStatus.FIRING, AlertStatus.RECOVERING)
    return live and alert.acknowledged is not None and not is_acknowledged(alert, now=now)
