"""Follow a wait to where it ends: whose connection → what a database says of it → who holds it up → that one's line.

What is found is added to the reasons of the finding; the headline stays that of the process that was inspected.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bot.collectors import NoProcess, servers
from bot.diagnosers import SURE_ENOUGH, diagnose
from bot.domain import peers, reading
from bot.domain.clues import Clue, clue
from bot.domain.diagnosis import Diagnosis, Finding, Inspection, Place
from bot.domain.errors import HostFailure
from bot.domain.evidence import Evidence
from bot.domain.peers import Wait
from bot.domain.sessions import ServerLook, Session
from bot.domain.targets import HostSpec
from bot.flows import marks
from bot.ports import Host, Services

MOST_HOPS = 3
BUDGET_S = 10.0
Look = Callable[[Host, int], Evidence]
"""Collects the evidence of one process on a host."""


@dataclass(kw_only=True)
class Trail:
    """How far we have come: what was found on the way, and which processes were seen."""

    services: Services
    look: Look
    ends_at: float
    seen: dict[tuple[str, int], int] = field(default_factory=dict)
    """The processes that were looked at, and how many threads each has."""
    clues: list[Clue] = field(default_factory=list)
    missing: list[Clue] = field(default_factory=list)
    suggest: Clue | None = None

    @property
    def over(self) -> bool:
        spent = self.services.clock.monotonic() >= self.ends_at
        return spent or len(self.seen) > MOST_HOPS


def follow(inspection: Inspection, evidence: Evidence, services: Services, *, look: Look) -> Inspection:
    """Return the inspection with what is known of whom it waits for; unchanged where that is nobody we know.

    Never raises HostFailure: what could not be asked is not seen.
    """
    findings = inspection.diagnosis.findings
    finding = next((one for one in findings if peers.wait_of(one) or peers.process_of(one)), None)
    if finding is None or (findings[0].confidence >= SURE_ENOUGH and finding is not findings[0]):
        return inspection
    origin = (evidence.host, evidence.process.pid)
    ends_at = services.clock.monotonic() + BUDGET_S
    trail = Trail(services=services, look=look, ends_at=ends_at, seen={origin: evidence.process.threads})
    _on(trail, finding, services.settings.fleet.hosts[evidence.host])
    told = replace(
        finding, because=(*finding.because, *trail.clues), suggest=trail.suggest or finding.suggest
    )
    return replace(
        inspection,
        diagnosis=Diagnosis(
            verdict=inspection.diagnosis.verdict,
            findings=tuple(told if one is finding else one for one in findings),
        ),
        not_seen=(*inspection.not_seen, *trail.missing),
    )


def _on(trail: Trail, finding: Finding, spec: HostSpec) -> None:
    """Go on from a finding on a host to whom it waits for."""
    wait, pid = peers.wait_of(finding), peers.process_of(finding)
    if wait is not None:
        _hop(trail, wait, spec)
    elif pid is not None:
        _process(trail, spec, pid)


def _hop(trail: Trail, wait: Wait, seen_from: HostSpec) -> None:
    """Follow one connection from a host to the process that has its other end, or to the session that holds it up."""
    fleet = trail.services.settings.fleet
    spec = peers.host_at(fleet, wait.address, seen_from=seen_from)
    if spec is None:
        trail.missing.append(clue("peer_not_in_fleet", peer=f"{wait.address}:{wait.port}"))
        return
    at = f"{spec.name}:{wait.port}"
    found = _ask(trail, spec, wait)
    if found is None:
        return
    service = peers.service_at(fleet, spec, wait.port)
    name = service.name if service else peers.program(one.command for one in found.listeners)
    trail.clues.append(clue("waits_for_named", peer=at, name=name or wait.kind))
    if found.kind:
        _session(trail, found, wait, spec)
    elif found.ends:
        _process(trail, spec, found.ends[0].pid)
    elif found.listeners:
        trail.clues.append(clue("not_accepted", peer=at))
        _process(trail, spec, found.listeners[0].pid, accepted=False)
    else:
        trail.missing.append(clue("nobody_seen_there", peer=at))


def _ask(trail: Trail, spec: HostSpec, wait: Wait) -> ServerLook | None:
    mark = marks.new(trail.services)
    try:
        host = trail.services.hosts.get(spec.name)
        return servers.ask(
            host, port=wait.port, client_port=wait.local_port, kind=wait.kind, mark=mark, end_pid=wait.end_pid
        )
    except HostFailure as failure:
        trail.missing.append(clue("peer_not_asked", host=spec.name, said=failure.reason))
        return None


# --- in a database


def _session(trail: Trail, found: ServerLook, wait: Wait, spec: HostSpec) -> None:
    """Tell our query and who holds it up; then go to the process of that session."""
    if not found.sessions:
        code = "server_silent" if found.silent else "server_refused" if found.refused else "no_session"
        peer = f"{spec.name}:{wait.port}"
        missing = clue(code, kind=found.kind, peer=peer, said=found.refused, grant=_grant(found.kind))
        trail.missing.append(missing)
        return
    ours = found.sessions[0]
    trail.clues.append(clue("our_session", **_told(ours), blocked=ours.blocked))
    root = found.root(ours)
    if root is None:
        return
    client = f"{root.client or spec.name}:{root.client_port}" if (root.client_port or 0) > 0 else spec.name
    trail.clues.append(clue("session_holds", **_told(root), client=client))
    trail.suggest = clue("end_that_transaction", id=root.id, kind=found.kind, client=client)
    client_at = peers.host_at(trail.services.settings.fleet, root.client, seen_from=spec)
    if client_at is None or not root.client_port or root.client_port < 0:
        return
    back = Wait(address="", port=root.client_port, local_port=wait.port)
    owner = _ask(trail, client_at, back)
    holder = next((one for one in owner.ends if one.command), None) if owner else None
    if holder is not None:
        trail.clues.append(clue("session_of", id=root.id, pid=holder.pid, host=client_at.name, command=holder.command[:120]))  # fmt: skip
        _process(trail, client_at, holder.pid)


def _told(session: Session) -> dict[str, str | int | float | bool | None]:
    since = "an unknown time" if session.for_s is None else _span(session.for_s)
    return {"id": session.id, "state": session.state, "since": since, "query": session.query or "no query"}


def _span(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole} s" if whole < 120 else f"{whole // 60} min" if whole < 7200 else f"{whole // 3600} h"


def _grant(kind: str) -> str:
    return {
        "PostgreSQL": "a sudo rule `(postgres) NOPASSWD: ALL` for this login, or a role with `pg_monitor`",
        "MySQL": "root's `unix_socket` login by sudo, or `GRANT PROCESS ON *.*`",
        "Redis": "`redis-cli CLIENT LIST` without a password on the host",
    }.get(kind, "")


# --- in another process


def _process(trail: Trail, spec: HostSpec, pid: int, *, accepted: bool = True) -> None:
    """Look at another process: say its line, and go on where it waits itself, for sure.

    One that was met before closes a circle, unless another of its threads may be about to answer.
    """
    if (threads := trail.seen.get((spec.name, pid))) is not None:
        closed = threads == 1 or not accepted
        trail.clues.append(clue("waits_in_circle" if closed else "comes_back_to", pid=pid, host=spec.name))
        return
    if trail.over:
        return
    trail.seen[spec.name, pid] = 0
    try:
        evidence = trail.look(trail.services.hosts.get(spec.name), pid)
    except (HostFailure, NoProcess):
        trail.missing.append(clue("peer_process_not_seen", pid=pid, host=spec.name))
        return
    trail.seen[spec.name, pid] = evidence.process.threads
    diagnosis, _, _ = diagnose(evidence)
    headline = next(iter(diagnosis.findings), None)
    place = _place(evidence, headline)
    if place is not None:
        cause = headline.cause.value if headline and headline.confidence >= SURE_ENOUGH else ""
        trail.clues.append(clue("process_stands_at", pid=pid, host=spec.name, function=place.function, place=f"{place.file} line {place.line}",
                                cause=cause))  # fmt: skip
        trail.suggest = clue("look_at_that_line", pid=pid, host=spec.name, function=place.function, place=f"{place.file} line {place.line}")  # fmt: skip
    elif evidence.snapshots and (task := next(iter(evidence.snapshots[-1].tasks), None)) is not None:
        where = task.syscall.name if task.syscall and task.syscall.name else task.wchan or "?"
        trail.clues.append(clue("process_waits_in", pid=pid, host=spec.name, state=task.state, where=where))
    if headline is not None and headline.confidence >= SURE_ENOUGH:
        _on(trail, headline, spec)


def _place(evidence: Evidence, headline: Finding | None) -> Place | None:
    """Return where a process stands: its finding's line, else the innermost line of its own in its first thread that has one."""
    if headline is not None and headline.culprit is not None:
        return headline.culprit
    threads = sorted(reading.samples(evidence).items())
    frames = (reading.application(stacks[-1].frames) for _, stacks in threads)
    return next((reading.place(evidence, frame) for frame in frames if frame), None)
