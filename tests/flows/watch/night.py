"""A bot without chat and hosts: a clock that is set, ids that count, an outbox that is read instead of sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.invocations import Actor
from bot.domain.messages import Attachment, Message, Notification, Operation, Posted
from bot.domain.observations import Metrics, Observation, ProbeOutcome, ServiceReading, ServiceState
from bot.domain.routes import OnCall
from bot.domain.rules import RuleOverride, rules_with
from bot.domain.settings import InspectPolicy, ProbePolicy, Settings
from bot.domain.targets import Fleet, HostSpec, HttpCheck, ServiceSpec
from bot.flows.watch import judge_round
from bot.ports import Completed, Limit, Sample, Script, Services, Store

START = datetime(2026, 11, 24, 2, 58, 10, tzinfo=UTC)
ANA = Actor(id="U0ANA", name="ana", member=True)
BEN = Actor(id="U0BEN", name="ben", member=True)
SHOP = ServiceSpec(name="shop", unit="shop.service", http=HttpCheck(url="http://127.0.0.1:8000/health"))


@dataclass
class SetClock:
    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - START).total_seconds()


@dataclass
class CountedIds:
    number: int = 0

    def new(self, prefix: str) -> str:
        self.number += 1
        return f"{prefix}_{self.number:04d}"


class NoTelemetry:
    def event(self, name: str, **facts: object) -> None: ...

    def count(self, metric: str, **labels: str) -> None: ...

    def observe(self, metric: str, value: float) -> None: ...

    def failure(self, name: str, error: BaseException, **facts: object) -> None:
        raise error


class NoChat:
    def post(self, channel: str, message: Message, *, outbox: str, thread_ts: str | None = None) -> Posted:
        raise NotImplementedError

    def attach(
        self, posted: Posted, attachment: Attachment, *, thread_ts: str | None = None, doubtful: bool = False
    ) -> None:
        raise NotImplementedError

    def edit(self, posted: Posted, message: Message, *, outbox: str) -> None:
        raise NotImplementedError

    def whisper(self, channel: str, user: str, message: Message, *, thread_ts: str | None = None) -> None:
        raise NotImplementedError

    def link(self, posted: Posted) -> str:
        return f"https://chat.invalid/archives/{posted.channel}/p{posted.ts.replace('.', '')}"

    def find(
        self, channel: str, *, outbox: str, since: datetime, thread_ts: str | None = None
    ) -> Posted | None:
        raise NotImplementedError

    def carried(self, channel: str, *, event_type: str, within_s: float) -> Mapping[str, str]:
        raise NotImplementedError


@dataclass
class SickHost:
    """A host whose every sample has one outcome."""

    spec: HostSpec
    clock: SetClock
    outcome: ProbeOutcome = ProbeOutcome.UNREACHABLE
    samples: list[Sample] = field(default_factory=list)

    def sample(self, services: Sequence[ServiceSpec]) -> Sample:
        made = Sample(
            host=self.spec.name, at=self.clock.now(), outcome=self.outcome, reason="connection refused"
        )
        self.samples.append(made)
        return made

    def run(self, script: Script, args: Sequence[str] = (), *, stdin: bytes = b"", limit: Limit) -> Completed:
        raise NotImplementedError


@dataclass
class OneHost:
    host: SickHost

    def get(self, name: str) -> SickHost:
        return self.host

    def close(self) -> None: ...


@dataclass
class Night:
    """One bot, one host `web1` with one service `shop`."""

    services: Services
    clock: SetClock
    host: SickHost

    def round(
        self,
        state: ServiceState = ServiceState.ANSWERING,
        *,
        after_s: float = 10.0,
        outcome: ProbeOutcome = ProbeOutcome.OK,
        metrics: Metrics | None = None,
    ) -> None:
        """Let `after_s` pass, then judge a round that saw this."""
        self.clock.at += timedelta(seconds=after_s)
        good = state is ServiceState.ANSWERING
        reading = ServiceReading(
            state=state,
            reason="" if good else "http_timeout",
            answer_ms=12.0 if good else None,
            pids=(4021, 4022, 4023, 4024),
            unit="active",
            backlog=12,
            cpu_cores=1.0,
        )
        seen = Observation(
            host="web1",
            at=self.clock.now(),
            outcome=outcome,
            metrics=metrics or {},
            services={"shop": reading} if outcome is ProbeOutcome.OK else {},
        )
        judge_round(seen, self.services)

    def fire(self) -> None:
        self.round()
        for _ in range(4):
            self.round(ServiceState.SILENT)

    def calm(self) -> None:
        for _ in range(3):
            self.round()

    @property
    def store(self) -> Store:
        return self.services.store

    def said(self) -> list[Notification]:
        """Take what is in the outbox, as if it were sent."""
        found: list[Notification] = []
        while entries := self.store.claim_notifications(
            now=self.clock.now() + timedelta(days=1), worker="w", lease_s=1e9
        ):
            for entry in entries:
                where = entry.root or Posted(channel="C1", ts=f"1.{len(found)}")
                self.store.sent(entry.notification.id, posted=where, now=self.clock.now())
                found.append(entry.notification)
        return found

    def told(self) -> list[Operation]:
        return [one.operation for one in self.said() if one.subject.startswith("alert:")]


def night(store: Store, *, rules: Sequence[RuleOverride] = (), inspect: InspectPolicy | None = None) -> Night:
    web1 = HostSpec(name="web1", services=("shop",))
    clock = SetClock()
    host = SickHost(spec=web1, clock=clock)
    settings = Settings(
        fleet=Fleet(hosts={"web1": web1}, services={"shop": SHOP}),
        channel="#ops",
        timezone=ZoneInfo("Europe/Berlin"),
        probes=ProbePolicy(interval_s=10.0),
        rules=rules_with(rules),
        teams={"default": OnCall(users=("U0ANA",))},
        inspect=inspect or InspectPolicy(),
    )
    services = Services(
        settings=settings,
        clock=clock,
        ids=CountedIds(),
        hosts=OneHost(host),
        store=store,
        chat=NoChat(),
        telemetry=NoTelemetry(),
    )
    return Night(services=services, clock=clock, host=host)
