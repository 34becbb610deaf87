"""Where we do not see: hosts that nobody has looked at, and alerts of what nobody watches any more."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.advance import advance
from bot.domain.alerts import Alert, Change, Transition, ended
from bot.domain.blindness import LEFT_AFTER, OWN, STALLED, stall
from bot.domain.clues import clue
from bot.domain.errors import Conflict
from bot.domain.evaluation import State
from bot.domain.heartbeats import RULE as HEARTBEAT
from bot.domain.rule import Rule
from bot.domain.targets import Target
from bot.flows.telling import Moves
from bot.ports import Services


@dataclass
class Blind:
    """Looks every now and then, at what has happened since this bot began to look."""

    services: Services
    noticed: dict[str, tuple[datetime | None, float]] = field(default_factory=dict)
    """The newest round of each host that is stored, and when it was met here first, by the clock that never jumps."""
    missing: dict[str, datetime] = field(default_factory=dict)
    """Since when an open alert is of nothing that is watched, by its id."""

    def look(self) -> None:
        """Tell of hosts that were not looked at, and end what is watched no longer. What others changed waits for the next time."""
        try:
            self._stalled()
            self._left()
        except Conflict:
            return

    def _stalled(self) -> None:
        services, now = self.services, self.services.clock.now()
        seen, live = services.store.seen_at(), _live(services, STALLED.name)
        interval_s = services.settings.probes.interval_s
        moves = Moves(services=services, now=now)
        for name in services.settings.fleet.hosts:
            target = Target(host=name)
            found = stall(self._unseen_s(name, seen.get(name)), at=now, interval_s=interval_s)
            alert = live.get(target)
            if found.state is State.GOOD and alert is None:
                continue
            identity = services.ids.new("alr")
            moves.add(
                advance(alert, found, STALLED, target=target, now=now, id=identity, interval_s=interval_s),
                STALLED,
                inspects=False,
            )
        if moves.alerts:
            moves.commit()

    def _unseen_s(self, host: str, newest: datetime | None) -> float:
        """Return for how long no round of a host has come; its own time says nothing where the wall clock was set."""
        now = self.services.clock.monotonic()
        known = self.noticed.get(host)
        if known is None or known[0] != newest:
            self.noticed[host] = known = (newest, now)
        return now - known[1]

    def _left(self) -> None:
        services, now = self.services, self.services.clock.now()
        orphans = {
            one.id: one for one in services.store.alerts(unresolved=True) if not _is_watched(one, services)
        }
        self.missing = {name: self.missing.get(name, now) for name in orphans}
        moves = Moves(services=services, now=now)
        for name, since in self.missing.items():
            if now - since < LEFT_AFTER:
                continue
            alert = orphans[name]
            over = replace(ended(alert, now=now), reasons=(clue("not_watched"),))
            rule = Rule(name=alert.rule, severity=alert.severity)
            moves.add(Transition(before=alert, after=over, change=Change.RESOLVED), rule, inspects=False)
        if moves.alerts:
            moves.commit()


def _is_watched(alert: Alert, services: Services) -> bool:
    """Whether somebody still judges an alert: we by a rule of its name, or whoever sends it."""
    if alert.rule == HEARTBEAT.name:
        return any(one.target == alert.target for one in services.settings.heartbeats)
    if alert.origin or alert.rule in {one.name for one in OWN}:
        return (
            bool(alert.origin)
            or alert.rule != STALLED.name
            or alert.target.host in services.settings.fleet.hosts
        )
    judged = services.settings.rules_by_host.get(alert.target.host, ())
    return any(rule.name == alert.rule and target == alert.target for rule, target in judged)


def _live(services: Services, rule: str) -> dict[Target, Alert]:
    return {one.target: one for one in services.store.alerts(rules=[rule], unresolved=True)}
