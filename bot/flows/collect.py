"""Get the evidence of one process home: bring the sampler along where it is lacking, look at others where the first is well."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

from bot import collectors
from bot.collectors import NoProcess
from bot.diagnosers import diagnose
from bot.domain.clues import Clue, clue
from bot.domain.diagnosis import Cause, Verdict
from bot.domain.errors import HostFailure
from bot.domain.evidence import Candidate, Evidence
from bot.domain.settings import Upload
from bot.domain.targets import ServiceSpec
from bot.flows import marks
from bot.flows.findings import Progress
from bot.ports import Clock, Host, Services

MOST_OTHERS = 3


def of_the_one_that_hangs(
    first: Evidence, *, look: Callable[[int], Evidence], clock: Clock, until: float
) -> Evidence:
    """Return the evidence of the process that hangs: where the most suspicious one does not, the next ones are looked at,
    the last one begun before `until`. Where none does, that of the first.
    """
    for other in _next(first)[:MOST_OTHERS]:
        if clock.monotonic() > until:
            break
        try:
            second = look(other.pid)
        except NoProcess:
            continue
        except HostFailure:
            break
        if diagnose(second)[0].verdict is Verdict.HUNG:
            rest = (one for one in first.others if one is not other)
            here = Candidate(pid=first.process.pid, command=first.process.command)
            return replace(second, others=(here, *rest))
    return first


def _next(first: Evidence) -> tuple[Candidate, ...]:
    """Return whom to look at after the first: nobody where it hangs, but its parent where it hangs on a pipe between them."""
    diagnosis, _, _ = diagnose(first)
    if diagnosis.verdict is not Verdict.HUNG:
        return first.others
    if diagnosis.findings[0].cause is not Cause.BLOCKED_PIPE:
        return ()
    return tuple(one for one in first.others if one.pid == first.process.parent_pid)


def collect(
    host: Host,
    service: ServiceSpec | None,
    services: Services,
    *,
    pid: int | None,
    asked: bool,
    told: Progress,
) -> Evidence:
    """Collect once; where the host has no sampler and may be given one, bring it along and collect then."""
    told("collecting evidence")
    may = services.settings.inspect.upload is Upload.AUTO or (
        services.settings.inspect.upload is Upload.ASK and asked
    )
    first = _look(host, service, services, pid, early=may, gentle=not asked)
    if not any(missing.code == "no_sampler" for missing in first.missing):
        return first
    path, refusal = _bring(host, first.machine, services, may=may, told=told)
    if path is None and not may:
        return _without_sampler(first, refusal)
    try:
        told("sampling")
        second = _look(
            host, service, services, pid or first.process.pid, sampler=path or "", gentle=not asked
        )
    except HostFailure as failure:
        return _without_sampler(first, refusal or clue("look_failed", said=failure.reason))
    finally:
        if path:
            _take_away(host, path, services)
    return second if path else _without_sampler(second, refusal)


def _without_sampler(evidence: Evidence, refusal: Clue | None) -> Evidence:
    """Return the evidence with why there are no stacks."""
    rest = (one for one in evidence.missing if one.code != "no_sampler")
    return replace(evidence, missing=(*rest, *([refusal] if refusal else [])))


def _look(
    host: Host,
    service: ServiceSpec | None,
    services: Services,
    pid: int | None,
    *,
    sampler: str = "",
    early: bool = False,
    gentle: bool = False,
) -> Evidence:
    mark, now = marks.new(services), services.clock.now()
    return collectors.collect(
        host, service, pid=pid, mark=mark, at=now, sampler=sampler, early=early, gentle=gentle
    )


def _bring(
    host: Host, machine: str, services: Services, *, may: bool, told: Progress
) -> tuple[str | None, Clue | None]:
    """Bring the sampler onto a host; return its path there, or why there is none."""
    if not may:
        never = services.settings.inspect.upload is Upload.NEVER
        return None, clue("upload_never" if never else "upload_when_asked")
    binary = services.sampler.get(machine)
    if binary is None:
        return None, clue("no_sampler_for", machine=machine)
    told("bringing the sampler along")
    try:
        return collectors.upload(host, binary, sha256(binary).hexdigest()), None
    except HostFailure as failure:
        return None, clue("upload_failed", said=failure.reason)


def _take_away(host: Host, path: str, services: Services) -> None:
    try:
        collectors.remove(host, path)
    except HostFailure as failure:
        services.telemetry.failure("sampler left behind", failure, host=host.spec.name, path=path)
