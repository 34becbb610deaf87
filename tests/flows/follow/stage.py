"""A fleet that is this machine, entered as several hosts; programs of ours that run until the end of a test."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.domain.diagnosis import Inspection
from bot.domain.targets import Fleet, HostSpec, ServiceSpec, Target
from bot.flows import inspect
from bot.ports import Services, Store
from bot.present.clues import sentence
from tests.clocks import RealClock
from tests.collectors.shells import PY_SPY, ShellHost
from tests.fleets import InThreads
from tests.flows.watch.night import night

PROGRAMS = Path(__file__).with_name("programs")
WITH_SAMPLER = {"PATH": f"{PY_SPY.parent}:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/"}
PATIENCE_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Entered(ShellHost):
    """This machine as one host of the fleet."""

    named: HostSpec
    env: dict[str, str] = field(default_factory=lambda: dict(WITH_SAMPLER))

    @property
    def spec(self) -> HostSpec:
        return self.named


class Unhurried(RealClock):
    """No time is ever spent: a slow machine does not cut a trail short."""

    def monotonic(self) -> float:
        return 0.0


@dataclass(frozen=True, kw_only=True)
class Entries(InThreads):
    """Fulfils ports.Hosts."""

    hosts: Mapping[str, Entered]

    def get(self, name: str) -> Entered:
        return self.hosts[name]


def fleet_of(
    store: Store,
    addresses: Mapping[str, str],
    services: Mapping[str, ServiceSpec] | None = None,
    *,
    prefix: Sequence[str] = (),
) -> Services:
    """Return services whose hosts are this machine under several names and addresses; each host has all services."""
    known = services or {}
    specs = {
        name: HostSpec(name=name, address=address, sudo=False, services=tuple(known))
        for name, address in addresses.items()
    }
    made = night(store).services
    settings = replace(made.settings, fleet=Fleet(hosts=specs, services=known))
    hosts = Entries(hosts={name: Entered(named=spec, prefix=prefix) for name, spec in specs.items()})
    return replace(made, settings=settings, hosts=hosts, clock=Unhurried())


@contextmanager
def program(name: str, *arguments: str, prefix: Sequence[str] = ()) -> Iterator[int]:
    """Run a program of this folder until the end of the block."""
    argv = (*prefix, sys.executable, str(PROGRAMS / f"{name}.py"), *arguments)
    with subprocess.Popen(argv, stdout=subprocess.PIPE, start_new_session=True, env=os.environ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().split()[:1] == [b"ready"]
            yield process.pid
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.05)


def inspected(services: Services, host: str, pid: int) -> Inspection:
    return inspect.inspect(Target(host=host), services, pid=pid, asked_by_person=True)


def because(found: Inspection) -> list[str]:
    return [sentence(one) for one in found.diagnosis.findings[0].because]


def unseen(found: Inspection) -> list[str]:
    return [sentence(one) for one in found.not_seen]
