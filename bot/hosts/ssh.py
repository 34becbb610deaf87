"""A host over SSH: one connection that is kept, dialled again when it is gone."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from bot.domain.checks import Reply, Talk
from bot.domain.checkups import Way
from bot.domain.errors import HostFailure
from bot.domain.observations import HttpAnswer, ProbeOutcome
from bot.domain.targets import HostSpec, ServiceSpec
from bot.hosts import dial, http, sampling, scripts, talking
from bot.hosts.connection import Broke, Connection, Gone, NoForwarding
from bot.hosts.patience import Patience
from bot.hosts.staying import NeverBegan, Staying
from bot.hosts.ways import STRAIGHT, Ways
from bot.ports import Ask, Clock, Completed, Limit, Sample, Script, Telemetry

ASK_GRACE_S = 2.0
SLOW_SHARE = 0.4
ASK_BYTES = 65_536
MOST_FALSE_STARTS = 2


class SshHost:
    """Fulfils ports.Host. Thread safe: an inspection's channel stands beside a sample's.

    `stays`: it is asked over and over, so a collector stays there; else each sample is a command.
    """

    def __init__(
        self,
        spec: HostSpec,
        *,
        clock: Clock,
        telemetry: Telemetry,
        ways: Ways = STRAIGHT,
        stays: bool = False,
    ) -> None:
        self._spec, self._clock, self._telemetry, self._ways = spec, clock, telemetry, ways
        self._stays = stays
        self._staying: Staying | None = None
        self._beginning = threading.Lock()
        self._false_starts = 0
        self._dialling = threading.Lock()
        self._connection: Connection | None = None
        self._patience = Patience()
        self._cpu = sampling.CpuMemory()
        self._closed = False

    @property
    def spec(self) -> HostSpec:
        return self._spec

    def sample(self, services: Sequence[ServiceSpec]) -> Sample:
        return self.ask(Ask(services=services))

    def ask(self, ask: Ask) -> Sample:
        """Take a sample; a small one where that is asked for and a collector stays there."""
        at, began = self._clock.now(), time.monotonic()
        sample = Sample(host=self._spec.name, at=at, outcome=ProbeOutcome.OK)
        try:
            sample = self._sample_again(sample, ask)
        except HostFailure as failure:
            sample = replace(sample, outcome=failure.outcome, reason=failure.reason)
        except Exception as error:  # noqa: BLE001 — the port promises an outcome, whatever happens
            self._telemetry.failure("sample_failed", error, host=self._spec.name)
            sample = replace(sample, outcome=ProbeOutcome.ERROR, reason=f"unexpected: {type(error).__name__}")
        return replace(sample, duration_ms=round((time.monotonic() - began) * 1000, 1))

    def run(self, script: Script, args: Sequence[str] = (), *, stdin: bytes = b"", limit: Limit) -> Completed:
        try:
            return self._run(script, args, stdin=stdin, limit=limit)
        except HostFailure:
            raise
        except Exception as error:
            self._telemetry.failure("run_failed", error, host=self._spec.name, script=script.name)
            raise HostFailure(ProbeOutcome.ERROR, f"unexpected: {type(error).__name__}") from error

    def talk(self, talk: Talk) -> Reply:
        return talking.talk(lambda: self._open(talk.address, within_s=talk.within_s), talk, clock=self._clock)

    @contextmanager
    def _open(self, address: tuple[str, int], *, within_s: float) -> Iterator[http.Stream]:
        deadline = time.monotonic() + within_s
        dialled_by = min(deadline, time.monotonic() + self._spec.connect_timeout_s)
        connection = self._connect(deadline=dialled_by, automatic=True)
        try:
            with connection.forward(address, deadline=deadline) as channel:
                yield channel
        except NoForwarding as error:
            raise HostFailure(ProbeOutcome.ERROR, "its sshd forwards no connection") from error
        except Gone as error:
            raise HostFailure(ProbeOutcome.ERROR, "the connection broke") from error

    def close(self) -> None:
        """Close; a dial that is under way ends within its own deadline."""
        self._closed = True
        if connection := self._connection:
            connection.close()
        with self._dialling:
            if self._connection:
                self._connection.close()
            self._connection = None

    @property
    def way(self) -> Way:
        """How its rounds are asked."""
        if not self.connected:
            return Way.NONE
        return Way.ODD_SHELL if self.is_odd else Way.THREADS

    @property
    def is_odd(self) -> bool:
        """Whether its shell does not run the collector."""
        return self._false_starts >= MOST_FALSE_STARTS

    def began(self, *, well: bool) -> None:
        """Count how the collector's starts went."""
        self._false_starts = 0 if well else self._false_starts + 1

    @property
    def connected(self) -> bool:
        return self._connection is not None and self._connection.alive

    # --- the connection

    def _connect(self, *, deadline: float, automatic: bool) -> Connection:
        """Return the connection that is kept; dial where there is none. One thread dials, the others wait for it."""
        if (connection := self._connection) and connection.alive:
            return connection
        if not self._dialling.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise HostFailure(ProbeOutcome.TIMEOUT, "another round still connects")
        try:
            if self._connection and self._connection.alive:
                return self._connection
            if self._closed:
                raise HostFailure(ProbeOutcome.ERROR, "the bot stops")
            if automatic:
                self._patience.check()
            if self._connection:
                self._connection.retire()
            self._connection = dialled = self._dial(deadline)
            if self._was_closed():
                dialled.close()
            return dialled
        finally:
            self._dialling.release()

    def _was_closed(self) -> bool:
        """Return whether `close` was called, by another thread and perhaps while this one dialled."""
        return self._closed

    def _dial(self, deadline: float) -> Connection:
        try:
            transport = dial.connect(self._spec, deadline=deadline, ways=self._ways)
        except HostFailure as failure:
            self._patience.failed(failure)
            raise
        self._patience.succeeded()
        return Connection(transport)

    # --- what is asked over it

    def _run(
        self, script: Script, args: Sequence[str], *, stdin: bytes, limit: Limit, automatic: bool = False
    ) -> Completed:
        """Run within one deadline, connecting included. A connection found dead is dialled again, once."""
        deadline = time.monotonic() + limit.seconds
        for last in (False, True):
            dialled_by = min(deadline, time.monotonic() + self._spec.connect_timeout_s)
            connection = self._connect(deadline=dialled_by, automatic=automatic)
            left = max(0.1, deadline - time.monotonic())
            try:
                return connection.run(script, args, stdin=stdin, limit=replace(limit, seconds=left))
            except Gone:
                connection.retire()
                if last:
                    break
        raise Broke

    def _sample_again(self, sample: Sample, ask: Ask) -> Sample:
        """Take it; where the connection breaks meanwhile, take it once more: looking twice does no harm."""
        try:
            return self._take(sample, ask)
        except Broke:
            return self._take(sample, ask)

    def _take(self, sample: Sample, ask: Ask) -> Sample:
        deadline = time.monotonic() + self._spec.connect_timeout_s
        connection = self._connect(deadline=deadline, automatic=True)
        took, whole = 0.0, True

        def run(args: Sequence[str]) -> Completed:
            limit = Limit(seconds=self._spec.command_timeout_s, bytes=sampling.SAMPLE_BYTES)
            return self._run(scripts.SAMPLE, args, stdin=b"", limit=limit, automatic=True)

        def sections() -> dict[str, str]:
            nonlocal took, whole
            began = time.monotonic()
            try:
                if not self._stays or self.is_odd:
                    return sampling.sample_sections(run, ask.services, self._cpu)
                with self._beginning:
                    staying = self._collector(connection, ask.services)
                whole = ask.whole or not staying.has_answered
                return self._cpu.beside(self._record(staying, ask, whole=whole))
            finally:
                took = time.monotonic() - began

        found, answers = sampling.ask_all(
            ask.services, lambda service: self._ask(connection, service), sections
        )
        again = self._doubted(ask.services, answers, took)
        return replace(sample, sections=found, answers=answers | again, whole=whole)

    def _collector(self, connection: Connection, services: Sequence[ServiceSpec]) -> Staying:
        """Return the one that stays there, or begin one."""
        old = self._staying
        if old is not None and old.alive and old.connection is connection and old.services == tuple(services):
            return old
        if old is not None:
            old.close()
        try:
            self._staying = Staying(connection, services, within_s=self._spec.command_timeout_s)
        except Gone as error:
            connection.retire()
            raise Broke from error
        return self._staying

    def _record(self, staying: Staying, ask: Ask, *, whole: bool) -> dict[str, str]:
        try:
            found = staying.ask(
                "whole" if whole else "small",
                () if whole else ask.pids,
                within_s=self._spec.command_timeout_s,
            )
        except NeverBegan:
            self.began(well=False)
            raise
        self.began(well=True)
        return found

    def _doubted(
        self, services: Sequence[ServiceSpec], answers: Mapping[str, HttpAnswer], took: float
    ) -> dict[str, HttpAnswer]:
        """Ask once more, on the host itself, what did not answer in time while the link was slow.

        A slow link must not look like a silent service. `took` is how long the sample itself was under way: on a good
        link, far less than a service is given to answer.
        """
        late = [one for one in services if one.name in answers and answers[one.name].problem == "timeout"]
        doubted = [one for one in late if took > self._within(one) * SLOW_SHARE]
        grace = max(ASK_GRACE_S, 2 * took)
        _, again = sampling.ask_all(
            doubted,
            lambda service: self._ask_there(service.http.url, self._within(service), grace=grace),  # type: ignore[union-attr]
            dict,
        )
        return again

    def _within(self, service: ServiceSpec) -> float:
        """Return how long a service may take to answer."""
        assert service.http is not None
        return min(service.http.timeout_s, self._spec.command_timeout_s)

    def _ask(self, connection: Connection, service: ServiceSpec) -> HttpAnswer:
        """Ask a health URL on the host, through the connection or with what the host has."""
        assert service.http is not None
        url, began, within = service.http.url, time.monotonic(), self._within(service)
        if not connection.forwards:
            return self._ask_there(url, within)

        def reach() -> HttpAnswer:
            with connection.forward(http.address_of(url), deadline=began + within) as stream:
                return http.ask(url, stream, began=began, deadline=began + within)

        try:
            return http.guarded(reach)
        except NoForwarding:
            return self._ask_there(url, within)
        except Gone:
            return HttpAnswer(problem="unavailable", detail="the connection broke")

    def _ask_there(self, url: str, within: float, *, grace: float = ASK_GRACE_S) -> HttpAnswer:
        """Ask with what the host has; `grace` is for the way there and back."""
        began = time.monotonic()
        limit = Limit(seconds=within + grace, bytes=ASK_BYTES)
        try:
            done = self._run(scripts.ASK, (url, f"{within:g}"), stdin=b"", limit=limit, automatic=True)
        except HostFailure as failure:
            return HttpAnswer(problem="unavailable", detail=failure.reason)
        kind, _, value = done.stdout.decode(errors="replace").strip().partition(" ")
        if kind == "status" and value.isdigit():
            return HttpAnswer(status=int(value), elapsed_ms=round((time.monotonic() - began) * 1000, 1))
        if kind == "problem" and value in {"timeout", "refused", "reset", "malformed"}:
            return HttpAnswer(problem=value)
        return HttpAnswer(problem="unavailable", detail="no forwarding, and no curl, wget or python3 there")
