"""Replays a month of a fleet through the whole bot but its wires: what was told for nothing, and what was not told.

    .venv/bin/python -m tests.faults.month --hosts 300 --days 30 --outages 50

Every round is judged by every built-in rule. One that changes nothing ends there; all others go the whole way, through a real
database, groups and the outbox. `--whole` sends all of them that way.
"""

import argparse
import functools
import heapq
import math
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path

from bot.domain.advance import advance
from bot.domain.alerts import Alert, Severity
from bot.domain.evaluation import State, evaluate
from bot.domain.messages import Notification, Operation, Posted
from bot.domain.observations import Observation
from bot.domain.outside import OutsideEvent
from bot.domain.rounds import Trouble, bad_in, next_due
from bot.domain.routes import OnCall
from bot.domain.rules import rules_with
from bot.domain.settings import InspectPolicy, ProbePolicy, Settings
from bot.domain.targets import Fleet, Target
from bot.domain.timeline import EventKind, TimelineEvent
from bot.flows import groups
from bot.flows.outside import note_event
from bot.flows.watch import judge_rounds
from bot.ports import Services
from bot.store import migrate
from bot.store.opening import open_store
from tests.clocks import QuietTelemetry
from tests.faults.ordinary import DAY_S, OUTAGES, START, Happens, Machine, Outage, fleet
from tests.flows.watch.night import SHOP, CountedIds, NoChat, OneHost, SetClock, SickHost

QUIET_S = 300.0
"""How long those who deploy ask for quiet."""
AFTERWARDS_S = 900.0
"""What is told of an outage so long after its end is still about it."""
NEWS = (EventKind.FIRED, EventKind.REOPENED)
ABOUT_SERVICE = (Happens.HANG, Happens.CRASH)
"""Outages whose alerts are to be told as soon as their rule allows."""


@dataclass(kw_only=True)
class Month:
    """What came of it. `delays_s`: of services that fall silent or die, from the first bad round to the row in the outbox,
    less the rule's own `for`.
    """

    rounds: int = 0
    whole: int = 0
    ordinary: Counter[str] = field(default_factory=Counter)
    kept_quiet: Counter[str] = field(default_factory=Counter)
    """Alerts that were judged and told to nobody, by rule."""
    outages: int = 0
    messages: int = 0
    false_pages: list[str] = field(default_factory=list)
    false_messages: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    delays_s: list[float] = field(default_factory=list)

    def with_more(self, other: "Month") -> "Month":
        """Add up what came of two bots' racks."""
        return Month(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)})

    def told(self) -> str:
        delays = sorted(self.delays_s)
        p99 = delays[min(len(delays) - 1, math.ceil(len(delays) * 0.99) - 1)] if delays else math.nan
        lines = [
            f"{self.rounds} rounds, {self.whole} of them the whole way",
            f"ordinary: {_listed(self.ordinary)}; judged and told to nobody: {_listed(self.kept_quiet)}",
            f"{self.outages} outages, {len(self.untold)} untold; {self.messages} messages",
            f"false pages: {len(self.false_pages)}; other messages for nothing: {len(self.false_messages)}",
            f"a service silent or down is told {p99:.1f} s (p99) after its rule's `for`, {max(delays, default=math.nan):.1f} s at most",
            *(f"  {one}" for one in (*self.false_pages, *self.false_messages, *self.untold)),
        ]
        return "\n".join(lines)


class Replay:
    """One bot, and a fleet that it believes to see."""

    def __init__(self, folder: Path, machines: Mapping[str, Machine], *, whole: bool = False) -> None:
        url = f"sqlite:///{folder / 'month.db'}"
        migrate.upgrade(url)
        self.machines, self._whole, self.found = machines, whole, Month()
        self.clock = SetClock(START)
        hosts = {name: one.spec for name, one in machines.items()}
        nobody = SickHost(spec=next(iter(hosts.values())), clock=self.clock)
        settings = Settings(
            fleet=Fleet(hosts=hosts, services={"shop": SHOP}),
            channel="#ops",
            probes=ProbePolicy(),
            rules=rules_with([]),
            teams={"default": OnCall(users=("U0ANA",))},
            inspect=InspectPolicy(auto=False),
        )
        self.services = Services(
            settings=settings,
            clock=self.clock,
            ids=CountedIds(),
            hosts=OneHost(nobody),
            store=open_store(url),
            chat=NoChat(),
            telemetry=QuietTelemetry(),
        )
        self._trouble = dict.fromkeys(machines, Trouble())
        self._named: set[object] = set()
        self._live: dict[str, dict[tuple[str, Target], Alert]] = {}
        self._grouped, self._refreshed = False, 0.0
        self._posted = 0

    def run(self, seconds: float) -> None:
        """Let so much time pass."""
        policy = self.services.settings.probes
        quiet = sorted(
            (one.begins, name)
            for name, machine in self.machines.items()
            for one in machine.spells
            if one.quiet
        )
        due = [
            (next_due(name, policy=policy, last_started=None, last_bad=False, now=0.0), name)
            for name in self.machines
        ]
        heapq.heapify(due)
        while due[0][0] < seconds:
            at, name = heapq.heappop(due)
            while quiet and quiet[0][0] <= at:
                self._announce(*quiet.pop(0))
            seen = self.machines[name].seen(at)
            self._round(seen, at)
            trouble = self._trouble[name] = self._trouble[name].after(bad_in(seen))
            again = next_due(name, policy=policy, last_started=at, last_bad=trouble.is_news, now=at)
            heapq.heappush(due, (again, name))
        self._say()

    def _announce(self, at: float, name: str) -> None:
        self.clock.at = START + timedelta(seconds=at)
        note_event(OutsideEvent(kind="deploy", service="shop", host=name, quiet_s=QUIET_S), self.services)

    def _round(self, seen: Observation, at: float) -> None:
        self.found.rounds += 1
        if self._whole or self._changes_something(seen):
            self.found.whole += 1
            self.clock.at = seen.at
            judge_rounds([seen], self.services)
            before = self._live.get(seen.host, {})
            live = self.services.store.alerts(hosts=[seen.host], unresolved=True)
            self._live[seen.host] = {(one.rule, one.target): one for one in live}
            if any(one.told for one in (*before.values(), *live)):
                self._say()
                self._grouped = self._grouped or bool(self.services.store.groups())
        elif self._grouped and at - self._refreshed >= 1.0:
            self.clock.at = seen.at
            self._refreshed = at
            groups.refresh(self.services)
            self._say()
            self._grouped = bool(self.services.store.groups())

    def _changes_something(self, seen: Observation) -> bool:
        """Whether a round has a word to say: by the same two functions that judge it for good."""
        live = self._live.get(seen.host, {})
        if any(one.owed or not (one.told or one.severity is Severity.INFO) for one in live.values()):
            return True  # what a silence holds back is told when that is over
        for rule, target in self.services.settings.rules_by_host[seen.host]:
            found = evaluate(seen, rule, service=target.service)
            alert = live.get((rule.name, target))
            if alert is None:
                if found.state is State.BAD:
                    return True
            elif advance(alert, found, rule, target=target, now=seen.at, id="").after is not alert:
                return True
        return False

    def _say(self) -> None:
        """Take what is in the outbox, as if it were sent."""
        store = self.services.store
        while entries := store.claim_notifications(now=self.clock.now(), worker="w", lease_s=1e9):
            for entry in entries:
                self._posted += 1
                where = entry.root or Posted(channel="C1", ts=f"1.{self._posted}")
                store.sent(entry.notification.id, posted=where, now=self.clock.now())
                self._note(entry.notification)

    def _note(self, row: Notification) -> None:
        if row.operation is Operation.POST:
            self.found.messages += 1
        metadata = row.message.metadata
        if metadata is not None:
            members = metadata.payload.get("members", [])
            self._named |= {metadata.payload.get("id"), *(members if isinstance(members, list) else ())}

    # --- the reckoning

    def reckon(self, outages: Sequence[Outage]) -> Month:
        """Lay what was told beside what there was."""
        found, store = self.found, self.services.store
        found.ordinary = Counter(
            one.kind.value
            for machine in self.machines.values()
            for one in machine.spells
            if one.kind not in OUTAGES
        )
        found.outages = len(outages)
        of_host: dict[str, list[Outage]] = {}
        for outage in outages:
            for host in outage.hosts:
                of_host.setdefault(host, []).append(outage)
        alerts = {one.id: one for one in store.alerts()}
        targets = [Target(host=name) for name in self.machines]
        news = [one for one in store.events(since=START, targets=targets) if one.kind in NEWS]
        met: set[tuple[int, str]] = set()
        for event in news:
            alert = alerts[event.alert]
            if event.kept_quiet and not alert.told:
                found.kept_quiet[alert.rule] += 1
                continue
            assert alert.id in self._named, f"{alert.id} was told by no message"
            outage = _about(event, of_host.get(alert.target.host, ()))
            if outage is not None:
                met.add((id(outage), alert.target.host))
                self._delay(outage, event, alert)
                continue
            text = f"{alert.severity} {alert.rule} on {alert.target.host} at {event.at}"
            (found.false_pages if alert.severity is Severity.CRITICAL else found.false_messages).append(text)
        found.untold = [
            f"{outage.kind} on {host} at {START + timedelta(seconds=outage.begins)}"
            for outage in outages
            for host in outage.hosts
            if (id(outage), host) not in met
        ]
        return found

    def _delay(self, outage: Outage, event: TimelineEvent, alert: Alert) -> None:
        if outage.kind in ABOUT_SERVICE and event.kind is EventKind.FIRED and alert.since is not None:
            rule = next(one for one in self.services.settings.rules if one.name == alert.rule)
            self.found.delays_s.append((event.at - alert.since).total_seconds() - rule.for_s)


def _about(event: TimelineEvent, outages: Sequence[Outage]) -> Outage | None:
    at = (event.at - START).total_seconds()
    return next((one for one in outages if one.begins <= at <= one.ends + AFTERWARDS_S), None)


def _listed(counted: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counted.most_common()) or "none"


def replayed(
    folder: Path,
    machines: Mapping[str, Machine],
    outages: Sequence[Outage],
    *,
    days: float,
    whole: bool = False,
) -> Month:
    replay = Replay(folder, machines, whole=whole)
    try:
        replay.run(days * DAY_S)
        return replay.reckon(outages)
    finally:
        replay.services.store.close()


def part(number: int, of: int, *, hosts: int, days: float, outages: int, seed: int, whole: bool) -> Month:
    """Replay one bot's racks of several's."""
    machines, planned = fleet(hosts=hosts, days=days, outages=outages, seed=seed)
    mine = {name: one for name, one in machines.items() if int((one.spec.zone or "r0")[1:]) % of == number}
    with tempfile.TemporaryDirectory() as folder:
        return replayed(
            Path(folder), mine, [one for one in planned if one.hosts[0] in mine], days=days, whole=whole
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hosts", type=int, default=300)
    parser.add_argument("--days", type=float, default=30.0)
    parser.add_argument("--outages", type=int, default=50)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--bots", type=int, default=1, help="side by side, each with its own racks")
    asked = vars(parser.parse_args())
    began, bots = time.monotonic(), asked.pop("bots")
    with ProcessPoolExecutor(bots) as pool:
        parts = [pool.submit(part, number, bots, **asked) for number in range(bots)]
        found = functools.reduce(Month.with_more, (one.result() for one in parts))
    print(found.told())
    print(f"in {time.monotonic() - began:.0f} s")
    sys.exit(bool(found.untold or len(found.false_pages) > 1))


if __name__ == "__main__":
    main()
