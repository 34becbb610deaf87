"""A bot with many hosts, without chat and connections: what they show is said round by round, the outbox is read instead of sent."""

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.domain.messages import Notification, Operation, Posted
from bot.domain.observations import Observation, ProbeOutcome, ServiceReading, ServiceState
from bot.domain.routes import OnCall
from bot.domain.rules import RuleOverride, rules_with
from bot.domain.settings import InspectPolicy, ProbePolicy, Settings
from bot.domain.targets import Fleet, HostSpec
from bot.flows import groups
from bot.flows.watch import judge_rounds
from bot.ports import Services, Store
from tests.flows.watch.night import (
    SHOP,
    CountedIds,
    NoChat,
    NoTelemetry,
    OneHost,
    SetClock,
    SickHost,
)

UNREACHABLE, OK = ProbeOutcome.UNREACHABLE, ProbeOutcome.OK
SILENT, ANSWERING = ServiceState.SILENT, ServiceState.ANSWERING
AT_ONCE = 64
"""How many rounds are judged in one transaction."""


class Storm:
    """A bot with `count` hosts, the first half in zone eu, each with a shop; probed every 10 s."""

    def __init__(self, store: Store, count: int, *, rules: Sequence[RuleOverride] = ()) -> None:
        self.store, self.clock = store, SetClock()
        self.hosts = {
            f"web{n}": HostSpec(name=f"web{n}", services=("shop",), zone="eu" if n < count / 2 else "us")
            for n in range(count)
        }
        host = SickHost(spec=self.hosts["web0"], clock=self.clock)
        settings = Settings(
            fleet=Fleet(hosts=self.hosts, services={"shop": SHOP}),
            channel="#ops",
            timezone=ZoneInfo("Europe/Berlin"),
            probes=ProbePolicy(interval_s=10.0),
            rules=rules_with(rules),
            teams={"default": OnCall(users=("U0ANA",))},
            inspect=InspectPolicy(auto=False),
        )
        self.services = Services(
            settings=settings,
            clock=self.clock,
            ids=CountedIds(),
            hosts=OneHost(host),
            store=store,
            chat=NoChat(),
            telemetry=NoTelemetry(),
        )
        self.count = 0

    def observation(self, host: str, outcome: ProbeOutcome, state: ServiceState) -> Observation:
        reading = ServiceReading(state=state, reason="" if state is ANSWERING else "http_timeout")
        return Observation(
            host=host,
            at=self.clock.now(),
            outcome=outcome,
            metrics={},
            services={"shop": reading} if outcome is OK else {},
        )

    def round(
        self,
        bad: Sequence[str] = (),
        *,
        outcome: ProbeOutcome = OK,
        silent: Sequence[str] = (),
        after_s: float = 10.0,
    ) -> None:
        """Look at every host; those in `bad` have this outcome, the shop is silent on those in `silent`."""
        self.clock.at += timedelta(seconds=after_s)
        seen = [
            self.observation(name, outcome if name in bad else OK, SILENT if name in silent else ANSWERING)
            for name in self.hosts
        ]
        for at in range(0, len(seen), AT_ONCE):
            judge_rounds(seen[at : at + AT_ONCE], self.services)
        groups.refresh(self.services)

    def rounds(self, count: int, bad: Sequence[str] = (), **more: object) -> None:
        for _ in range(count):
            self.round(bad, **more)  # type: ignore[arg-type]

    def said(self) -> list[Notification]:
        """Take what is in the outbox, as if it were sent."""
        found: list[Notification] = []
        while entries := self.store.claim_notifications(
            now=self.clock.now() + timedelta(days=1), worker="w", lease_s=1e9
        ):
            for entry in entries:
                self.count += 1
                where = entry.root or Posted(channel="C1", ts=f"1.{self.count}")
                self.store.sent(entry.notification.id, posted=where, now=self.clock.now())
                found.append(entry.notification)
        return found

    def posts(self) -> list[Notification]:
        return [one for one in self.said() if one.operation is Operation.POST]


def eu(storm: Storm) -> list[str]:
    return [name for name, spec in storm.hosts.items() if spec.zone == "eu"]
