"""Inspect one target: pick → collect → diagnose → keep → say. By itself, from a button, from a typed line, from the console."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256

from bot import collectors
from bot.collectors import NoProcess
from bot.diagnosers import diagnose
from bot.domain.access import evidence_for
from bot.domain.alerts import Alert, AlertStatus, Culprit, silence_covers
from bot.domain.clues import Clue, clue
from bot.domain.diagnosis import Diagnosis, Finding, Inspection, Verdict
from bot.domain.errors import BadArgument, ChatBusy, ChatClosed, ChatDoubtful, ChatRefused, HostFailure
from bot.domain.evidence import Evidence
from bot.domain.invocations import Invocation
from bot.domain.jobs import Job, JobKind, JobStatus
from bot.domain.messages import Message, Notification, Operation
from bot.domain.observations import ServiceState
from bot.domain.settings import EvidenceAudience, Upload
from bot.domain.targets import HostSpec, ServiceSpec, Target
from bot.flows import cards
from bot.flows.conflict import retried
from bot.ports import Host, Services
from bot.present import diagnosis as words
from bot.present import looking

Progress = Callable[[str], None]
USAGE = "/hang inspect HOST [SERVICE] [pid N]"
UNWELL = (ServiceState.SILENT, ServiceState.DEGRADED, ServiceState.DOWN)
FOLLOW_UP_PRIORITY = 2
LINES_AROUND = 3


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
    services: Services, *, target: Target, pid: int | None, invocation: Invocation | None, alert: Alert | None
) -> tuple[list[Notification], Job]:
    """Return what must be committed for an inspection that a worker then does.

    Asked for by a typed line it gets a root message of its own; from an alert, its answer goes into the alert's thread.
    """
    now = services.clock.now()
    inspection = services.ids.new("ins")
    asker = invocation.actor if invocation else None
    shown = evidence_for(asker, services.settings.access)
    job = Job(
        id=f"job_{inspection}",
        kind=JobKind.INSPECT,
        key=f"inspect:{target.host}/{target.service or ''}/{pid or ''}",
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
            "channel": invocation.channel if invocation else None,
            "by": asker.name if asker else None,
            "line": invocation.text if invocation else None,
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
    """Do a claimed inspection and say its result; done twice, it says nothing twice."""
    service = job.payload.get("service")
    target = Target(host=str(job.payload["host"]), service=str(service) if service else None)
    pid = job.payload.get("pid")
    wanted = str(job.payload["inspection"])
    inspection = services.store.inspection(wanted)
    if inspection is None:
        inspection = inspect(
            target,
            services,
            pid=int(pid) if pid else None,
            asked_by_person=bool(job.payload.get("asked")),
            progress=_progress(job, services),
            inspection_id=wanted,
        )
    finished = replace(job, status=JobStatus.DONE, result=inspection.id)
    retried(lambda: _tell(inspection, finished, services))
    if job.payload.get("evidence") == EvidenceAudience.ASKER:
        _whisper(inspection, job, services)


def inspect(
    target: Target,
    services: Services,
    *,
    pid: int | None = None,
    asked_by_person: bool,
    progress: Progress | None = None,
    inspection_id: str | None = None,
) -> Inspection:
    """Look at a target now, keep what was found, return it. A host that cannot be asked is an outcome, not an error."""
    told = progress or _silently
    spec = services.settings.fleet.hosts[target.host]
    service = services.settings.fleet.service_on(spec, target.service) if target.service else None
    identity = inspection_id or services.ids.new("ins")
    began = services.clock.monotonic()
    empty = Inspection(
        id=identity,
        target=target,
        at=services.clock.now(),
        diagnosis=Diagnosis(verdict=Verdict.UNKNOWN),
        next=None,
    )
    try:
        host = services.hosts.get(spec.name)
        evidence = _collect(host, service, services, pid=pid, asked=asked_by_person, told=told)
    except HostFailure as failure:
        again = f"/hang probe {spec.name}"
        found = replace(empty, outcome=failure.outcome, reason=failure.reason, next=again)
    except NoProcess:
        gone = clue("pid_gone", pid=pid) if pid else clue("no_process", service=target.service)
        found = replace(empty, not_seen=(gone,), next=f"/hang probe {spec.name}")
    else:
        told("diagnosing")
        found = _conclude(empty, evidence)
    found = replace(found, duration_s=round(services.clock.monotonic() - began, 2))
    services.store.commit(inspections=[found])
    return found


# --- collect


def _collect(
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
    evidence = _look(host, service, services, pid, early=may)
    if not any(missing.code == "no_sampler" for missing in evidence.missing):
        return evidence
    path, refusal = _bring(host, evidence.machine, services, may=may, told=told)
    if path is None:
        evidence = _look(host, service, services, pid or evidence.process.pid) if may else evidence
        rest = (one for one in evidence.missing if one.code != "no_sampler")
        return replace(evidence, missing=(*rest, *([refusal] if refusal else [])))
    try:
        told("sampling")
        return _look(host, service, services, pid or evidence.process.pid, sampler=path)
    finally:
        _take_away(host, path, services)


def _look(
    host: Host,
    service: ServiceSpec | None,
    services: Services,
    pid: int | None,
    *,
    sampler: str = "",
    early: bool = False,
) -> Evidence:
    mark, now = f"hangbot-mark-{services.ids.new('m')}", services.clock.now()
    return collectors.collect(host, service, pid=pid, mark=mark, at=now, sampler=sampler, early=early)


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


# --- conclude


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
        stacks=evidence.raw,
    )


def _snippet(evidence: Evidence, finding: Finding | None) -> tuple[tuple[int, str], ...]:
    """Return the lines around the headline's line."""
    if finding is None or finding.culprit is None:
        return ()
    lines = evidence.source.get(finding.culprit.file, {})
    around = range(finding.culprit.line - LINES_AROUND, finding.culprit.line + LINES_AROUND + 1)
    return tuple((number, lines[number]) for number in around if number in lines)


# --- say


def _tell(inspection: Inspection, finished: Job, services: Services) -> None:
    """Commit the job's end with everything that is said about it, in one transaction."""
    now = services.clock.now()
    message = words.message(inspection, evidence=finished.payload.get("evidence") == EvidenceAudience.CHANNEL)
    notifications: list[Notification] = []
    alerts: list[Alert] = []
    alert_id = finished.payload.get("alert")
    alert = services.store.alert(str(alert_id)) if alert_id else _alert_of(inspection.target, services)
    if alert is not None and alert.status is not AlertStatus.RESOLVED:
        alert = replace(alert, culprit=_culprit(inspection), updated_at=now)
        alerts.append(alert)
        notifications.append(_card(alert, services))
    if alert is not None and alert_id:
        notifications.append(
            _said(f"out_{inspection.id}.alert", alert.subject, Operation.REPLY, message, services)
        )
    if finished.payload.get("said"):
        subject = f"inspection:{inspection.id}"
        asked = looking.finished(
            inspection, by=str(finished.payload["by"]), line=str(finished.payload["line"])
        )
        notifications.append(_said(f"out_{inspection.id}.head", subject, Operation.EDIT, asked, services))
        notifications.append(_said(f"out_{inspection.id}.reply", subject, Operation.REPLY, message, services))
    services.store.commit(alerts=alerts, notifications=notifications, finished=[finished])


def _whisper(inspection: Inspection, job: Job, services: Services) -> None:
    """Show what was read to the asker alone; lost, it is asked for again."""
    channel = str(job.payload.get("channel") or services.settings.channel)
    try:
        services.chat.whisper(channel, str(job.payload["asker"]), words.message(inspection))
    except (ChatBusy, ChatClosed, ChatDoubtful, ChatRefused) as error:
        services.telemetry.failure("whisper lost", error)


def _alert_of(target: Target, services: Services) -> Alert | None:
    """Return the told alert of a target, whose card should name what was found."""
    open_ones = services.store.alerts(host=target.host, unresolved=True)
    return next((one for one in open_ones if one.target == target and one.told), None)


def _card(alert: Alert, services: Services) -> Notification:
    now = services.clock.now()
    silences = services.store.silences(now=now)
    silence = next((one for one in silences if silence_covers(one, alert.target, now=now)), None)
    observation = services.store.observations().get(alert.target.host)
    card = cards.card(alert, services, observation=observation, silence=silence, now=now)
    return cards.notification(alert, Operation.EDIT, card, services, now=now)


def _said(row: str, subject: str, operation: Operation, message: Message, services: Services) -> Notification:
    now = services.clock.now()
    return Notification(
        id=row,
        subject=subject,
        operation=operation,
        message=message,
        created_at=now,
        priority=FOLLOW_UP_PRIORITY,
    )


def _culprit(inspection: Inspection) -> Culprit:
    headline = next(iter(inspection.diagnosis.findings), None)
    place = headline.culprit if headline else None
    return Culprit(
        inspection=inspection.id,
        verdict=inspection.diagnosis.verdict.value,
        cause=headline.cause.value if headline else "unknown",
        confidence=headline.confidence if headline else 0.0,
        function=place.function if place else "",
        file=place.file if place else "",
        line=place.line if place else 0,
    )


@dataclass
class _Pace:
    """When something was shown last: edits of a live message, once a second at most."""

    shown_at: float = float("-inf")


def _progress(job: Job, services: Services) -> Progress:
    """Return what shows a step in the root message, best effort: the latest wins, a lost one does not matter."""
    if not job.payload.get("said"):
        return _silently
    pace = _Pace()
    spare = timedelta(seconds=1).total_seconds()

    def show(step: str) -> None:
        now = services.clock.monotonic()
        root = services.store.posted(f"inspection:{job.payload['inspection']}")
        if root is None or now - pace.shown_at < spare:
            return
        pace.shown_at = now
        message = looking.underway(
            str(job.payload["inspection"]), step, by=str(job.payload["by"]), line=str(job.payload["line"])
        )
        try:
            services.chat.edit(root, message, outbox=f"{job.id}.{step}")
        except (ChatBusy, ChatClosed, ChatDoubtful, ChatRefused) as error:
            services.telemetry.event("progress not shown", error=str(error))

    return show


def _silently(step: str) -> None:
    del step
