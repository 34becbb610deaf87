"""What will work on a host, and what to type where it will not: facts as they were found → checks."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.clues import Clue, Fact, clue
from bot.domain.observations import Observation, ProbeOutcome, ServiceState
from bot.domain.settings import Upload
from bot.domain.targets import HostSpec, ServiceSpec
from bot.domain.targets import Transport as Kind

SKEW_S = 2.0
SLOW_S = 0.5


class CheckState(StrEnum):
    OK = "ok"
    NOTE = "note"  # works, with less than there could be
    FAULT = "fault"  # will not work until somebody mends it


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was looked at; `mend` is what to type where it is not well."""

    name: str
    state: CheckState
    said: Clue
    mend: Clue | None = None


@dataclass(frozen=True, kw_only=True)
class Checkup:
    """All checks about one subject: a host, `slack`, or `config`."""

    subject: str
    checks: tuple[Check, ...]

    @property
    def is_well(self) -> bool:
        return all(check.state is not CheckState.FAULT for check in self.checks)


class Way(StrEnum):
    """How a host's rounds are asked."""

    LOCAL = "local"
    LOOP = "loop"  # a collector stays on it, one thread reads all
    HIDDEN_LENGTHS = "hidden_lengths"  # as THREADS: neither AES-GCM nor encrypt-then-MAC
    ODD_SHELL = "odd_shell"  # a command per round: its shell does not run the collector
    SINGLE = "single"  # one command, for somebody at a terminal
    THREADS = "threads"  # a collector stays, and a thread waits for its answer: paramiko is not as the loop needs it
    NONE = "none"  # there is no connection


class Sudo(StrEnum):
    ROOT = "root"  # the account is root itself
    FULL = "full"
    SOME = "some"
    REFUSED = "refused"
    ABSENT = "absent"


@dataclass(frozen=True, kw_only=True)
class SeenService:
    """A service as the account sees it. `traceable` None: there was no process to try it on."""

    name: str
    load: str = ""
    active: str = ""
    pids: tuple[int, ...] = ()
    owner: str = ""
    traceable: bool | None = None


@dataclass(frozen=True, kw_only=True)
class HostFacts:
    """What a host tells of itself. `skew_s`: how far its clock is ahead, `unsure_s` within what; None: it has no date."""

    account: str
    system: str = ""
    machine: str = ""
    shell: str = ""
    sudo: Sudo = Sudo.ABSENT
    yama: int | None = None
    journal: bool | None = None
    pressure: bool = False
    tools: Mapping[str, str] = field(default_factory=dict)
    services: tuple[SeenService, ...] = ()
    round_trip_s: float = 0.0
    skew_s: float | None = None
    unsure_s: float = 0.0


def epoch(text: str) -> tuple[float, float] | None:
    """Return seconds since 1970 of `date +%s.%N`, and how fine they are; busybox leaves `%N` as it is."""
    whole, _, part = text.strip().partition(".")
    if not whole.isdecimal():
        return None
    if part.isdecimal() and part:
        return float(f"{whole}.{part}"), 0.0
    return float(whole) + 0.5, 0.5


def ok(name: str, code: str, **facts: Fact) -> Check:
    return Check(name=name, state=CheckState.OK, said=clue(code, **facts))


def note(name: str, said: Clue, mend: Clue | None = None) -> Check:
    return Check(name=name, state=CheckState.NOTE, said=said, mend=mend)


def fault(name: str, said: Clue, mend: Clue | None = None) -> Check:
    return Check(name=name, state=CheckState.FAULT, said=said, mend=mend)


MENDS = {
    ProbeOutcome.HOST_KEY_UNKNOWN: "doctor_mend_trust",
    ProbeOutcome.HOST_KEY_CHANGED: "doctor_mend_changed",
    ProbeOutcome.AUTH_FAILED: "doctor_mend_login",
    ProbeOutcome.UNREACHABLE: "doctor_mend_reach",
    ProbeOutcome.TIMEOUT: "doctor_mend_reach",
    ProbeOutcome.ERROR: "doctor_mend_ssh",
}


def not_reached(spec: HostSpec, outcome: ProbeOutcome, reason: str) -> Check:
    """Return what is wrong with the way to a host, and how to look at it by hand."""
    name = spec.jump.name if spec.jump and reason.startswith(f"jump host {spec.jump.name}") else spec.name
    facts: dict[str, Fact] = {
        "host": name,
        "user": spec.user,
        "address": spec.address or spec.name,
        "port": spec.port,
        "key": f"{spec.key_file or 'the key'}",
        "known_hosts": spec.known_hosts or "known_hosts",
    }
    said = clue("doctor_not_reached", outcome=outcome.value, reason=reason)
    return fault("reach", said, clue(MENDS.get(outcome, "doctor_mend_ssh"), **facts))


def of_host(
    spec: HostSpec,
    services: Collection[ServiceSpec],
    facts: HostFacts,
    *,
    way: Way,
    observation: Observation,
    upload: Upload,
    samplers: Collection[str],
) -> tuple[Check, ...]:
    """Return all checks of a host that was reached; `samplers` are the machines that a sampler can be brought to."""
    return (
        _reach(spec, observation),
        _way(way),
        ok("login", "doctor_login", account=facts.account, system=facts.system or "an unknown system"),
        _sudo(spec, facts),
        *_traces(spec, facts),
        _sampler(facts, upload, samplers),
        *_tools(facts),
        _journal(facts, services),
        _clock(facts),
        _round_trip(facts),
        *_services(services, facts, observation),
    )


def _reach(spec: HostSpec, observation: Observation) -> Check:
    if spec.transport is Kind.LOCAL:
        return ok("reach", "doctor_local")
    through = ", ".join(jump.name for jump in spec.jumps)
    place = f"{spec.user}@{spec.address or spec.name}:{spec.port}"
    code = "doctor_reached_through" if through else "doctor_reached"
    return ok("reach", code, place=place, through=through, ms=round(observation.duration_ms))


def _way(way: Way) -> Check:
    said = clue(f"doctor_way_{way.value}")
    if way in (Way.LOOP, Way.LOCAL, Way.SINGLE):
        return Check(name="way", state=CheckState.OK, said=said)
    mend = clue("doctor_mend_ciphers") if way is Way.HIDDEN_LENGTHS else None
    return note("way", said, mend)


def _sudo(spec: HostSpec, facts: HostFacts) -> Check:
    if facts.sudo is Sudo.ROOT:
        return ok("sudo", "doctor_root")
    if not spec.sudo:
        return ok("sudo", "doctor_no_sudo_wanted")
    if facts.sudo is Sudo.FULL:
        return ok("sudo", "doctor_sudo")
    mend = clue("doctor_mend_sudo", account=facts.account)
    foreign = any(one.owner and one.owner != facts.account for one in facts.services)
    said = clue(f"doctor_sudo_{facts.sudo.value}", account=facts.account)
    return fault("sudo", said, mend) if foreign else note("sudo", said, mend)


def _traces(spec: HostSpec, facts: HostFacts) -> Iterator[Check]:
    for one in facts.services:
        if one.traceable is None:
            continue
        told: dict[str, Fact] = {
            "service": one.name,
            "pid": one.pids[0] if one.pids else 0,
            "owner": one.owner,
        }
        if one.traceable:
            yield Check(name="trace", state=CheckState.OK, said=clue("doctor_trace", **told))
            continue
        own = one.owner == facts.account
        mend = (
            clue("doctor_mend_yama")
            if own and facts.yama
            else clue("doctor_mend_sudo", account=facts.account)
        )
        yield fault(
            "trace",
            clue("doctor_no_trace", **told),
            mend if spec.sudo or own else clue("doctor_mend_sudo_off"),
        )


def _sampler(facts: HostFacts, upload: Upload, samplers: Collection[str]) -> Check:
    if "py-spy" in facts.tools:
        return ok("sampler", "doctor_sampler", path=facts.tools["py-spy"])
    if facts.machine not in samplers:
        return fault(
            "sampler",
            clue("doctor_no_sampler", machine=facts.machine or "this machine"),
            clue("doctor_mend_sampler"),
        )
    if upload is Upload.NEVER:
        return note("sampler", clue("doctor_sampler_never"), clue("doctor_mend_upload"))
    return ok("sampler", "doctor_sampler_asked" if upload is Upload.ASK else "doctor_sampler_brought")


def _tools(facts: HostFacts) -> Iterator[Check]:
    if "timeout" not in facts.tools:
        yield note("tools", clue("doctor_no_timeout"), clue("doctor_mend_install", package="coreutils"))
    if not {"gdb", "eu-stack"} & facts.tools.keys():
        yield note("tools", clue("doctor_no_debugger"), clue("doctor_mend_install", package="gdb"))
    if not facts.pressure:
        yield note("tools", clue("doctor_no_pressure"))


def _journal(facts: HostFacts, services: Collection[ServiceSpec]) -> Check:
    if facts.journal is None:
        return ok("journal", "doctor_no_journal")
    if facts.journal:
        return ok("journal", "doctor_journal")
    if facts.sudo in (Sudo.ROOT, Sudo.FULL):
        return note("journal", clue("doctor_journal_empty"))
    said, mend = clue("doctor_journal_closed"), clue("doctor_mend_journal", account=facts.account)
    return fault("journal", said, mend) if any(one.unit for one in services) else note("journal", said, mend)


def _clock(facts: HostFacts) -> Check:
    if facts.skew_s is None:
        return note("clock", clue("doctor_no_clock"))
    apart = abs(facts.skew_s)
    told: dict[str, Fact] = {"seconds": round(apart, 1), "unsure": round(max(facts.unsure_s, 0.001), 3)}
    if apart - facts.unsure_s <= SKEW_S:
        return Check(name="clock", state=CheckState.OK, said=clue("doctor_clock", **told))
    code = "doctor_clock_ahead" if facts.skew_s > 0 else "doctor_clock_behind"
    return fault("clock", clue(code, **told), clue("doctor_mend_clock"))


def _round_trip(facts: HostFacts) -> Check:
    ms = round(facts.round_trip_s * 1000)
    if facts.round_trip_s > SLOW_S:
        return note("round_trip", clue("doctor_slow", ms=ms))
    return ok("round_trip", "doctor_round_trip", ms=ms)


def _services(
    services: Collection[ServiceSpec], facts: HostFacts, observation: Observation
) -> Iterator[Check]:
    seen = {one.name: one for one in facts.services}
    for spec in services:
        one, reading = seen.get(spec.name), observation.services.get(spec.name)
        if spec.unit and one is not None and one.load != "loaded":
            if "systemctl" not in facts.tools:
                yield fault("service", clue("doctor_no_systemd", service=spec.name, unit=spec.unit))
            else:
                said = clue("doctor_no_unit", service=spec.name, unit=spec.unit, load=one.load or "not found")
                yield fault("service", said, clue("doctor_mend_unit"))
        elif spec.process and not spec.unit and one is not None and not one.pids:
            said = clue("doctor_no_process", service=spec.name, process=spec.process)
            yield fault("service", said, clue("doctor_mend_process"))
        elif reading is not None and reading.state is ServiceState.UNKNOWN:
            yield fault(
                "service", clue("doctor_unknown", service=spec.name, reason=reading.reason or "no reason")
            )
        elif reading is not None:
            yield ok("service", "doctor_service", service=spec.name, state=reading.state.value)
