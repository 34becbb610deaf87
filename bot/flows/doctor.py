"""What will work: for one host by asking it, for the whole fleet by what the last rounds saw."""

from collections.abc import Iterator

from bot import collectors
from bot.domain import checkups
from bot.domain.checkups import Check, Checkup
from bot.domain.clues import clue
from bot.domain.errors import HostFailure
from bot.domain.observations import ProbeOutcome
from bot.domain.settings import Settings
from bot.domain.targets import HostSpec
from bot.flows import marks, watch
from bot.ports import Services


def host(spec: HostSpec, services: Services) -> Checkup:
    """Look at a host: reach it, take a round, and let it tell of itself."""
    specs = services.settings.fleet.services_on(spec)
    observation = watch.probe_now(spec.name, services)
    if observation.outcome is not ProbeOutcome.OK:
        return _unreached(spec, observation.outcome, observation.reason)
    try:
        facts = collectors.checkup(
            services.hosts.get(spec.name), specs, mark=marks.new(services), now=services.clock.now
        )
    except HostFailure as failure:
        return _unreached(spec, failure.outcome, failure.reason)
    checks = checkups.of_host(
        spec,
        specs,
        facts,
        way=services.hosts.way(spec.name),
        observation=observation,
        upload=services.settings.inspect.upload,
        samplers=services.sampler.keys(),
    )
    return Checkup(subject=spec.name, checks=checks)


def _unreached(spec: HostSpec, outcome: ProbeOutcome, reason: str) -> Checkup:
    return Checkup(subject=spec.name, checks=(checkups.not_reached(spec, outcome, reason),))


def fleet(services: Services) -> tuple[Checkup, ...]:
    """Return the config's own checkup, and that of each host that the last round did not reach."""
    settings, seen = services.settings, services.store.observations()
    missed = [
        _unreached(spec, found.outcome, found.reason)
        for name, spec in settings.fleet.hosts.items()
        if (found := seen.get(name)) is not None and found.outcome is not ProbeOutcome.OK
    ]
    reached = sum(1 for name in settings.fleet.hosts if name in seen) - len(missed)
    whole = checkups.ok("reach", "doctor_fleet", reached=reached, hosts=len(settings.fleet.hosts))
    return (Checkup(subject="fleet", checks=(whole, *config(settings).checks)), *missed)


def on_call(services: Services) -> Iterator[Check]:
    """Read the calendars that say who is on call, and yield what each is worth now."""
    troubles = services.duty.refresh()
    for team in [name for name, one in services.settings.teams.items() if one.ical]:
        subject, mend = f"oncall {team}", clue("doctor_mend_duty", team=team)
        if team in troubles:
            yield checkups.fault(subject, clue("doctor_duty_unread", reason=troubles[team]), mend)
        elif count := services.duty.standing(team):
            yield checkups.ok(subject, "doctor_duty", count=count)
        else:
            yield checkups.note(subject, clue("doctor_duty_nobody"), mend)


def config(settings: Settings) -> Checkup:
    """Return what the config leaves open that somebody will miss one night."""
    checks: list[Check] = []
    if not settings.fleet.hosts:
        checks.append(checkups.fault("hosts", clue("doctor_no_hosts"), clue("doctor_mend_hosts")))
    else:
        count, services = len(settings.fleet.hosts), len(settings.fleet.services)
        checks.append(checkups.ok("hosts", "doctor_hosts", hosts=count, services=services))
    checks += [checkups.fault("inventory", clue("doctor_as_written", text=one)) for one in settings.missing]
    if settings.access.operators:
        checks.append(checkups.ok("operators", "doctor_operators", count=len(settings.access.operators)))
    else:
        checks.append(checkups.note("operators", clue("doctor_no_operators"), clue("doctor_mend_operators")))
    if settings.teams:
        checks.append(checkups.ok("oncall", "doctor_oncall", count=len(settings.oncall())))
    else:
        checks.append(checkups.note("oncall", clue("doctor_no_oncall"), clue("doctor_mend_oncall")))
    if settings.probes.enabled:
        checks += _who_hears(settings)
    return Checkup(subject="config", checks=tuple(checks))


def _who_hears(settings: Settings) -> Iterator[Check]:
    """Yield whether anybody is woken by an alert, and whether anybody hears it when the bot itself dies."""
    paths = settings.paging.paths
    if paths:
        yield checkups.ok("page", "doctor_page", paths=", ".join(paths))
    else:
        yield checkups.fault("page", clue("doctor_no_page"), clue("doctor_mend_page"))
    if settings.deadman is not None:
        yield checkups.ok("deadman", "doctor_deadman", url=settings.deadman.url)
    else:
        yield checkups.fault("deadman", clue("doctor_no_deadman"), clue("doctor_mend_deadman"))
