"""A made-up fleet in which the ordinary things happen, and now and then something that people must hear of.

Ordinary: a day's curve of load, cron peaks on the hour, backups at night, deploys, reboots, long pauses of a garbage
collector, disks that fill and are cleared by a rotation of logs, one lost answer in 100,000. All of it by a seed.
"""

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bot.domain.looking_back import with_history
from bot.domain.observations import Metrics, Observation, ProbeOutcome, ServiceReading, ServiceState
from bot.domain.targets import HostSpec

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY_S, HOUR_S, MINUTE_S = 86400.0, 3600.0, 60.0
LOST_ANSWERS = 1e-5
GIB = 2.0**30
RACKS = 12
"""Racks are zones: a switch that fails takes one of them."""


class Happens(StrEnum):
    """What goes on with a host for a while. The first few are ordinary; of the others people must hear."""

    PAUSE = "pause"
    DEPLOY = "deploy"
    REBOOT = "reboot"
    HANG = "hang"
    HANG_AFTER_DEPLOY = "hang_after_deploy"
    CRASH = "crash"
    HOST_GONE = "host_gone"
    DISK_FULL = "disk_full"
    NO_MEMORY = "no_memory"
    ERRATIC = "erratic"
    RACK_GONE = "rack_gone"


OUTAGES = tuple(Happens)[3:]


@dataclass(frozen=True, kw_only=True, order=True)
class Spell:
    """Seconds since START. `starting_s`: how much of its end a service that has just been started needs to answer."""

    begins: float
    ends: float
    kind: Happens
    starting_s: float = 0.0
    quiet: bool = False
    """Of a deploy: whether somebody said so beforehand."""


@dataclass(frozen=True, kw_only=True)
class Outage:
    """Something people must hear of, on one host or on all of a rack."""

    kind: Happens
    hosts: Sequence[str]
    begins: float
    ends: float


WELL = ServiceReading(state=ServiceState.ANSWERING, answer_ms=12.0, pids=(4021,), unit="active")


@dataclass(kw_only=True)
class Machine:
    """One host's ways, and all that happens to it, in the order of time and without overlaps."""

    spec: HostSpec
    pick: random.Random
    spells: list[Spell] = field(default_factory=list)
    reading: ServiceReading = WELL
    _next: int = 0

    def __post_init__(self) -> None:
        pick = self.pick
        self.cores = pick.choice([2.0, 4.0, 8.0, 16.0])
        self.base, self.swing, self.peak_at = (
            pick.uniform(0.1, 0.6),
            pick.uniform(0.1, 0.8),
            pick.uniform(10, 20),
        )
        self.cron_minute, self.cron_load = (
            pick.randrange(60),
            pick.choice([0.5, 1.0, 2.0, 3.0, 4.0] * 3 + [6.0]),
        )
        self.backup_at, self.backup_s = pick.uniform(1, 4) * HOUR_S, pick.uniform(5, 90) * MINUTE_S
        self.backup_load = pick.choice([1.5, 3.0, 6.0])
        self.memory = float(pick.choice([4, 16, 64])) * GIB
        self.disk, self.fills, self.rotates_at = (
            pick.choice([40.0, 200.0]) * GIB,
            pick.uniform(0.3, 0.9),
            pick.random(),
        )
        self._disk_said = -1

    def now(self, at: float) -> Spell | None:
        """Return what goes on; `at` never goes back."""
        while self._next < len(self.spells) and self.spells[self._next].ends <= at:
            self._next += 1
        if self._next == len(self.spells) or self.spells[self._next].begins > at:
            return None
        return self.spells[self._next]

    def seen(self, at: float) -> Observation:
        spell = self.now(at)
        outcome, state, reason = _answers(spell, at, self.pick)
        moment = START + timedelta(seconds=at)
        if outcome is not ProbeOutcome.OK:
            return Observation(host=self.spec.name, at=moment, outcome=outcome, reason="no answer in time")
        before, good = self.reading, state is ServiceState.ANSWERING
        if good and before.state is state and all(before.asked):
            reading = before
        else:
            bare = ServiceReading(
                state=state,
                reason=reason,
                answer_ms=12.0 if good else None,
                pids=() if state is ServiceState.DOWN else before.pids or (4021,),
                unit="failed" if state is ServiceState.DOWN else "active",
            )
            reading = with_history(bare, before, strains=(), asked=True, at=moment)
        self.reading = reading
        return Observation(
            host=self.spec.name,
            at=moment,
            outcome=outcome,
            metrics=self._metrics(at, spell.kind if spell else None),
            services={"shop": reading},
        )

    def _metrics(self, at: float, kind: Happens | None) -> Metrics:
        of_day = at % DAY_S
        share = self.base + self.swing * (
            0.5 + 0.5 * math.cos((of_day / HOUR_S - self.peak_at) / 24 * math.tau)
        )
        waits = 100 * share * share * 0.2
        if (
            of_day % HOUR_S - self.cron_minute * MINUTE_S < 3 * MINUTE_S
            and of_day % HOUR_S >= self.cron_minute * MINUTE_S
        ):
            share, waits = share + self.cron_load, waits + 12 * self.cron_load
        if self.backup_at <= of_day < self.backup_at + self.backup_s:
            share, waits = share + self.backup_load, waits + 13 * self.backup_load
        thrashes = kind is Happens.NO_MEMORY
        if self._disk_said != int(at // HOUR_S) or kind is Happens.DISK_FULL:
            self._disk_said = int(at // HOUR_S) if kind is not Happens.DISK_FULL else -1
            week = (at / (7 * DAY_S) + self.rotates_at) % 1
            used = 0.995 if kind is Happens.DISK_FULL else min(0.965, self.fills + 0.15 * week)
            self._used, self._free = {"/": used}, {"/": (1 - used) * self.disk}
        return {
            "cores": self.cores,
            "load1": share * self.cores,
            "psi_cpu_some_avg10": min(waits, 99.0),
            "mem_total_bytes": self.memory,
            "mem_available_bytes": self.memory * (0.02 if thrashes else 0.3 - 0.05 * math.sin(at / 40000)),
            "psi_memory_full_avg10": 35.0 if thrashes else 0.0,
            "disk_used_ratio": self._used,
            "disk_free_bytes": self._free,
            "accept_stuck_seconds": {},
        }


def _answers(spell: Spell | None, at: float, pick: random.Random) -> tuple[ProbeOutcome, ServiceState, str]:
    """Return how a round goes: what is met of the host, and of its service."""
    ok, kind = ProbeOutcome.OK, spell.kind if spell else None
    if kind in (Happens.HOST_GONE, Happens.RACK_GONE):
        return ProbeOutcome.UNREACHABLE, ServiceState.UNKNOWN, ""
    if spell is not None and kind in (Happens.REBOOT, Happens.DEPLOY):
        if at >= spell.ends - spell.starting_s:
            return ok, ServiceState.STARTING, "http_refused"
        return (
            (ProbeOutcome.UNREACHABLE, ServiceState.UNKNOWN, "")
            if kind is Happens.REBOOT
            else (ok, ServiceState.DOWN, "unit_inactive")
        )
    if kind in (Happens.HANG, Happens.HANG_AFTER_DEPLOY, Happens.PAUSE):
        return ok, ServiceState.SILENT, "http_timeout"
    if kind is Happens.CRASH:
        return ok, ServiceState.DOWN, "unit_failed"
    if kind is Happens.ERRATIC and pick.random() < 0.4:
        return ok, ServiceState.SILENT, "http_500"
    if pick.random() < LOST_ANSWERS:
        return pick.choice(
            [(ProbeOutcome.TIMEOUT, ServiceState.UNKNOWN, ""), (ok, ServiceState.SILENT, "http_timeout")]
        )
    return ok, ServiceState.ANSWERING, ""


# --- what happens


def fleet(
    *, hosts: int, days: float, outages: int, seed: int
) -> tuple[Mapping[str, Machine], Sequence[Outage]]:
    """Make a fleet, its ordinary days, and so many outages in them: none on a host within two hours of another."""
    pick = random.Random(seed)
    specs = [
        HostSpec(name=f"web{number}", services=("shop",), zone=f"r{number % RACKS}")
        for number in range(hosts)
    ]
    taken: dict[str, list[tuple[float, float]]] = {one.name: [] for one in specs}
    found = list(_outages(specs, taken, days=days, count=outages, pick=pick))
    machines = {}
    for spec in specs:
        mine = [_as_spell(one) for one in found if spec.name in one.hosts]
        deploys = [_deploy_before(one) for one in mine if one.kind is Happens.HANG_AFTER_DEPLOY]
        ordinary = list(_ordinary(taken[spec.name], days=days, pick=pick))
        machines[spec.name] = Machine(
            spec=spec, pick=random.Random(pick.random()), spells=sorted([*mine, *deploys, *ordinary])
        )
    return machines, found


def _outages(
    specs: Sequence[HostSpec],
    taken: Mapping[str, list[tuple[float, float]]],
    *,
    days: float,
    count: int,
    pick: random.Random,
) -> Iterator[Outage]:
    for number in range(count):
        kind = OUTAGES[number % len(OUTAGES)]
        while True:
            first = pick.choice(specs)
            rack = kind is Happens.RACK_GONE
            names = [one.name for one in specs if one.zone == first.zone] if rack else [first.name]
            begins = pick.uniform(0.1 * DAY_S, days * DAY_S - 3 * HOUR_S)
            ends = begins + pick.uniform(25, 90) * MINUTE_S
            if all(_is_free(taken[name], begins, ends) for name in names):
                break
        for name in names:
            taken[name].append((begins, ends))
        yield Outage(kind=kind, hosts=names, begins=begins, ends=ends)


def _is_free(taken: Sequence[tuple[float, float]], begins: float, ends: float) -> bool:
    return all(ends + 2 * HOUR_S < first or begins - 2 * HOUR_S > last for first, last in taken)


def _as_spell(outage: Outage) -> Spell:
    return Spell(begins=outage.begins, ends=outage.ends, kind=outage.kind)


def _deploy_before(hang: Spell) -> Spell:
    """A deploy that was announced, and after which it never answers."""
    begins = hang.begins - 40.0
    return Spell(begins=begins, ends=hang.begins, kind=Happens.DEPLOY, starting_s=35.0, quiet=True)


def _ordinary(taken: Sequence[tuple[float, float]], *, days: float, pick: random.Random) -> Iterator[Spell]:
    """A deploy on most days, a reboot every ten days, a long pause every three."""
    busy = list(taken)
    plans = [(Happens.DEPLOY, 0.8), (Happens.REBOOT, 0.1), (Happens.PAUSE, 0.33)]
    for day in range(math.ceil(days)):
        for kind, often in plans:
            begins = (day + pick.random()) * DAY_S
            if pick.random() >= often or begins > days * DAY_S - HOUR_S:
                continue
            spell = _one(kind, begins, pick)
            if all(spell.ends + HOUR_S < first or begins - HOUR_S > last for first, last in busy):
                busy.append((spell.begins, spell.ends))
                yield spell


def _one(kind: Happens, begins: float, pick: random.Random) -> Spell:
    if kind is Happens.DEPLOY:
        down, starting = pick.uniform(0.5, 15.0), pick.uniform(1.0, 45.0)
        return Spell(
            begins=begins,
            ends=begins + down + starting,
            kind=kind,
            starting_s=starting,
            quiet=pick.random() < 0.5,
        )
    if kind is Happens.REBOOT:
        down, starting = min(pick.lognormvariate(math.log(60), 0.35), 165.0), pick.uniform(3.0, 45.0)
        return Spell(begins=begins, ends=begins + down + starting, kind=kind, starting_s=starting)
    return Spell(begins=begins, ends=begins + pick.uniform(3.0, 25.0), kind=kind)
