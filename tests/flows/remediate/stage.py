"""A bot, a real service that hangs and a real command that restarts it; time goes on faster than it does outside."""

import time
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.domain.actions import Action, ActionStatus
from bot.domain.errors import Refusal
from bot.domain.invocations import Actor, Invocation, Reply, Via
from bot.domain.messages import Notification, Posted, flat
from bot.domain.settings import AccessPolicy, InspectPolicy, Settings, Upload
from bot.domain.targets import Fleet, HostSpec, HttpCheck, ServiceSpec, Target, Transport
from bot.flows import remediate
from bot.flows.remediate import Crash, nothing
from bot.hosts import open_hosts
from bot.ports import Hosts, Services, Store
from handlers import router
from handlers.arguments import parse
from tests.clocks import QuietTelemetry, RealClock
from tests.flows.remediate.programs import Victim
from tests.flows.watch.night import CountedIds, NoChat

ANA = Actor(id="U0ANA", name="ana", member=True)
BEN = Actor(id="U0BEN", name="ben", member=True)
EVE = Actor(id="U0EVE", name="eve", member=True)
LOCAL = Actor(id="local:root", name="local:root", member=True, local=True)
SHOP = Target(host="web1", service="shop")
ENDS_WITHIN_S = 90.0
RESTING = (ActionStatus.PROPOSED, ActionStatus.WATCHED)


class FastClock(RealClock):
    """The real time, and what was skipped."""

    def __init__(self) -> None:
        self.skipped = 0.0

    def now(self):  # type: ignore[no-untyped-def]
        return super().now() + timedelta(seconds=self.skipped)

    def monotonic(self) -> float:
        return super().monotonic() + self.skipped

    def go_on(self, seconds: float) -> None:
        self.skipped += seconds


@dataclass(kw_only=True)
class Stage:
    """One bot. `worker` is what it claims as; a second one on the same store is another process to it."""

    services: Services
    clock: FastClock
    victim: Victim
    worker: str = "w1"
    numbers: list[int] = field(default_factory=lambda: [0])

    @property
    def store(self) -> Store:
        return self.services.store

    # --- what people do

    def type(self, line: str, actor: Actor = ANA, via: Via = Via.SLASH) -> Reply:
        verb, args = parse(line)
        return self._put(verb, args, actor, via, text=f"/hang {line}")

    def press(self, action: str, value: str, actor: Actor = ANA) -> Reply:
        return self._put(action, (value,), actor, Via.BUTTON, text=f"{action} (button)")

    def _put(self, verb: str, args: tuple[str, ...], actor: Actor, via: Via, *, text: str) -> Reply:
        self.numbers[0] += 1
        invocation = Invocation(
            id=f"t{self.numbers[0]}",
            actor=actor,
            verb=verb,
            args=args,
            text=text,
            channel="C1",
            via=via,
            at=self.clock.now(),
        )
        return router.answer(invocation, self.services)

    # --- what the bot does

    def work(
        self,
        *,
        until: Collection[ActionStatus] = RESTING,
        crash: Crash = nothing,
        faster: float = 4.0,
        most_s: float = ENDS_WITHIN_S,
    ) -> Action:
        """Claim jobs and do them until the newest act is over or in one of these states; idle time passes faster."""
        end = time.monotonic() + most_s
        while True:
            action = self.action
            if action.over or action.status in until:
                return action
            assert time.monotonic() < end, f"{action.status}: {self.texts()}"
            if not self.step(crash=crash):
                time.sleep(0.02)
                self.clock.go_on(0.02 * (faster - 1))

    def step(self, *, crash: Crash = nothing) -> bool:
        job = self.store.claim_job(now=self.clock.now(), worker=self.worker, lease_s=60.0)
        if job is None:
            return False
        remediate.run_job(job, self.services, crash)
        return True

    def asked(self, *, hurried: bool = True, actor: Actor = ANA) -> Action:
        """Return the act that waits for its yes."""
        reply = self.type("restart web1 shop now" if hurried else "restart web1 shop", actor)
        assert not reply.refused, reply.message
        return self.work()

    def confirmed(self, *, hurried: bool = True, actor: Actor = ANA) -> Action:
        action = self.asked(hurried=hurried, actor=actor)
        assert action.status is ActionStatus.PROPOSED, action
        assert not self.press("confirm", action.id, actor).refused
        return self.action

    # --- what is to be seen

    @property
    def action(self) -> Action:
        return self.store.actions(target=SHOP, limit=1)[0]

    def said(self) -> list[Notification]:
        """Take what is in the outbox, as if it were sent."""
        found: list[Notification] = []
        late = self.clock.now() + timedelta(days=1)
        while entries := self.store.claim_notifications(now=late, worker="out", lease_s=1e9):
            for entry in entries:
                where = entry.root or Posted(channel="C1", ts=f"1.{len(found)}")
                self.store.sent(entry.notification.id, posted=where, now=self.clock.now())
                found.append(entry.notification)
        return found

    def texts(self) -> list[str]:
        return [one.message.text for one in self.said()]

    def with_settings(self, **changes: object) -> "Stage":
        """Return the bot as it is after a restart with another config; the database is the same."""
        settings = replace(self.services.settings, **changes)  # type: ignore[arg-type]
        return replace(self, services=replace(self.services, settings=settings))

    def as_another(self, worker: str = "w2") -> "Stage":
        return replace(self, worker=worker)


def why(refusal: Refusal | None) -> str:
    return type(refusal).__name__ if refusal else ""


def shown(reply: Reply) -> str:
    return reply.message.text if reply.message else ""


def title(notification: Notification) -> str:
    return flat(notification.message.title)


def settings(host: HostSpec, service: ServiceSpec, **changes: object) -> Settings:
    return Settings(
        fleet=Fleet(hosts={host.name: host}, services={service.name: service}),
        channel="#ops",
        timezone=ZoneInfo("Europe/Berlin"),
        inspect=InspectPolicy(upload=Upload.NEVER),
        access=AccessPolicy(operators=(ANA.id, BEN.id)),
        **changes,  # type: ignore[arg-type]
    )


def shop(victim: Victim, **changes: object) -> ServiceSpec:
    spec = ServiceSpec(
        name="shop",
        process=victim.process,
        restart=victim.restart,
        http=HttpCheck(url=f"http://127.0.0.1:{victim.port}/health", timeout_s=0.5),
        start_grace_s=1.0,
    )
    return replace(spec, **changes)  # type: ignore[arg-type]


def here() -> HostSpec:
    return HostSpec(name="web1", transport=Transport.LOCAL, services=("shop",))


def stage(store: Store, victim: Victim, host: HostSpec, *, hosts: Hosts | None = None) -> Stage:
    clock, telemetry = FastClock(), QuietTelemetry()
    known = settings(host, shop(victim))
    services = Services(
        settings=known,
        clock=clock,
        ids=CountedIds(),
        hosts=hosts or open_hosts(known.fleet, clock=clock, telemetry=telemetry),
        store=store,
        chat=NoChat(),
        telemetry=telemetry,
    )
    return Stage(services=services, clock=clock, victim=victim)


def scratch(folder: Path, port: int) -> Victim:
    place = folder / "shop"
    place.mkdir()
    return Victim(folder=place, port=port)
