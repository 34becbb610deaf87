"""Checks: what is asked of something on a host, and how its answer is read. One kind, one file, which opens nothing itself.

A kind is asked over a connection from the host (`request` until `enough`), or by a script on it; `parse(reply, spec)` reads it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.checks import LONGEST_TEXT, PROBLEMS, CheckReading, CheckSpec, Reply, Said, Talk
from bot.domain.errors import HostFailure
from bot.domain.observations import ProbeOutcome
from bot.ports import Host, Limit, Script
from bot.probes.checks import (
    apache,
    clock,
    command,
    container,
    http,
    journal,
    memcached,
    mysql,
    nginx,
    postgresql,
    redis,
    supervisor,
    tcp,
    tls,
    units,
)

Parse = Callable[[Reply, CheckSpec], Said]
MOST_BYTES = 262_144


@dataclass(frozen=True, kw_only=True)
class OverStream:
    """`request(spec)` is sent, and what comes is kept until `enough`; `tls(spec)`: whether it goes through TLS."""

    parse: Parse
    port: int = 0
    request: Callable[[CheckSpec], bytes] = lambda _: b""
    enough: Callable[[bytes], bool] = lambda _: True
    tls: Callable[[CheckSpec], bool] = lambda _: False
    certificate: bool = False
    """Whether the server's certificate (DER) is what is wanted, and nothing is said."""


@dataclass(frozen=True, kw_only=True)
class OverScript:
    script: Script
    args: Callable[[CheckSpec], tuple[str, ...]]
    parse: Parse
    sudo: bool = False
    """Whether `sudo` is handed to it as its first argument where the host allows it."""


CHECKS: Mapping[str, OverStream | OverScript] = {
    "tcp": OverStream(parse=tcp.parse),
    "tls": OverStream(parse=tls.parse, port=443, tls=lambda _: True, certificate=True),
    "http": OverStream(
        parse=http.parse, port=80, request=http.request, enough=http.enough, tls=http.is_https
    ),
    "nginx": OverStream(
        parse=nginx.parse, port=80, request=http.request, enough=http.enough, tls=http.is_https
    ),
    "apache": OverStream(
        parse=apache.parse, port=80, request=http.request, enough=http.enough, tls=http.is_https
    ),
    "redis": OverStream(parse=redis.parse, port=6379, request=redis.request, enough=redis.enough),
    "memcached": OverStream(
        parse=memcached.parse, port=11211, request=memcached.request, enough=memcached.enough
    ),
    "command": OverScript(script=command.SCRIPT, args=command.args, parse=command.parse),
    "postgresql": OverScript(
        script=postgresql.SCRIPT, args=postgresql.args, parse=postgresql.parse, sudo=True
    ),
    "mysql": OverScript(script=mysql.SCRIPT, args=mysql.args, parse=mysql.parse, sudo=True),
    "units": OverScript(script=units.SCRIPT, args=units.args, parse=units.parse),
    "journal": OverScript(script=journal.SCRIPT, args=journal.args, parse=journal.parse, sudo=True),
    "clock": OverScript(script=clock.SCRIPT, args=clock.args, parse=clock.parse),
    "supervisor": OverScript(
        script=supervisor.SCRIPT, args=supervisor.args, parse=supervisor.parse, sudo=True
    ),
    "container": OverScript(script=container.SCRIPT, args=container.args, parse=container.parse, sudo=True),
}


def check(host: Host, spec: CheckSpec, *, now: Callable[[], datetime]) -> CheckReading:
    """Ask once. Never raises for what the host or the answer is like: that is UNKNOWN, with the reason."""
    kind, began = CHECKS[spec.kind], now()
    reply = host.talk(_talk(kind, spec)) if isinstance(kind, OverStream) else _run(host, kind, spec, now)
    if reply.problem:
        problem = PROBLEMS[reply.problem]
        said = replace(problem, text=f"{problem.text} ({reply.detail})") if reply.detail else problem
    else:
        said = kind.parse(reply, spec)
    text = " ".join(said.text.split())[:LONGEST_TEXT]
    return CheckReading(
        at=began, grade=said.grade, text=text, metrics=said.metrics, took_ms=round(reply.took_ms, 1)
    )


def _talk(kind: OverStream, spec: CheckSpec) -> Talk:
    address = spec.address(kind.port)
    return Talk(
        address=address,
        within_s=spec.timeout_s,
        request=kind.request(spec),
        enough=kind.enough,
        tls=(spec.server_name or address[0]) if kind.tls(spec) else None,
        certificate=kind.certificate,
    )


def _run(host: Host, kind: OverScript, spec: CheckSpec, now: Callable[[], datetime]) -> Reply:
    sudo = ("sudo" if host.spec.sudo else "",) if kind.sudo else ()
    limit = Limit(seconds=spec.timeout_s, bytes=MOST_BYTES)
    try:
        done = host.run(kind.script, (*sudo, *kind.args(spec)), limit=limit)
    except HostFailure as failure:
        late = failure.outcome is ProbeOutcome.TIMEOUT
        detail = f"no end after {spec.timeout_s:g} s" if late else failure.reason
        return Reply(at=now(), problem="unavailable", detail=detail)
    text = done.stdout + (done.stderr if not done.stdout.strip() else b"")
    return Reply(at=now(), text=text, took_ms=done.duration_s * 1000, exit=done.exit)
