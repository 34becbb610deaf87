"""Watch one host: sample → observe → evaluate → advance → decide → commit. One round, one transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property, partial

from bot.domain import happened
from bot.domain.advance import LastGood, advance
from bot.domain.alerts import Alert, Change, Mending, Silence, Transition
from bot.domain.clues import Fact
from bot.domain.evaluation import Evaluation, State, evaluate
from bot.domain.jobs import Job
from bot.domain.messages import Message, Notification, Operation
from bot.domain.observations import Observation, ProbeOutcome, ServiceState
from bot.domain.rounds import wants_whole
from bot.domain.routing import LIVE, Decision, HeldBackUntilNow, decide
from bot.domain.rule import Rule
from bot.domain.targets import HostSpec, ServiceSpec, Target
from bot.domain.timeline import TimelineEvent
from bot.flows import cards, checks, escalation, groups, inspect, paging, timeline
from bot.flows.cards import card, notification
from bot.flows.conflict import retried
from bot.ports import Ask, Sample, Services
from bot.present import alert as words
from bot.probes import observe, observe_small, started, to_watch


def watch_host(
    host_name: str, services: Services, *, previous: Sample | None, seen: Observation | None = None
) -> tuple[Sample, Observation]:
    """Do one round of a host; `previous` is the last round's sample, for rates, and `seen` the last observation that
    showed its services, for what only many rounds tell.

    Raises KeyError for a host that is not in the fleet, and Conflict where others kept changing its alerts.
    """
    spec = services.settings.fleet.hosts[host_name]
    sample, observation = _look(spec, services, previous=previous, seen=seen)
    judge_alone(observation, services)
    return sample, observation


def what_to_ask(
    specs: Sequence[ServiceSpec], seen: Observation | None, *, age_s: float, alerted: bool, services: Services
) -> Ask:
    """Return what a host's next round asks; `seen` is the newest observation, `age_s` the age of its newest whole sample."""
    interval_s = services.settings.probes.interval_s
    if seen is None or wants_whole(seen, age_s=age_s, interval_s=interval_s, alerted=alerted):
        return Ask(services=specs)
    return Ask(services=specs, whole=False, pids=to_watch(seen))


def observed(
    sample: Sample, specs: Sequence[ServiceSpec], *, previous: Sample | None, seen: Observation | None
) -> Observation | None:
    """Read a sample; None where it is a small one, and only a whole one can tell. `previous`: the last whole one."""
    if sample.whole or sample.outcome is not ProbeOutcome.OK:
        return observe(sample, specs, previous=previous, seen=seen)
    if previous is None or seen is None:
        return None
    return observe_small(sample, specs, seen=seen, watched=started(previous, to_watch(seen)))


def probe_now(host_name: str, services: Services) -> Observation:
    """Look at a host once, for a person; nothing is judged or stored. Raises KeyError."""
    spec = services.settings.fleet.hosts[host_name]
    seen = services.store.observations().get(host_name)
    _, observation = _look(spec, services, previous=None, seen=seen)
    if observation.outcome is not ProbeOutcome.OK:
        return observation
    fronts = {one.name: checks.ask_front(one, services) for one in checks.fronts_of(spec, services)}
    return checks.with_fronts(checks.beside(observation, checks.ask_all(spec, services)), fronts)


def _look(
    spec: HostSpec, services: Services, *, previous: Sample | None, seen: Observation | None
) -> tuple[Sample, Observation]:
    specs = services.settings.fleet.services_on(spec)
    sample = services.hosts.get(spec.name).sample(specs)
    services.telemetry.count("probe_rounds", outcome=sample.outcome.value)
    services.telemetry.observe("probe_duration", sample.duration_ms / 1000)
    return sample, observe(sample, specs, previous=previous, seen=seen)


# --- one round's transaction


@dataclass(frozen=True, kw_only=True)
class Round:
    """What every rule of a round is judged by."""

    observation: Observation
    past: "Past"
    common: "Common"
    judged: Mapping[tuple[str, Target], Evaluation]
    """What each rule says of each of its targets."""
    services: Services
    now: datetime


@dataclass
class Writes:
    """What a round commits, all or nothing."""

    alerts: list[Alert] = field(default_factory=list)
    notifications: list[Notification] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    events: list[TimelineEvent] = field(default_factory=list)
    told_of: list[Alert] = field(default_factory=list)
    """The alerts of which something is said."""
    openings: list[groups.Opening] = field(default_factory=list)
    """Those that are told for the first time, alone or together with others."""


def judge_round(observation: Observation, services: Services) -> None:
    """Evaluate a round by every rule, and commit what it changes and what is said of it. Raises Conflict, KeyError."""
    _commit(
        [observation], [_judged(observation, services, Common.now(services, [observation.host]))], services
    )


def judge_rounds(observations: Sequence[Observation], services: Services) -> Collection[str]:
    """Judge the rounds of several hosts in one transaction, all or nothing.

    Returns the hosts that had an alert before which is not over, whichever they are. Raises KeyError for a host that is
    not in the fleet, and Conflict where others changed an alert meanwhile.
    """
    common = Common.now(services, [one.host for one in observations])
    _commit(observations, [_judged(one, services, common) for one in observations], services)
    return common.live.keys()


def judge_alone(observation: Observation, services: Services) -> None:
    """Judge one round, and once more where others changed its alerts meanwhile. Raises KeyError, and the last Conflict."""
    retried(partial(judge_round, observation, services))


@dataclass(frozen=True, kw_only=True)
class Common:
    """What all rounds that are judged together share: one look into the store each."""

    at: datetime
    live: Mapping[str, Sequence[Alert]]
    """The alerts that are not over, by host."""
    services: Services

    @cached_property
    def silences(self) -> Sequence[Silence]:
        """What is in force; read where there is something to be silent about."""
        return self.services.store.silences(now=self.at)

    @classmethod
    def now(cls, services: Services, hosts: Sequence[str]) -> "Common":
        now = services.clock.now()
        alone = hosts[0] if len(hosts) == 1 else None
        live: dict[str, list[Alert]] = {}
        for alert in services.store.alerts(host=alone, unresolved=True):
            live.setdefault(alert.target.host, []).append(alert)
        return cls(at=now, live=live, services=services)


def _judged(observation: Observation, services: Services, common: Common) -> Writes:
    """Return what a round changes and what is said of it."""
    spec = services.settings.fleet.hosts[observation.host]
    rules = services.settings.rules_by_host[spec.name]
    past = Past(spec.name, services, common.live.get(spec.name, ()))
    current = Round(
        observation=observation,
        past=past,
        common=common,
        judged={
            (rule.name, target): evaluate(
                observation,
                rule,
                service=target.service,
                standing=bool(rule.until) and past.stands(rule.name, target),
            )
            for rule, target in rules
        },
        services=services,
        now=common.at,
    )
    writes = Writes()
    for rule, target in rules:
        evaluation = current.judged[rule.name, target]
        if evaluation.state is not State.BAD and current.past.live(rule.name, target) is None:
            continue  # nothing is, and nothing begins
        transition = _advance(current, evaluation, rule, target)
        decision = decide(
            transition,
            silences=current.common.silences,
            rule=rule,
            oncall=_oncall(transition, services),
            now=current.now,
            notify=services.settings.notify,
            labels=services.settings.labels_of(spec.name),
        )
        _write(writes, current, transition, decision, rule)
    return writes


def _oncall(transition: Transition, services: Services) -> tuple[str, ...]:
    alert = transition.after
    return services.oncall(cards.way(alert, services).oncall) if alert is not None else ()


def _commit(observations: Sequence[Observation], judged: Sequence[Writes], services: Services) -> None:
    writes = Writes()
    for one in judged:
        writes.alerts += one.alerts
        writes.notifications += one.notifications
        writes.jobs += one.jobs
        writes.events += one.events
        writes.told_of += one.told_of
        writes.openings += one.openings
    now = services.clock.now()
    touched = timeline.touched(services, writes.events, alerts=writes.told_of, now=now)
    placed = groups.place(writes.openings, services, now=now)
    services.store.commit(
        alerts=[placed.joined.get(alert.id, alert) for alert in writes.alerts],
        groups=placed.groups,
        incidents=touched.incidents,
        events=writes.events,
        notifications=[*placed.rows, *writes.notifications, *touched.notifications],
        jobs=[*placed.jobs, *writes.jobs],
        observations=observations,
    )


def _advance(current: Round, evaluation: Evaluation, rule: Rule, target: Target) -> Transition:
    past, services = current.past, current.services
    alert, last_good = past.live(rule.name, target), None
    if alert is None and evaluation.state is State.BAD:
        alert, last_good = past.newest(rule.name, target), past.last_good(target)
    return advance(
        alert,
        evaluation,
        rule,
        target=target,
        now=current.now,
        id=services.ids.new("alr"),
        interval_s=services.settings.probes.interval_s,
        last_good=last_good,
    )


def _write(writes: Writes, current: Round, transition: Transition, decision: Decision, rule: Rule) -> None:
    """Add what this transition changes and what is said of it; nothing where nothing changed."""
    if transition.after is None:
        return
    told = transition.after.told or Operation.POST in decision.operations
    paged = transition.after.paged or (decision.page is not None and paging.is_possible(current.services))
    after = replace(transition.after, told=told, owed=decision.owed, paged=paged)
    if Operation.POST in decision.operations or transition.change is Change.REOPENED:
        after = replace(after, incident=timeline.covering(after, current.services))
    if transition.change is Change.RESOLVED:
        after = replace(after, mended=_mended(after, current.services))
    if (
        after.group and transition.change is Change.WORSENED
    ):  # a higher severity is always a message of its own
        after = replace(after, group="")
        decision = replace(decision, operations=(Operation.POST,))
    if after != transition.before:
        writes.alerts.append(after)
    if decision.operations:
        writes.told_of.append(after)
    writes.events += happened.in_round(
        after, transition.change, seen=_seen(after, rule, current), now=current.now
    )
    _tell(writes, after, transition, decision, current)
    if _wants_inspection(after, transition.change, decision, rule, current):
        said, job = inspect.request(
            current.services, target=after.target, pid=after.suspect, invocation=None, alert=after
        )
        writes.notifications += said
        writes.jobs.append(job)


def _tell(writes: Writes, alert: Alert, transition: Transition, decision: Decision, current: Round) -> None:
    """Add what is said of an alert: an opening, what follows it, or nothing where its group tells of it."""
    services, now = current.services, current.now
    if alert.group:
        return
    rows = [
        notification(
            alert, operation, _message(operation, alert, transition, decision, current), services, now=now
        )
        for operation in decision.operations
    ]
    if decision.page is not None:
        rows += paging.pages(alert, decision.page, services, now=now)
    jobs = escalation.steps(alert, decision.mention, services, now=now) if decision.mention else []
    if Operation.POST in decision.operations:
        opening = groups.Opening(alert=alert, rows=tuple(rows), jobs=tuple(jobs), mention=decision.mention)
        writes.openings.append(opening)
    else:
        writes.notifications += rows
        writes.jobs += jobs


def _mended(alert: Alert, services: Services) -> Mending | None:
    """Return the act that was done to its target since it began."""
    last = next(iter(services.store.actions(target=alert.target, limit=1)), None)
    if last is None or alert.since is None or last.sent_at is None or last.sent_at < alert.since:
        return None
    if last.answered_at is None and last.exit != 0:
        return None
    return Mending(verb=last.verb, by=last.asked.by, name=last.asked.name)


def _seen(alert: Alert, rule: Rule, current: Round) -> dict[str, Fact]:
    """Return what is kept beside an alert of the round it fired in; nothing unless it did."""
    if alert.fired_at != current.now:
        return {}
    here = (alert.target, Target(host=alert.target.host))
    checks = {name: one for (name, target), one in current.judged.items() if target in here}
    probes = current.services.settings.probes
    return happened.seen_in_round(current.observation, rule, alert.target, checks, probes)


def _message(
    operation: Operation, alert: Alert, transition: Transition, decision: Decision, current: Round
) -> Message:
    services, now = current.services, current.now
    if operation is Operation.REPLY:
        return words.reply(
            alert,
            transition.change,
            before=transition.before,
            oncall=decision.mention,
            now=now,
            zone=services.settings.timezone,
        )
    silence = cards.silence_of(alert, current.common.silences, services, now=now)
    return card(alert, services, observation=current.observation, silence=silence, now=now)


def _wants_inspection(alert: Alert, change: Change, decision: Decision, rule: Rule, current: Round) -> bool:
    """Whether this is the moment to look into it by ourselves: when it is told, and not again within the cooldown.

    What a silence holds back is not looked into before it is told: an inspection is told as well.
    """
    services = current.services
    policy = services.settings.inspect
    news = change is Change.REOPENED or isinstance(decision.reason, HeldBackUntilNow)
    begins = Operation.POST in decision.operations or (news and Operation.REPLY in decision.operations)
    if not (begins and rule.inspect and policy.auto):
        return False
    last = services.store.last_inspection(alert.target)
    return last is None or current.now - last.at >= timedelta(seconds=policy.cooldown_s)


# --- what was before


class Past:
    """The alerts of a host as they are stored; what is seldom needed is read when it is."""

    def __init__(self, host: str, services: Services, live: Sequence[Alert]) -> None:
        self._host, self._store = host, services.store
        self._live = live
        self._all: list[Alert] | None = None

    def live(self, rule: str, target: Target) -> Alert | None:
        return _first(self._live, rule, target)

    def stands(self, rule: str, target: Target) -> bool:
        """Whether its alert fires, or is only just ending."""
        alert = self.live(rule, target)
        return alert is not None and alert.status in LIVE

    def newest(self, rule: str, target: Target) -> Alert | None:
        """Return the newest episode, over or not."""
        if self._all is None:
            self._all = self._store.alerts(host=self._host)
        return _first(self._all, rule, target)

    def last_good(self, target: Target) -> LastGood | None:
        """Return when the target was seen well, if that was in the round before."""
        seen = self._store.observations().get(self._host)
        reading = seen.services.get(target.service or "") if seen else None
        if seen is None or reading is None or reading.state is not ServiceState.ANSWERING:
            return None
        return LastGood(at=seen.at, answer_ms=reading.answer_ms)


def _first(alerts: Sequence[Alert], rule: str, target: Target) -> Alert | None:
    return next((one for one in alerts if one.rule == rule and one.target == target and not one.origin), None)
