"""File and environment → Settings, or a ConfigFault that names file, line, key and what to do."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from bot.config.document import Document, Path_, read
from bot.config.faults import fault_of, nearest, short
from bot.config.found_secrets import carries_password, refuse_secrets
from bot.config.model import ConfigFile, HostPart, RulePart, SshPart
from bot.config.part import LATER
from bot.domain.errors import ConfigFault
from bot.domain.expressions import ExpressionError
from bot.domain.rules import Rule, RuleFault, RuleOverride, rules_with
from bot.domain.settings import AccessPolicy, InspectPolicy, ProbePolicy, ReviewPolicy, Settings
from bot.domain.targets import Fleet, HostSpec, HttpCheck, ServiceSpec

LATER_RULES = ("service_degraded",)
"""Built-in rules of the contract that this version does not have."""
SEARCHED = ("hangbot.yaml", "/etc/hangbot/hangbot.yaml")


def is_found(cwd: Path) -> bool:
    """Return whether a config lies where one is looked for when none is named."""
    return any((cwd / candidate).is_file() for candidate in SEARCHED)


def find_config(explicit: Path | None, *, environ: Mapping[str, str], cwd: Path) -> Path:
    """Return the config's path: as given, else $HANGBOT_CONFIG, ./hangbot.yaml, /etc/hangbot/hangbot.yaml."""
    if explicit is not None:
        return cwd / explicit
    if named := environ.get("HANGBOT_CONFIG"):
        return cwd / named
    for candidate in SEARCHED:
        if (cwd / candidate).is_file():
            return cwd / candidate
    raise ConfigFault(
        file=SEARCHED[0],
        line=1,
        key="",
        problem=f"there is no config: neither ./{SEARCHED[0]} nor {SEARCHED[1]}",
        remedy="name one with -c FILE or $HANGBOT_CONFIG, or write one (see README)",
    )


def load(path: Path, *, environ: Mapping[str, str]) -> Settings:
    """Read and check the config. Raises ConfigFault; what is accepted and unused is in `Settings.warnings`."""
    document = read(path)
    refuse_secrets(document)
    try:
        parts = ConfigFile.model_validate(document.values)
    except ValidationError as error:
        raise fault_of(document, error) from error
    fleet = _fleet(document, parts)
    oncall = parts.oncall.get("default")
    probes = parts.probes
    return Settings(
        fleet=fleet,
        channel=parts.slack.channel,
        timezone=ZoneInfo(parts.timezone),
        database=_database(document, parts, environ),
        probes=ProbePolicy(interval_s=probes.interval, jitter=probes.jitter, retry_s=probes.retry)
        if probes
        else ProbePolicy(enabled=False),
        inspect=InspectPolicy(
            auto=parts.inspect.auto,
            upload=parts.inspect.upload,
            max_parallel=parts.inspect.max_parallel,
            cooldown_s=parts.inspect.cooldown,
        ),
        access=AccessPolicy(
            operators=tuple(parts.access.operators),
            evidence=parts.access.evidence,
            approve={str(verb): count for verb, count in parts.access.approve.items()},
        ),
        review=_review(parts),
        rules=_rules(document, parts, fleet),
        oncall=(*oncall.users, *filter(None, (oncall.usergroup,))) if oncall else (),
        mode=parts.slack.mode,
        warnings=tuple(_warnings(document, parts)),
    )


# --- from parts to the domain


def _review(parts: ConfigFile) -> ReviewPolicy:
    review = parts.review
    opens, closes = review.working_hours
    return ReviewPolicy(
        within_s=review.within,
        minutes=review.minutes,
        opens=opens,
        closes=closes,
        days=review.days,
        remind_s=tuple(review.remind or ()),
        ics=parts.calendar.ics,
    )


def _fleet(document: Document, parts: ConfigFile) -> Fleet:
    services = {
        name: ServiceSpec(
            name=name,
            unit=part.unit,
            process=part.process,
            http=HttpCheck(url=part.http.url, timeout_s=part.http.timeout) if part.http else None,
            restart=tuple(part.restart) if part.restart else None,
            start_grace_s=part.start_grace,
        )
        for name, part in parts.services.items()
    }
    for name, service in parts.services.items():
        if not any((service.unit, service.process, service.http, service.supervisor, service.container)):
            problem = f"nothing says how to find `{name}`"
            raise document.fault(
                ("services", name), problem, "give it a `unit:`, a `process:` or an `http:` address"
            )
    for kind, names in (("hosts", parts.hosts), ("services", services)):
        _refuse_twins(document, kind, names)
    hosts = {}
    for name, host in parts.hosts.items():
        _check_services(document, name, host, services)
        hosts[name] = _host(document, name, host, parts.ssh)
    return Fleet(hosts=hosts, services=services)


def _check_services(document: Document, name: str, host: HostPart, known: Mapping[str, Any]) -> None:
    for index, wanted in enumerate(host.services):
        path = ("hosts", name, "services", index)
        if wanted not in known:
            raise document.fault(path, f"there is no service `{wanted}`", nearest(wanted, known, "services"))
        if wanted in host.services[:index]:
            raise document.fault(path, f"`{wanted}` stands here twice", "keep one of them")


def _refuse_twins(document: Document, kind: str, names: Iterable[str]) -> None:
    """Names are typed in any case, so two must not differ in case alone."""
    seen: dict[str, str] = {}
    for name in names:
        twin = seen.setdefault(name.lower(), name)
        if twin != name:
            problem = f"`{name}` and `{twin}` (line {document.line((kind, twin))}) differ in case alone"
            raise document.fault((kind, name), problem, "rename one: in chat any case will do")


def _host(document: Document, name: str, host: HostPart, ssh: SshPart) -> HostSpec:
    def own(key: str) -> Any:
        value = getattr(host, key)
        return getattr(ssh, key) if value is None else value

    def path(key: str) -> str | None:
        written = own(key)
        place = ("ssh", key) if getattr(host, key) is None else ("hosts", name, key)
        return _path(document, place, written) if written else None

    return HostSpec(
        name=name,
        address=host.address or name,
        port=host.port,
        user=own("user"),
        key_file=path("key_file"),
        known_hosts=path("known_hosts"),
        transport=host.transport,
        zone=host.zone,
        labels=host.labels,
        services=tuple(host.services),
        connect_timeout_s=own("connect_timeout"),
        command_timeout_s=own("command_timeout"),
        sudo=own("sudo"),
    )


def _path(document: Document, path: Path_, written: str) -> str:
    """Return a path from the config's own folder; `~` is that of whoever runs this."""
    try:
        return str(document.file.resolve().parent / Path(written).expanduser())
    except RuntimeError as error:
        raise document.fault(path, f"`{written}` is in nobody's home", "write the path from / on") from error


def _rules(document: Document, parts: ConfigFile, fleet: Fleet) -> tuple[Rule, ...]:
    used = [(index, part) for index, part in enumerate(parts.rules) if part.alert not in LATER_RULES]
    for index, part in used:
        if part.service is not None and part.service not in fleet.services:
            path = ("rules", index, "service")
            problem = f"there is no service `{part.service}`"
            raise document.fault(path, problem, nearest(part.service, fleet.services, "services"))
        if part.host is not None and "*" not in part.host and part.host not in fleet.hosts:
            problem = f"there is no host `{part.host}`"
            raise document.fault(("rules", index, "host"), problem, nearest(part.host, fleet.hosts, "hosts"))
        try:
            rules_with([_override(part)])
        except ExpressionError as error:
            problem = f"{error.message} (at character {error.position + 1} of `{short(part.when)}`)"
            raise document.fault(("rules", index, "when"), problem, "mend the expression") from error
        except RuleFault:
            continue  # may rest on an entry before it: judged all together below
    try:
        return rules_with([_override(part) for _, part in used])
    except RuleFault as error:
        path = ("rules", used[error.index][0], error.key)
        remedy = "mend the name, or add `when:`" if error.key == "alert" else f"take `{error.key}:` out"
        raise document.fault(path, error.problem, remedy) from error


def _override(part: RulePart) -> RuleOverride:
    return RuleOverride(
        name=part.alert,
        when=part.when,
        for_s=part.for_,
        severity=part.severity,
        host=part.host,
        service=part.service,
        told=tuple(part.told) if part.told is not None else None,
        inspect=part.inspect,
    )


def _database(document: Document, parts: ConfigFile, environ: Mapping[str, str]) -> str:
    whole = environ.get("HANGBOT_DATABASE_URL", "").strip()
    written = whole or parts.database
    if carries_password(written) and not whole:
        remedy = (
            "take it out, and give it in PGPASSWORD, PGPASSFILE or the whole address in HANGBOT_DATABASE_URL"
        )
        raise document.fault(("database",), "a password stands in the config", remedy)
    kind, separator, rest = written.partition("://")
    if not separator or kind not in ("sqlite", "postgresql", "postgresql+psycopg"):
        remedy = "write sqlite:///hangbot.db or postgresql+psycopg://user@host/name"
        if whole:
            raise ConfigFault(
                file="HANGBOT_DATABASE_URL",
                line=1,
                key="",
                problem="this is no database address",
                remedy=remedy,
            )
        raise document.fault(("database",), "this is no database address", remedy)
    if kind != "sqlite":
        return written
    file = rest.removeprefix("/")
    if not file or file.startswith(":memory:") or file.endswith("/"):
        problem = "this names no file, and what is in memory alone is lost at the end"
        raise document.fault(("database",), problem, "write sqlite:///hangbot.db")
    return f"sqlite:///{_path(document, ('database',), file)}"


# --- what is not used


def _warnings(document: Document, part: BaseModel, path: Path_ = ()) -> Iterator[str]:
    """Walk everything that was given, and name what this version does not use."""
    for name in sorted(part.model_fields_set):
        field = type(part).model_fields[name]
        here = (*path, field.alias or name)
        if field.description == LATER:
            yield _unused(document, here)
        else:
            yield from _warnings_in(document, getattr(part, name), here)
    if not path:
        yield from _unused_choices(document)


def _warnings_in(document: Document, value: Any, path: Path_) -> Iterator[str]:
    if isinstance(value, BaseModel):
        yield from _warnings(document, value, path)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _warnings_in(document, inner, (*path, key))


def _unused_choices(document: Document) -> Iterator[str]:
    for key in document.values.get("oncall") or {}:
        if key != "default":
            yield f"{_unused(document, ('oncall', key))}, `oncall.default` alone is"
    for index, rule in enumerate(document.values.get("rules") or ()):
        if rule.get("alert") in LATER_RULES:
            where = f"{document.file}:{document.line(('rules', index))}"
            yield f"{where}: the rule `{rule['alert']}` is {LATER}"


def _unused(document: Document, path: Path_) -> str:
    return f"{document.file}:{document.line(path)}: `{'.'.join(map(str, path))}` is {LATER}"
