"""What alerts' transitions change and what is said of them: decided, put into rows, and committed together, all or nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property

from bot.domain import happened
from bot.domain.alerts import Alert, Change, Mending, Silence, Transition
from bot.domain.clues import Fact
from bot.domain.jobs import Job
from bot.domain.messages import Message, Notification, Operation
from bot.domain.observations import Observation
from bot.domain.routing import Decision, HeldBackUntilNow, decide
from bot.domain.rule import Rule
from bot.domain.timeline import TimelineEvent
from bot.flows import cards, escalation, groups, inspect, paging, timeline
from bot.ports import Services
from bot.present import alert as words

AGAIN = (Change.REOPENED, Change.FLAPS)
Seen = Callable[[Alert], Mapping[str, Fact]]


def nothing_seen(alert: Alert) -> Mapping[str, Fact]:
    """Return what is kept beside an alert that no round of ours has seen."""
    del alert
    return {}


@dataclass(kw_only=True)
class Moves:
    """Several transitions, and what is committed of them."""

    services: Services
    now: datetime
    alerts: list[Alert] = field(default_factory=list)
    notifications: list[Notification] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    events: list[TimelineEvent] = field(default_factory=list)
    told_of: list[Alert] = field(default_factory=list)
    """The alerts of which something is said."""
    openings: list[groups.Opening] = field(default_factory=list)
    """Those that are told for the first time, alone or together with others."""

    @cached_property
    def silences(self) -> Sequence[Silence]:
        """What is in force; read where there is something to be silent about."""
        return self.services.store.silences(now=self.now)

    def add(
        self,
        transition: Transition,
        rule: Rule,
        *,
        observation: Observation | None = None,
        seen: Seen = nothing_seen,
        inspects: bool = True,
    ) -> None:
        """Add what a transition changes and what is said of it; nothing where nothing changed.

        `observation` is the round it comes of, `seen` what is kept of that beside an alert that fires; `inspects`: whether
        the target is one that can be looked into.
        """
        if transition.after is None:
            return
        decision = self._decided(transition, rule)
        after = self._after(transition, decision)
        if after.group and transition.change is Change.WORSENED:
            # a higher severity is always a message of its own
            after, decision = replace(after, group=""), replace(decision, operations=(Operation.POST,))
        if after != transition.before:
            self.alerts.append(after)
        if decision.operations:
            self.told_of.append(after)
        facts = seen(after) if after.fired_at == self.now else {}
        self.events += happened.in_round(after, transition.change, seen=facts, now=self.now)
        if not after.group:
            self._tell(after, transition, decision, observation)
        if after.flapping and transition.change is Change.RESOLVED:
            self.jobs.append(escalation.settling(after, now=self.now))
        if inspects and _wants_inspection(
            after, transition.change, decision, rule, self.services, now=self.now
        ):
            said, job = inspect.request(
                self.services, target=after.target, pid=after.suspect, invocation=None, alert=after
            )
            self.notifications += said
            self.jobs.append(job)

    def commit(self, *, observations: Sequence[Observation] = ()) -> None:
        """Write all of it. Raises Conflict where others changed an alert meanwhile."""
        services, now = self.services, self.now
        touched = timeline.touched(services, self.events, alerts=self.told_of, now=now)
        placed = groups.place(self.openings, services, now=now)
        services.store.commit(
            alerts=[placed.joined.get(alert.id, alert) for alert in self.alerts],
            groups=placed.groups,
            incidents=touched.incidents,
            events=self.events,
            notifications=[*placed.rows, *self.notifications, *touched.notifications],
            jobs=[*placed.jobs, *self.jobs],
            observations=observations,
        )

    def _decided(self, transition: Transition, rule: Rule) -> Decision:
        services, alert = self.services, transition.after
        assert alert is not None
        return decide(
            transition,
            silences=self.silences,
            rule=rule,
            oncall=services.oncall(cards.way(alert, services).oncall),
            now=self.now,
            notify=services.settings.notify,
            labels=services.settings.labels_of(alert.target.host),
        )

    def _after(self, transition: Transition, decision: Decision) -> Alert:
        """Return the alert with what becomes of it by being told, or by ending."""
        alert, opens = transition.after, Operation.POST in decision.operations
        assert alert is not None
        pages = decision.page is not None and not alert.group and paging.is_possible(self.services)
        paged = alert.paged or pages
        after = replace(alert, told=alert.told or opens, owed=decision.owed, paged=paged)
        if opens or transition.change in AGAIN:
            after = replace(after, incident=timeline.covering(after, self.services))
        if transition.change is Change.RESOLVED:
            after = replace(after, mended=_mended(after, self.services))
        return after

    def _tell(
        self, alert: Alert, transition: Transition, decision: Decision, observation: Observation | None
    ) -> None:
        """Add what is said of an alert that has a message of its own: an opening, or what follows it."""
        services, now = self.services, self.now
        rows = [
            cards.notification(
                alert,
                operation,
                self._message(operation, alert, transition, decision, observation),
                services,
                now=now,
            )
            for operation in decision.operations
        ]
        if decision.page is not None:
            rows += paging.pages(alert, decision.page, services, now=now)
        jobs = escalation.steps(alert, decision.mention, services, now=now) if decision.mention else []
        if Operation.POST in decision.operations:
            opening = groups.Opening(
                alert=alert, rows=tuple(rows), jobs=tuple(jobs), mention=decision.mention
            )
            self.openings.append(opening)
        else:
            self.notifications += rows
            self.jobs += jobs

    def _message(
        self,
        operation: Operation,
        alert: Alert,
        transition: Transition,
        decision: Decision,
        observation: Observation | None,
    ) -> Message:
        services, now = self.services, self.now
        if operation is Operation.REPLY:
            return words.reply(
                alert,
                transition.change,
                before=transition.before,
                oncall=decision.mention,
                now=now,
                zone=services.settings.timezone,
            )
        silence = cards.silence_of(alert, self.silences, services, now=now)
        return cards.card(alert, services, observation=observation, silence=silence, now=now)


def _mended(alert: Alert, services: Services) -> Mending | None:
    """Return the act that was done to its target since it began."""
    last = next(iter(services.store.actions(target=alert.target, limit=1)), None)
    if last is None or alert.since is None or last.sent_at is None or last.sent_at < alert.since:
        return None
    if last.answered_at is None and last.exit != 0:
        return None
    return Mending(verb=last.verb, by=last.asked.by, name=last.asked.name)


def _wants_inspection(
    alert: Alert, change: Change, decision: Decision, rule: Rule, services: Services, *, now: datetime
) -> bool:
    """Whether this is the moment to look into it by ourselves: when it is told, and not again within the cooldown.

    What a silence holds back is not looked into before it is told: an inspection is told as well.
    """
    policy = services.settings.inspect
    news = change in AGAIN or isinstance(decision.reason, HeldBackUntilNow)
    begins = Operation.POST in decision.operations or (news and Operation.REPLY in decision.operations)
    if not (begins and rule.inspect and policy.auto):
        return False
    last = services.store.last_inspection(alert.target)
    return last is None or now - last.at >= timedelta(seconds=policy.cooldown_s)
