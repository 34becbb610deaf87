"""The checks of the config: which are due on a host, and what they say."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot import probes
from bot.domain.checks import CheckReading, CheckSpec, is_fresh
from bot.domain.observations import Observation
from bot.domain.targets import BOT, HostSpec, ServiceSpec
from bot.ports import Services


def ask(host: HostSpec, spec: CheckSpec, services: Services) -> CheckReading:
    """Ask once; what cannot be asked is UNKNOWN, with the reason."""
    return probes.check(services.hosts.get(host.name), spec, now=services.clock.now)


def ask_front(service: ServiceSpec, services: Services) -> CheckReading:
    """Ask a service as users do."""
    front = service.front
    assert front is not None
    there = services.hosts.here() if front.source == BOT else services.hosts.get(front.source)
    spec = CheckSpec(
        name=service.name, kind="http", target=front.url, timeout_s=front.timeout_s, bad_from=500
    )
    return probes.check(there, spec, now=services.clock.now)


def fronts_of(host: HostSpec, services: Services) -> Sequence[ServiceSpec]:
    """Return the services of a host whose fronts are told of it."""
    fleet = services.settings.fleet
    return [
        one for one in fleet.services_on(host) if one.front is not None and fleet.shows_front(host, one.name)
    ]


def with_fronts(observation: Observation, fronts: Mapping[str, CheckReading]) -> Observation:
    """Return an observation with how its services answer at their fronts."""
    if not fronts:
        return observation
    readings = {
        name: replace(reading, front=fronts[name]) if name in fronts else reading
        for name, reading in observation.services.items()
    }
    return replace(observation, services=readings)


def ask_all(host: HostSpec, services: Services) -> Mapping[str, CheckReading]:
    """Ask all checks of a host now, one after the other, for a person."""
    return {spec.name: ask(host, spec, services) for spec in services.settings.checks_on(host.name)}


def fresh(
    readings: Mapping[str, CheckReading], host: str, services: Services, *, now: datetime
) -> Mapping[str, CheckReading]:
    """Return the readings that still say something, of checks that the config still has."""
    known = {spec.name: spec for spec in services.settings.checks_on(host)}
    return {
        name: one for name, one in readings.items() if name in known and is_fresh(one, known[name], now=now)
    }


def beside(observation: Observation, readings: Mapping[str, CheckReading]) -> Observation:
    """Return an observation with the checks beside it."""
    return replace(observation, checks=readings) if readings or observation.checks else observation
