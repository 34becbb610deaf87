"""A host over SSH whose samples come through the reactor: a resident collector, and health URLs beside it."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from datetime import datetime

from bot.domain.checkups import Way
from bot.domain.errors import HostFailure
from bot.domain.observations import HttpAnswer, ProbeOutcome
from bot.domain.targets import HostSpec, ServiceSpec
from bot.hosts import dial
from bot.hosts.connection import Connection
from bot.hosts.loop.answers import Answering
from bot.hosts.loop.link import Link
from bot.hosts.loop.reactor import Reactor
from bot.hosts.loop.resident import Record, Resident
from bot.hosts.ssh import SLOW_SHARE, SshHost
from bot.hosts.ways import STRAIGHT, Ways
from bot.ports import Ask, Clock, Sample, Telemetry

Done = Callable[[Sample], None]


class LoopHost(SshHost):
    """Fulfils ports.Host. What a person or an inspection asks goes over the same connection, as with SshHost.

    A server whose packets cannot be read by the reactor, or a shell that does not run the collector, is asked as
    SshHost asks, by one of `threads`.
    """

    def __init__(
        self,
        spec: HostSpec,
        *,
        clock: Clock,
        telemetry: Telemetry,
        reactor: Reactor,
        threads: Executor,
        ways: Ways = STRAIGHT,
    ) -> None:
        super().__init__(spec, clock=clock, telemetry=telemetry, ways=ways, stays=True)
        self.reactor, self.threads, self.telemetry = reactor, threads, telemetry
        self._link: Link | None = None
        self._resident: Resident | None = None

    def sample(self, services: Sequence[ServiceSpec]) -> Sample:
        found: Future[Sample] = Future()
        self.begin(Ask(services=services), found.set_result)
        return found.result()

    def begin(self, ask: Ask, done: Done) -> None:
        """Take a sample; `done` is called with it, once, in another thread."""
        self.reactor.call(Round(self, ask, self._clock.now(), done).go)

    @property
    def way(self) -> Way:
        if not self.connected:
            return Way.NONE
        if self.is_odd:
            return Way.ODD_SHELL
        return Way.LOOP if self._link is not None and self._link.alive else Way.HIDDEN_LENGTHS

    def _dial(self, deadline: float) -> Connection:
        try:
            transport = dial.connect(self._spec, deadline=deadline, park=True, ways=self._ways)
        except HostFailure as failure:
            self._patience.failed(failure)
            raise
        self._patience.succeeded()
        connection = Connection(transport)
        if transport.parked:
            self._link = link = Link(self.reactor, transport, lost=self._lost)
            self.reactor.call(link.begin)
        return connection

    # --- for a round, in the reactor's thread

    @property
    def link(self) -> Link | None:
        connection = self._connection
        usable = connection is not None and connection.alive and self._link is not None and self._link.alive
        return self._link if usable else None

    def collector(self, link: Link, services: Sequence[ServiceSpec]) -> Resident:
        """Return the one that lives, or start one."""
        resident = self._resident
        if resident is None or resident.is_over or tuple(services) != resident.services:
            if resident is not None:
                resident.close()
            self._resident = resident = Resident(self.reactor, services, self._collector_gone)
            link.add(resident)
        return resident

    def _collector_gone(self) -> None:
        self._resident = None

    def _lost(self, link: Link, error: BaseException | None) -> None:
        del error
        if self._link is link:
            self._link = self._resident = None

    def with_cpu(self, sections: dict[str, str]) -> dict[str, str]:
        """Add the line of the CPU that was read before, if it is not too old."""
        return self._cpu.beside(sections)

    def retire_link(self) -> None:
        if (connection := self._connection) is not None:
            connection.retired = True
        if self._link is not None:
            self._link.broke(None)

    # --- for a round, in one of the threads

    def reach(self) -> None:
        """Connect, within the time a connection may take. Raises HostFailure."""
        self._connect(deadline=time.monotonic() + self._spec.connect_timeout_s, automatic=True)

    def ask_waiting(self, ask: Ask) -> Sample:
        """Ask as a host does that no loop reads; the caller waits."""
        return super().ask(ask)

    def ask_there(self, service: ServiceSpec, *, took: float) -> HttpAnswer:
        """Ask a health URL with what the host has, patient as the link is slow: `took` seconds for the sample."""
        return self._ask_there(service.http.url, self.within(service), grace=max(2.0, 2 * took))  # type: ignore[union-attr]

    def within(self, service: ServiceSpec) -> float:
        return self._within(service)


class Round:
    """One round of one host: the record and all answers, then the sample. Lives in the reactor's thread."""

    def __init__(self, host: LoopHost, ask: Ask, at: datetime, done: Done) -> None:
        self._host, self._ask, self._at, self._done = host, ask, at, done
        self._began = time.monotonic()
        self._record: Record | None = None
        self._asking: dict[str, Answering] = {}
        self._dialled = False
        self._again = False
        self._over = False

    def go(self) -> None:
        """Begin, connecting first where there is no connection."""
        link = self._host.link
        if link is not None and not self._host.is_odd:
            self._tick(link)
        elif self._dialled or self._host.is_odd:
            self._in_thread(self._waiting)
        else:
            self._dialled = True
            self._in_thread(self._reach)

    def _tick(self, link: Link) -> None:
        resident = self._host.collector(link, self._ask.services)
        if resident.busy:
            self._fail(HostFailure(ProbeOutcome.TIMEOUT, "another round still waits for an answer"))
            return
        self._asking, self._record = {}, None
        for service in self._ask.services:
            if service.http is not None:
                one = Answering(
                    self._host.reactor,
                    service.http.url,
                    within_s=self._host.within(service),
                    answered=self._answered,
                )
                self._asking[service.name] = one
        whole = self._ask.whole or not resident.has_answered
        sent = time.monotonic()
        resident.tick(
            "whole" if whole else "small",
            () if whole else self._ask.pids,
            within_s=self._host.spec.command_timeout_s,
            taken=lambda found: self._taken(found, link, sent),
        )
        for one in self._asking.values():
            link.add(one)

    # --- what comes

    def _taken(self, found: Record | HostFailure, link: Link, sent: float) -> None:
        if self._over:
            return
        if isinstance(found, Record):
            self._host.began(well=True)
            self._record = found
            self._maybe_finish()
            return
        self._leave()
        if not link.alive:
            if not self._again:  # looking twice does no harm
                self._again, self._dialled = True, False
                self.go()
                return
            found = HostFailure(ProbeOutcome.ERROR, "the connection broke")
        elif found.outcome is ProbeOutcome.TIMEOUT and link.transport.guard.received_at < sent:
            self._host.retire_link()  # else all that is asked next would queue behind
        elif "does not run our script" in found.reason:
            self._host.began(well=False)
        self._fail(found)

    def _answered(self, one: Answering) -> None:
        if self._over or one not in self._asking.values():
            return
        self._maybe_finish()

    def _maybe_finish(self) -> None:
        """Finish once all is there; what the link may have delayed is asked again first, by another way."""
        record = self._record
        if record is None or any(one.answer is None for one in self._asking.values()):
            return
        self._over = True
        doubted = [one for one in self._ask.services if self._is_doubted(one, record.took_s)]
        if doubted:
            self._in_thread(lambda: self._finish(record, self._asked_there(doubted, record.took_s)))
        else:
            self._finish(record, {})

    def _is_doubted(self, service: ServiceSpec, took: float) -> bool:
        """Whether the answer says nothing of the service: not forwarded, or late on a link that is slow itself."""
        one = self._asking.get(service.name)
        if one is None or one.answer is None:
            return False
        if one.answer.problem == "unavailable":
            return True
        return one.answer.problem == "timeout" and took > self._host.within(service) * SLOW_SHARE

    def _asked_there(self, services: Sequence[ServiceSpec], took: float) -> dict[str, HttpAnswer]:
        return {service.name: self._host.ask_there(service, took=took) for service in services}

    def _finish(self, record: Record, again: dict[str, HttpAnswer]) -> None:
        answers = {name: one.answer for name, one in self._asking.items() if one.answer is not None}
        self._done(
            Sample(
                host=self._host.spec.name,
                at=self._at,
                outcome=ProbeOutcome.OK,
                duration_ms=self._took_ms,
                sections=self._host.with_cpu(record.sections),
                answers=answers | again,
                whole=record.whole,
            )
        )

    def _fail(self, failure: HostFailure) -> None:
        self._over = True
        self._leave()
        self._done(
            Sample(
                host=self._host.spec.name,
                at=self._at,
                outcome=failure.outcome,
                reason=failure.reason,
                duration_ms=self._took_ms,
            )
        )

    def _leave(self) -> None:
        """Stop asking: what still comes is for nobody."""
        asking, self._asking = self._asking, {}
        for one in asking.values():
            one.close()

    @property
    def _took_ms(self) -> float:
        return round((time.monotonic() - self._began) * 1000, 1)

    # --- in one of the threads

    def _in_thread(self, work: Callable[[], None]) -> None:
        try:
            self._host.threads.submit(self._guarded, work)
        except RuntimeError:  # it is shut down
            self._fail(HostFailure(ProbeOutcome.ERROR, "the bot stops"))

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except HostFailure as failure:
            self._fail(failure)
        except Exception as error:  # noqa: BLE001 — the port promises an outcome, whatever happens
            self._host.telemetry.failure("sample_failed", error, host=self._host.spec.name)
            self._fail(HostFailure(ProbeOutcome.ERROR, f"unexpected: {type(error).__name__}"))

    def _reach(self) -> None:
        self._host.reach()
        self._host.reactor.call(self.go)

    def _waiting(self) -> None:
        self._over = True
        self._done(self._host.ask_waiting(self._ask))
