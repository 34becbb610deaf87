"""Inspect one target: pick → collect → diagnose → keep → say. By itself, from a button, from a typed line, from the console."""

from dataclasses import replace
from datetime import timedelta

from bot.collectors import NoProcess
from bot.diagnosers import diagnose
from bot.domain.access import evidence_for
from bot.domain.alerts import Alert
from bot.domain.clues import clue
from bot.domain.diagnosis import Cause, Diagnosis, Finding, Inspection, Verdict
from bot.domain.errors import BadArgument, HostFailure
from bot.domain.evidence import Evidence
from bot.domain.invocations import Invocation, Place
from bot.domain.jobs import Job, JobKind, JobStatus
from bot.domain.messages import Notification, Operation
from bot.domain.observations import ProbeOutcome, ServiceState
from bot.domain.profiling import profile
from bot.domain.settings import EvidenceAudience
from bot.domain.targets import HostSpec, Target
from bot.flows import collect, compared, findings, follow, lately, recall, storm
from bot.flows.conflict import retried
from bot.flows.findings import FOLLOW_UP_PRIORITY, Progress
from bot.ports import Host, Services
from bot.present import looking

USAGE = "/hang inspect HOST [SERVICE] [pid N]"
UNWELL = (ServiceState.SILENT, ServiceState.DEGRADED, ServiceState.DOWN)
LINES_AROUND = 3
GENTLY = "looked_gently"
MOST_ATTEMPTS = 3
A_MOMENT = timedelta(minutes=2)
TIME_FOR_OTHERS_S = 3.5
"""Until when a look at another process of the service begins, where the first does not hang."""


def meant(services: Services, host: HostSpec, named: str | None, *, pid: int | None) -> Target:
    """Return what is to be looked at: the service named, else the only one, else the only one that is unwell.

    Raises UnknownName for a service nobody knows there, and BadArgument where neither service nor pid is clear.
    """
    if named:
        return Target(host=host.name, service=services.settings.fleet.service_on(host, named).name)
    if len(host.services) == 1:
        return Target(host=host.name, service=host.services[0])
    observation = services.store.observations().get(host.name)
    readings = observation.services if observation else {}
    unwell = [name for name, reading in readings.items() if reading.state in UNWELL]
    if len(unwell) != 1 and pid is None:
        raise BadArgument(
            "which_service" if host.services else "no_service",
            word=host.name,
            usage=USAGE,
            known=", ".join(host.services),
        )
    return Target(host=host.name, service=unwell[0] if len(unwell) == 1 else None)


def request(
    services: Services,
    *,
    target: Target,
    pid: int | None,
    invocation: Invocation | None,
    alert: Alert | None,
    dump: bool = False,
) -> tuple[list[Notification], Job]:
    """Return what must be committed for an inspection that a worker then does.

    Asked for by a typed line it gets a root message of its own; from an alert, its answer goes into the alert's thread.
    `dump`: of what was found the stacks are told, as a file.
    """
    now = services.clock.now()
    inspection = services.ids.new("ins")
    asker = invocation.actor if invocation else None
    alone = invocation is not None and invocation.place is Place.DIRECT and alert is None
    shown = evidence_for(asker, services.settings.access, alone=alone)
    job = Job(
        id=f"job_{inspection}",
        kind=JobKind.INSPECT,
        key=f"{'dump' if dump else 'inspect'}:{target.host}/{target.service or ''}/{pid or ''}{f'/{asker.id}' if asker else ''}",
        payload={
            "inspection": inspection,
            "host": target.host,
            "service": target.service,
            "pid": pid,
            "alert": alert.id if alert else None,
            "asked": invocation is not None,
            "said": bool(invocation and not invocation.actor.local and alert is None),
            "evidence": shown.value if shown else None,
            "asker": asker.id if asker else None,
            "local": asker is not None and asker.local,
            "channel": invocation.channel if invocation else None,
            "by": asker.name if asker else None,
            "line": invocation.text if invocation else None,
            "dump": dump,
        },
        created_at=now,
        due_at=now,
    )
    if not job.payload["said"] or invocation is None:
        return [], job
    root = Notification(
        id=f"out_{inspection}.root",
        subject=f"inspection:{inspection}",
        operation=Operation.POST,
        message=looking.started(target, invocation, inspection),
        created_at=now,
        channel=invocation.channel or services.settings.channel,
        thread_ts=invocation.thread_ts,
        priority=FOLLOW_UP_PRIORITY,
    )
    return [root], job


def run_job(job: Job, services: Services) -> None:
    """Do a claimed inspection and say its result; done twice, it says nothing twice.

    One that ended in a fault of ours again and again is given up, and that is said.
    """
    service = job.payload.get("service")
    target = Target(host=str(job.payload["host"]), service=str(service) if service else None)
    pid = job.payload.get("pid")
    wanted = str(job.payload["inspection"])
    inspection = services.store.inspection(wanted)
    if job.attempt > MOST_ATTEMPTS:
        _give_up(inspection or _failed(target, wanted, services), job, services)
        return
    if inspection is None:
        if storm.held_back(job, services):
            return
        inspection = inspect(
            target,
            services,
            pid=int(pid) if pid else None,
            joins=True,
            asked_by_person=bool(job.payload.get("asked")),
            progress=findings.progress(job, services),
            inspection_id=wanted,
        )
    finished = replace(job, status=JobStatus.DONE, result=inspection.id)
    retried(lambda: findings.tell(inspection, finished, services, also=compared.rows(finished, services)))
    if job.payload.get("evidence") == EvidenceAudience.ASKER:
        (
            compared.whisper(job, services)
            if compared.is_part(job)
            else findings.whisper(inspection, job, services)
        )


def _failed(target: Target, identity: str, services: Services) -> Inspection:
    return Inspection(
        id=identity,
        target=target,
        at=services.clock.now(),
        diagnosis=Diagnosis(verdict=Verdict.UNKNOWN),
        outcome=ProbeOutcome.ERROR,
        reason=f"{MOST_ATTEMPTS} tries failed on my side; my log says why",
        next=f"/hang probe {target.host}",
    )


def _give_up(inspection: Inspection, job: Job, services: Services) -> None:
    """End a job that no try could end; where even telling it fails, end it without a word."""
    failed = replace(job, status=JobStatus.FAILED, result=inspection.id)
    try:
        services.store.commit(inspections=[inspection])
        retried(lambda: findings.tell(inspection, failed, services, also=compared.rows(failed, services)))
    except Exception as error:  # noqa: BLE001 — else it would be claimed again for ever
        services.telemetry.failure("given up untold", error, job=job.id)
        services.store.commit(finished=[failed])


def inspect(
    target: Target,
    services: Services,
    *,
    pid: int | None = None,
    asked_by_person: bool,
    progress: Progress | None = None,
    inspection_id: str | None = None,
    joins: bool = False,
) -> Inspection:
    """Look at a target now, keep what was found, return it. A host that cannot be asked is an outcome, not an error.

    Nobody else looks at it meanwhile. `joins`: where somebody did when this was asked for, what that one found of the
    process will do, and is kept under this id too.
    """
    identity = inspection_id or services.ids.new("ins")

    def look(earlier: Inspection | None) -> Inspection:
        if earlier is not None and joins and _will_do(earlier, pid, asked=asked_by_person):
            shared = replace(earlier, id=identity)
            services.store.commit(inspections=[shared])
            return shared
        return _inspect(
            target,
            services,
            pid=pid,
            asked=asked_by_person,
            told=progress or findings.silently,
            identity=identity,
        )

    return services.looks.alone(target, look)


def _will_do(earlier: Inspection, pid: int | None, *, asked: bool) -> bool:
    """Return whether what another look just found is what this one would find: a person's may look closer."""
    if earlier.process is None or pid not in (None, earlier.process.pid):
        return False
    gently = any(one.code == GENTLY for one in earlier.not_seen)
    return not (asked and gently)


def _inspect(
    target: Target, services: Services, *, pid: int | None, asked: bool, told: Progress, identity: str
) -> Inspection:
    spec = services.settings.fleet.hosts[target.host]
    service = services.settings.fleet.service_on(spec, target.service) if target.service else None
    began = services.clock.monotonic()
    empty = Inspection(
        id=identity,
        target=target,
        at=services.clock.now(),
        diagnosis=Diagnosis(verdict=Verdict.UNKNOWN),
        next=None,
        answers=_answers(target, services),
    )
    try:
        host = services.hosts.get(spec.name)
        evidence = collect.collect(host, service, services, pid=pid, asked=asked, told=told)
        if pid is None:

            def look(other: int) -> Evidence:
                return collect.collect(host, service, services, pid=other, asked=asked, told=told)

            evidence = collect.of_the_one_that_hangs(
                evidence, look=look, clock=services.clock, until=began + TIME_FOR_OTHERS_S
            )
    except HostFailure as failure:
        again = f"/hang probe {spec.name}"
        found = replace(empty, outcome=failure.outcome, reason=failure.reason, next=again)
    except NoProcess:
        gone = clue("pid_gone", pid=pid) if pid else clue("no_process", service=target.service)
        found = replace(empty, not_seen=(gone,), next=f"/hang probe {spec.name}")
    else:
        told("diagnosing")
        found = recall.remember(_conclude(empty, evidence), evidence, services)
        found = lately.changed(found, evidence, services)
        found = _gently(_follow(found, evidence, services, asked=asked), asked=asked)
    found = replace(found, duration_s=round(services.clock.monotonic() - began, 2))
    services.store.commit(inspections=[found])
    services.telemetry.count("inspections", cause=_cause(found).value)
    return found


def _answers(target: Target, services: Services) -> bool:
    """Return whether a service answered a moment ago, and nobody was told otherwise."""
    observation = services.store.observations().get(target.host)
    reading = observation.services.get(target.service or "") if observation else None
    if observation is None or reading is None or reading.state is not ServiceState.ANSWERING:
        return False
    lately = services.clock.now() - observation.at <= A_MOMENT
    return lately and findings.alert_of(target, services) is None


def _cause(inspection: Inspection) -> Cause:
    """Return what it is counted as: a guess is no cause."""
    diagnosis = inspection.diagnosis
    named = diagnosis.findings and diagnosis.verdict is not Verdict.UNKNOWN
    return diagnosis.findings[0].cause if named else Cause.UNKNOWN


def _follow(found: Inspection, evidence: Evidence, services: Services, *, asked: bool) -> Inspection:
    """Go to where a wait ends; whoever is met on the way is looked at as the first one was."""

    def look(host: Host, pid: int) -> Evidence:
        return collect.collect(host, None, services, pid=pid, asked=asked, told=findings.silently)

    return follow.follow(found, evidence, services, look=look)


# --- conclude


def _gently(found: Inspection, *, asked: bool) -> Inspection:
    """Say of a look that nobody asked for, and that names nothing, that a person's looks closer."""
    process, named = found.process, found.diagnosis.verdict is not Verdict.UNKNOWN
    if asked or named or process is None or not process.runtime.startswith("python"):
        return found
    return replace(found, not_seen=(*found.not_seen, clue(GENTLY)))


def _conclude(empty: Inspection, evidence: Evidence) -> Inspection:
    diagnosis, following, more = diagnose(evidence)
    headline = next(iter(diagnosis.findings), None)
    return replace(
        empty,
        diagnosis=diagnosis,
        process=evidence.process,
        not_seen=(*evidence.missing, *more),
        next=following,
        left_as_found=evidence.left_as_found,
        longest_pause_ms=evidence.longest_pause_ms,
        snippet=_snippet(evidence, headline),
        others=tuple(f"{one.pid} {one.command[:80]}" for one in evidence.others[:5]),
        log=evidence.log,
        stacks=evidence.raw,
        profile=profile(evidence),
    )


def _snippet(evidence: Evidence, finding: Finding | None) -> tuple[tuple[int, str], ...]:
    """Return the lines around the headline's line."""
    if finding is None or finding.culprit is None:
        return ()
    lines = evidence.source.get(finding.culprit.file, {})
    around = range(finding.culprit.line - LINES_AROUND, finding.culprit.line + LINES_AROUND + 1)
    return tuple((number, lines[number]) for number in around if number in lines)
