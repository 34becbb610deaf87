"""Watch one host: sample → observe → evaluate → advance → decide → commit. One round, one transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial

from bot.domain import blindness, happened
from bot.domain.advance import LastGood, advance
from bot.domain.alerts import Alert, Transition
from bot.domain.clues import Fact
from bot.domain.evaluation import Evaluation, State, evaluate
from bot.domain.observations import Observation, ProbeOutcome, ServiceState
from bot.domain.rounds import wants_whole
from bot.domain.routing import LIVE
from bot.domain.rule import Rule
from bot.domain.targets import HostSpec, ServiceSpec, Target
from bot.flows import checks
from bot.flows.conflict import retried
from bot.flows.telling import Moves
from bot.flows.usual import Usual
from bot.ports import Ask, Sample, Services
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


def judge_round(observation: Observation, services: Services) -> None:
    """Evaluate a round by every rule, and commit what it changes and what is said of it. Raises Conflict, KeyError."""
    judge_rounds([observation], services)


def judge_rounds(observations: Sequence[Observation], services: Services) -> Collection[str]:
    """Judge the rounds of several hosts in one transaction, all or nothing.

    Returns the hosts that had an alert before which is not over, whichever they are (of one round alone, its own). Raises
    KeyError for a host that is not in the fleet, and Conflict where others changed an alert meanwhile.
    """
    common = Common.now(services, observations)
    moves = Moves(services=services, now=common.at)
    _judge_ourselves(moves, common)
    for one in observations:
        _judge(one, moves, common)
    moves.commit(observations=observations)
    return common.alerted


def judge_alone(observation: Observation, services: Services) -> None:
    """Judge one round, and once more where others changed its alerts meanwhile. Raises KeyError, and the last Conflict."""
    retried(partial(judge_round, observation, services))


@dataclass(frozen=True, kw_only=True)
class Common:
    """What all rounds that are judged together share: one look into the store each, and what is seldom needed when it is."""

    services: Services
    hosts: Sequence[str]
    at: datetime
    live: Mapping[str, Sequence[Alert]]
    """The alerts of these hosts, and about ourselves, that are not over, by host."""
    alerted: Collection[str]
    """All hosts that have one."""
    unseen: int = 0
    """How many hosts are out of sight."""
    isolated: bool = False
    """Whether that is our own network's fault."""

    @classmethod
    def now(cls, services: Services, observations: Sequence[Observation]) -> "Common":
        now = services.clock.now()
        hosts = [one.host for one in observations]
        alerted = services.store.alerted()
        wanted = [one for one in (*hosts, blindness.SELF.host) if one in alerted]
        live: dict[str, list[Alert]] = {}
        for alert in services.store.alerts(hosts=wanted, unresolved=True) if wanted else ():
            live.setdefault(alert.target.host, []).append(alert)
        unseen = 0
        if any(one.outcome in blindness.UNSEEN for one in observations):
            before = services.store.alerted(rule=blindness.UNREACHABLE)
            unseen = len(blindness.unseen_hosts(observations, before))
        suspicious = blindness.is_suspicious(unseen, len(services.settings.fleet.hosts))
        return cls(
            services=services,
            hosts=hosts,
            at=now,
            live=live,
            alerted=alerted,
            unseen=unseen,
            isolated=suspicious and not services.network.is_up(),
        )

    @cached_property
    def episodes(self) -> Mapping[str, Sequence[Alert]]:
        """All alerts of these hosts, over or not, newest first."""
        found: dict[str, list[Alert]] = {}
        for alert in self.services.store.alerts(hosts=self.hosts):
            found.setdefault(alert.target.host, []).append(alert)
        return found

    @cached_property
    def before(self) -> Mapping[str, Observation]:
        """What the rounds before these saw."""
        return self.services.store.observations(self.hosts)


def _judge_ourselves(moves: Moves, common: Common) -> None:
    """Add whether our own network is down; nothing where it is well and was."""
    services, rule, target = moves.services, blindness.ISOLATED, blindness.SELF
    alert = _first(common.live.get(target.host, ()), rule.name, target)
    if alert is None and not common.isolated:
        return
    hosts = len(services.settings.fleet.hosts)
    found = blindness.isolation(at=common.at, isolated=common.isolated, unseen=common.unseen, hosts=hosts)
    interval_s = services.settings.probes.interval_s
    identity = services.ids.new("alr")
    moved = advance(alert, found, rule, target=target, now=common.at, id=identity, interval_s=interval_s)
    moves.add(moved, rule, inspects=False)


def _judge(observation: Observation, moves: Moves, common: Common) -> None:
    """Add what a round changes and what is said of it."""
    services = moves.services
    spec = services.settings.fleet.hosts[observation.host]
    rules = services.settings.rules_by_host[spec.name]
    past = Past(spec.name, common)
    usual = Usual(spec.name, services, now=common.at)
    judged = {
        (rule.name, target): evaluate(
            observation,
            rule,
            service=target.service,
            standing=bool(rule.until) and past.stands(rule.name, target),
            usual=usual,
        )
        for rule, target in rules
    }
    here = common.at.astimezone(services.settings.timezone).time()
    for rule, target in rules:
        evaluation = judged[rule.name, target]
        if rule.windows and rule.is_excepted(here):
            continue
        if common.isolated and rule.name == blindness.UNREACHABLE and evaluation.state is State.BAD:
            continue  # who knows: it is we who see nothing
        if evaluation.state is not State.BAD and past.live(rule.name, target) is None:
            continue  # nothing is, and nothing begins
        transition = _advance(past, evaluation, rule, target, services, now=common.at)
        moves.add(
            transition,
            rule,
            observation=observation,
            seen=partial(_seen, rule=rule, observation=observation, judged=judged, services=services),
        )


def _advance(
    past: "Past", evaluation: Evaluation, rule: Rule, target: Target, services: Services, *, now: datetime
) -> Transition:
    alert, last_good = past.live(rule.name, target), None
    if alert is None and evaluation.state is State.BAD:
        alert, last_good = past.newest(rule.name, target), past.last_good(target)
    return advance(
        alert,
        evaluation,
        rule,
        target=target,
        now=now,
        id=services.ids.new("alr"),
        interval_s=services.settings.probes.interval_s,
        last_good=last_good,
    )


def _seen(
    alert: Alert,
    *,
    rule: Rule,
    observation: Observation,
    judged: Mapping[tuple[str, Target], Evaluation],
    services: Services,
) -> dict[str, Fact]:
    """Return what is kept beside an alert of the round it fires in."""
    here = (alert.target, Target(host=alert.target.host))
    checks = {name: one for (name, target), one in judged.items() if target in here}
    return happened.seen_in_round(observation, rule, alert.target, checks, services.settings.probes)


# --- what was before


class Past:
    """The alerts of a host as they are stored."""

    def __init__(self, host: str, common: Common) -> None:
        self._host, self._common = host, common

    def live(self, rule: str, target: Target) -> Alert | None:
        return _first(self._common.live.get(self._host, ()), rule, target)

    def stands(self, rule: str, target: Target) -> bool:
        """Whether its alert fires, or is only just ending."""
        alert = self.live(rule, target)
        return alert is not None and alert.status in LIVE

    def newest(self, rule: str, target: Target) -> Alert | None:
        """Return the newest episode, over or not."""
        return _first(self._common.episodes.get(self._host, ()), rule, target)

    def last_good(self, target: Target) -> LastGood | None:
        """Return when the target was seen well, if that was in the round before."""
        seen = self._common.before.get(self._host)
        reading = seen.services.get(target.service or "") if seen else None
        if seen is None or reading is None or reading.state is not ServiceState.ANSWERING:
            return None
        return LastGood(at=seen.at, answer_ms=reading.answer_ms)


def _first(alerts: Sequence[Alert], rule: str, target: Target) -> Alert | None:
    return next((one for one in alerts if one.rule == rule and one.target == target and not one.origin), None)
