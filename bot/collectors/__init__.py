"""How evidence is fetched: one script, one channel; what comes back is read here, purely.

Each file reads its own sections of the script's answer. `collect` asks the host, `read` joins what the files found.
"""

import gzip
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.collectors import (
    answers,
    awaits,
    changes,
    differences,
    handles,
    jvm,
    listeners,
    lock_owners,
    logs,
    native,
    pressure,
    process,
    snapshots,
    source,
    stacks,
    top,
)
from bot.collectors import checkup as checkups
from bot.collectors.scripts import (
    CHECKUP,
    DIFF,
    DISCOVER,
    EVIDENCE,
    LISTING,
    LOGS,
    RECEIVE,
    REMOVE,
    TIME,
    TOP,
)
from bot.domain.busy import Top
from bot.domain.checkups import HostFacts, epoch
from bot.domain.clues import Clue, clue
from bot.domain.differences import Listing, Since
from bot.domain.discovery import Listener
from bot.domain.errors import HostFailure
from bot.domain.evidence import Evidence
from bot.domain.logs import Log
from bot.domain.observations import ProbeOutcome
from bot.domain.targets import ServiceSpec
from bot.domain.written import written
from bot.ports import Host, Limit, Script

LIMIT = Limit(seconds=15.0, bytes=4_000_000)
LOOK_LIMIT = Limit(seconds=15.0, bytes=1_000_000)
CHECKUP_LIMIT = Limit(seconds=20.0, bytes=200_000)
UPLOAD_LIMIT = Limit(seconds=30.0, bytes=10_000)
MOST_TEXT = 24_000_000
Sections = dict[str, str]
Keys = Mapping[str, Mapping[str, str]]
"""Settings by file and key: `=TEXT`, or `#SUM`."""

COLLECTORS: dict[str, Callable[[Sections], Any]] = {
    "process": process.process,
    "others": process.others,
    "children": process.children,
    "pressure": pressure.pressure,
    "stacks": stacks.dumps,
    "sockets": handles.sockets,
    "files": handles.files,
    "traffic": answers.traffic,
    "awaiting": awaits.tasks,
    "jvm": jvm.counters,
    "locks": lock_owners.lock_waits,
    "source": source.source,
}


class NoProcess(Exception):
    """The service has no process to look at."""


def collect(
    host: Host,
    service: ServiceSpec | None,
    *,
    pid: int | None,
    mark: str,
    at: datetime,
    sampler: str = "",
    early: bool = False,
    gentle: bool = False,
) -> Evidence:
    """Fetch everything in one round trip. `mark` must be unguessable: it parts the sections.

    `early`: where the host has no sampler, come back at once with no more than the process. `gentle`: never stop the
    process, only read it as it runs.

    Raises HostFailure where the host cannot be asked, NoProcess where there is nothing to look at.
    """
    unit, text = (service.unit or "", service.process or "") if service else ("", "")
    arguments = (
        mark,
        str(pid or ""),
        unit,
        text,
        sampler,
        _sudo(host),
        "early" if early else "",
        "gentle" if gentle else "",
        _port(service),
    )
    completed = host.run(EVIDENCE, arguments, limit=LIMIT)
    sections = split(unpack(completed.stdout), mark)
    if "none" in sections:
        raise NoProcess(str(pid or text or unit))
    evidence = read(sections, host=host.spec.name, service=service.name if service else None, at=at)
    if evidence is None:
        complaint = completed.stderr.decode(errors="replace").strip()[:200]
        raise HostFailure(ProbeOutcome.ERROR, complaint or "the host's answer could not be read")
    if completed.truncated or "end" not in sections:
        return replace(evidence, missing=(*evidence.missing, clue("cut_short")))
    return evidence


def last_lines(host: Host, service: ServiceSpec, *, mark: str, seconds: float, lines: int) -> Log:
    """Fetch the end of a service's log. Raises HostFailure, and NoProcess where it has neither unit nor process."""
    arguments = (
        mark,
        "",
        service.unit or "",
        service.process or "",
        str(round(seconds)),
        _sudo(host),
        str(lines),
        "",
        _port(service),
    )
    sections = split(unpack(host.run(LOGS, arguments, limit=LOOK_LIMIT).stdout), mark)
    found = logs.log(sections)
    if found is None and "none" in sections:
        raise NoProcess(service.name)
    return found or Log(missing=clue("log_nowhere"))


def since(
    host: Host, service: ServiceSpec, *, mark: str, at: datetime, seconds: float, well_s: float | None
) -> Since:
    """Fetch what changed about a service in the last `seconds`; `well_s`: how long ago it was last seen well, if ever.

    Raises HostFailure, and NoProcess where it has neither unit nor process.
    """
    ago = "" if well_s is None else str(round(well_s))
    sections = _files_of(host, service, DIFF, mark=mark, first=str(round(seconds)), second=ago)
    found = differences.since(sections, changes.changes(sections, at=at), at=at)
    if found is None:
        raise HostFailure(ProbeOutcome.ERROR, "the host's answer could not be read")
    return found


def listing(host: Host, service: ServiceSpec, *, mark: str) -> Listing:
    """Fetch what a host has of a service, to lay it beside another one. Raises as `since` does."""
    sections = _files_of(host, service, LISTING, mark=mark, first="", second="")
    found = differences.listing(sections, home=changes.places(sections).home)
    if found is None:
        raise HostFailure(ProbeOutcome.ERROR, "the host's answer could not be read")
    return found


def keys(host: Host, service: ServiceSpec, names: Sequence[str], *, mark: str, salt: str) -> Keys:
    """Fetch the settings in some of the files of a listing; what may be secret comes as a salted sum, too short to guess from."""
    return differences.keys(_files_of(host, service, LISTING, mark=mark, first=salt, second="\n".join(names)))


def _files_of(
    host: Host, service: ServiceSpec, script: Script, *, mark: str, first: str, second: str
) -> Sections:
    named = (service.unit or "", service.process or "")
    arguments = (mark, "", *named, first, _sudo(host), second, "", _port(service))
    completed = host.run(script, arguments, limit=LOOK_LIMIT)
    sections = split(unpack(completed.stdout), mark)
    if "none" in sections:
        raise NoProcess(service.name)
    if "runs" not in sections:
        complaint = completed.stderr.decode(errors="replace").strip()[:200]
        raise HostFailure(ProbeOutcome.ERROR, complaint or "the host's answer could not be read")
    return sections


def busiest(host: Host, *, mark: str) -> Top:
    """Fetch the processes that use most of a host. Raises HostFailure."""
    completed = host.run(TOP, (mark, "", "", "", "", _sudo(host)), limit=LOOK_LIMIT)
    sections = split(unpack(completed.stdout), mark)
    if "busiest" not in sections:
        complaint = completed.stderr.decode(errors="replace").strip()[:200]
        raise HostFailure(ProbeOutcome.ERROR, complaint or "the host's answer could not be read")
    return top.top(sections, host=host.spec.name)


def listening(host: Host, *, mark: str) -> tuple[list[Listener], list[int]]:
    """Fetch who listens on a host, and the ports whose processes cannot be seen. Raises HostFailure."""
    completed = host.run(DISCOVER, (mark, "", "", "", "", _sudo(host)), limit=LOOK_LIMIT)
    sections = split(unpack(completed.stdout), mark)
    if "listening" not in sections:
        complaint = completed.stderr.decode(errors="replace").strip()[:200]
        raise HostFailure(ProbeOutcome.ERROR, complaint or "the host's answer could not be read")
    return listeners.listeners(sections)


def checkup(
    host: Host, services: Sequence[ServiceSpec], *, mark: str, now: Callable[[], datetime]
) -> HostFacts:
    """Ask a host what will work on it; `now` is read beside its own clock. Raises HostFailure."""
    before = now()
    timed = host.run(TIME, limit=CHECKUP_LIMIT)
    after = now()
    round_trip = (after - before).total_seconds()
    told = epoch(timed.stdout.decode(errors="replace"))
    skew, unsure = None, round_trip / 2
    if told is not None:
        skew = told[0] - (before.timestamp() + round_trip / 2)
        unsure += told[1]
    names = [word for one in services for word in (one.name, one.unit or "", one.process or "")]
    completed = host.run(CHECKUP, (mark, _sudo(host), *names), limit=CHECKUP_LIMIT)
    sections = split(completed.stdout.decode(errors="replace"), mark)
    found = checkups.facts(
        sections, round_trip_s=timed.duration_s or round_trip, skew_s=skew, unsure_s=unsure
    )
    if found is None:
        complaint = completed.stderr.decode(errors="replace").strip()[:200]
        raise HostFailure(ProbeOutcome.ERROR, complaint or "the host's answer could not be read")
    return found


def _port(service: ServiceSpec | None) -> str:
    """Return the port of a service's own URL: who listens there is its process, where neither unit nor name tells."""
    return str(service.http.port) if service and service.http and service.http.port else ""


def _sudo(host: Host) -> str:
    return "sudo" if host.spec.sudo else ""


def upload(host: Host, binary: bytes, sha256: str) -> str:
    """Put the sampler onto a host, checked there; return its path. Raises HostFailure with the host's own reason."""
    completed = host.run(RECEIVE, (sha256,), stdin=gzip.compress(binary, 6), limit=UPLOAD_LIMIT)
    path = completed.stdout.decode(errors="replace").strip()
    if completed.exit != 0 or not path.startswith("/"):
        reason = completed.stderr.decode(errors="replace").strip() or "the upload failed"
        raise HostFailure(ProbeOutcome.ERROR, reason[:200])
    return path


def remove(host: Host, path: str) -> None:
    """Take an uploaded sampler away again."""
    host.run(REMOVE, (path,), limit=UPLOAD_LIMIT)


def unpack(packed: bytes) -> str:
    """Return the answer as text; it is gzipped where the host could, and may be cut."""
    if packed[:2] == b"\x1f\x8b":
        packed = zlib.decompressobj(wbits=31).decompress(packed, MOST_TEXT)
    return packed[:MOST_TEXT].decode("utf-8", errors="replace")


def split(text: str, mark: str) -> Sections:
    """Return the sections by their heads; a head that comes twice is told apart by a number."""
    sections: Sections = {}
    for part in text.split(f"\n{mark} ")[1:]:
        head, _, body = part.partition("\n")
        key = head.strip()
        while key in sections:
            key += " "
        sections[key] = body
    return sections


def read(sections: Sections, *, host: str, service: str | None, at: datetime) -> Evidence | None:
    """Join what the sections say, None where they do not even tell the process."""
    found = process.process(sections)
    if found is None:
        return None
    machine, ticks, _, _ = process.machine(sections)
    outer = stacks.outer_tids(sections)
    dumps = stacks.dumps(sections, folder=process.folder(sections)) or jvm.dumps(sections, outer)
    if found.runtime == "python" and (version := _version(dumps)):
        found = replace(found, runtime=f"python {version}")
    if version := jvm.version(sections):
        found = replace(found, runtime=f"java {version}")
    taken = next((float(key.split()[1]) for key in sections if key.startswith("took ")), 0.0)
    return Evidence(
        host=host,
        service=service,
        process=found,
        at=at,
        machine=machine,
        ticks_per_second=ticks,
        snapshots=snapshots.snapshots(sections, machine=machine),
        pressure=pressure.pressure(sections),
        pinned_to=pressure.pinned_to(sections),
        dumps=dumps,
        sockets=handles.sockets(sections),
        files=handles.files(sections),
        traffic=answers.traffic(sections),
        front=answers.front(sections),
        awaiting=awaits.tasks(sections),
        children=process.children(sections),
        locks=handles.locks(sections, found.pid),
        lock_waits=lock_owners.lock_waits(sections),
        jvm=jvm.jvm(sections, outer),
        mutexes=native.mutexes(sections),
        native=stacks.native(sections),
        file_circle=lock_owners.file_circle(sections, found.pid),
        forked_from=lock_owners.forked_from(sections),
        source=source.source(sections),
        source_newer=source.newer(sections, started_s=found.started_at.timestamp()),
        others=process.others(sections),
        folder=process.folder(sections),
        missing=tuple(missing(sections, found.pid, found.runtime)),
        longest_pause_ms=stacks.longest_pause_ms(dumps, sections),
        left_as_found=process.left_as_found(sections),
        duration_s=taken / 1000,
        raw=written(dumps),
        log=logs.log(sections),
        changes=changes.changes(sections, at=at),
    )


def _version(dumps: Any) -> str:
    for frame in (frame for dump in dumps for thread in dump.threads for frame in thread.frames):
        _, found, rest = frame.file.partition("/lib/python")
        if found and rest[:1].isdecimal():
            return str(rest.partition("/")[0])
    return ""


def missing(sections: Sections, pid: int, runtime: str) -> list[Clue]:
    """Return what could not be seen, and why."""
    _, _, _, root = process.machine(sections)
    found = []
    if process.started_again(sections):
        return [clue("process_changed", pid=pid)]
    if process.is_zombie(sections):
        return [clue("ended_unreaped", pid=pid)]
    if any(key.startswith("jvm") for key in sections):
        found += jvm.missing(sections)
    elif "notpython" in sections:
        unread = sections.get("process", "").splitlines()[2:3] == ["?"]
        found += [clue("not_ours_to_read")] if unread else native.missing(sections, runtime, pid)
    elif "nosampler" in sections:
        found.append(clue("no_sampler"))
    elif not any(key.startswith("dump ") for key in sections):
        said = " ".join(stacks.failures(sections)).lower()
        denied = "permission" in said or "operation not permitted" in said or "get process executable" in said
        complaint = next(iter(stacks.failures(sections)), "").splitlines()[:1]
        found.append(
            clue("no_right_to_trace") if denied else clue("sampler_failed", said="".join(complaint)[:160])
        )
    elif "noreducer" in sections:
        found.append(clue("no_locals"))
    if not root and not any(
        task.syscall or task.wchan
        for shot in snapshots.snapshots(sections, machine="")
        for task in shot.tasks
    ):
        found.append(clue("no_kernel_view"))
    return found
