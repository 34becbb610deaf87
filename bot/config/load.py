"""File and environment → Settings, or a ConfigFault that names file, line, key and what to do."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args, get_origin
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from bot.config.document import Document, Path_, read
from bot.config.model import LATER, SECRET_KEYS, ConfigFile, HostPart, RulePart, SshPart
from bot.domain.errors import ConfigFault
from bot.domain.expressions import ExpressionError
from bot.domain.rules import Rule, RuleFault, RuleOverride, rules_with
from bot.domain.settings import AccessPolicy, InspectPolicy, ProbePolicy, Settings
from bot.domain.targets import Fleet, HostSpec, HttpCheck, ServiceSpec

SEARCHED = ("hangbot.yaml", "/etc/hangbot/hangbot.yaml")


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
    _refuse_secrets(document, document.values, ())
    try:
        parts = ConfigFile.model_validate(document.values)
    except ValidationError as error:
        raise _fault(document, error) from error
    folder = path.resolve().parent
    fleet = _fleet(document, parts, folder)
    oncall = parts.oncall.get("default")
    probes = parts.probes
    return Settings(
        fleet=fleet,
        channel=parts.slack.channel,
        timezone=ZoneInfo(parts.timezone),
        database=_database(document, parts, folder, environ),
        probes=ProbePolicy(interval_s=probes.interval, jitter=probes.jitter, retry_s=probes.retry)
        if probes
        else ProbePolicy(enabled=False),
        inspect=InspectPolicy(
            auto=parts.inspect.auto,
            upload=parts.inspect.upload,
            max_parallel=parts.inspect.max_parallel,
            cooldown_s=parts.inspect.cooldown,
        ),
        access=AccessPolicy(operators=tuple(parts.access.operators), evidence=parts.access.evidence),
        rules=_rules(document, parts, fleet),
        oncall=(*oncall.users, *filter(None, (oncall.usergroup,))) if oncall else (),
        mode=parts.slack.mode,
        warnings=tuple(_warnings(document, parts)),
    )


# --- from parts to the domain


def _fleet(document: Document, parts: ConfigFile, folder: Path) -> Fleet:
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
    hosts = {}
    for name, host in parts.hosts.items():
        for index, wanted in enumerate(host.services):
            if wanted not in services:
                path = ("hosts", name, "services", index)
                raise document.fault(
                    path, f"there is no service `{wanted}`", _nearest(wanted, services, "services")
                )
        hosts[name] = _host(name, host, parts.ssh, folder)
    return Fleet(hosts=hosts, services=services)


def _host(name: str, host: HostPart, ssh: SshPart, folder: Path) -> HostSpec:
    def own(key: str) -> Any:
        value = getattr(host, key)
        return getattr(ssh, key) if value is None else value

    key_file = own("key_file")
    return HostSpec(
        name=name,
        address=host.address or name,
        port=host.port,
        user=own("user"),
        key_file=_path(folder, key_file) if key_file else None,
        known_hosts=_path(folder, own("known_hosts")),
        transport=host.transport,
        zone=host.zone,
        labels=host.labels,
        services=tuple(host.services),
        connect_timeout_s=own("connect_timeout"),
        command_timeout_s=own("command_timeout"),
        sudo=own("sudo"),
    )


def _path(folder: Path, written: str) -> str:
    return str(folder / Path(written).expanduser())


def _rules(document: Document, parts: ConfigFile, fleet: Fleet) -> tuple[Rule, ...]:
    for index, part in enumerate(parts.rules):
        if part.service is not None and part.service not in fleet.services:
            path = ("rules", index, "service")
            problem = f"there is no service `{part.service}`"
            raise document.fault(path, problem, _nearest(part.service, fleet.services, "services"))
        if part.host is not None and "*" not in part.host and part.host not in fleet.hosts:
            problem = f"there is no host `{part.host}`"
            raise document.fault(("rules", index, "host"), problem, _nearest(part.host, fleet.hosts, "hosts"))
        try:
            rules_with([_override(part)])
        except ExpressionError as error:
            problem = f"{error.message} (at character {error.position + 1} of `{part.when}`)"
            raise document.fault(("rules", index, "when"), problem, "mend the expression") from error
        except RuleFault:
            continue  # may rest on an entry before it: judged all together below
    try:
        return rules_with([_override(part) for part in parts.rules])
    except RuleFault as error:
        raise document.fault(("rules", error.index, error.key), error.problem, "mend this entry") from error


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


def _database(document: Document, parts: ConfigFile, folder: Path, environ: Mapping[str, str]) -> str:
    if whole := environ.get("HANGBOT_DATABASE_URL"):
        return whole
    written = parts.database
    kind, separator, rest = written.partition("://")
    if not separator or kind not in ("sqlite", "postgresql", "postgresql+psycopg"):
        remedy = "write sqlite:///hangbot.db or postgresql+psycopg://user@host/name"
        raise document.fault(("database",), "this is no database address", remedy)
    if kind != "sqlite":
        if urlsplit(written).password:
            remedy = "take it out, and give it in PGPASSWORD, PGPASSFILE or the whole address in HANGBOT_DATABASE_URL"
            raise document.fault(("database",), "a password stands in the config", remedy)
        return written
    return f"sqlite:///{folder / Path(rest.removeprefix('/')).expanduser()}"


# --- what is wrong, and where


def _refuse_secrets(document: Document, value: Any, path: Path_) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key.lower() in SECRET_KEYS:
                remedy = (
                    "take it out; give it in the environment, or in a file named by NAME_FILE (see README)"
                )
                raise document.fault((*path, key), "a secret stands in the config", remedy)
            _refuse_secrets(document, inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _refuse_secrets(document, inner, (*path, index))


def _fault(document: Document, error: ValidationError) -> ConfigFault:
    found = [(_known_path(document, entry["loc"]), entry) for entry in error.errors(include_url=False)]
    path, entry = min(found, key=lambda one: (document.line(one[0]), one[1]["type"] == "literal_error"))
    match entry["type"]:
        case "extra_forbidden":
            return document.fault(
                path, f"there is no key `{path[-1]}` here", _nearest(str(path[-1]), _keys(path), "keys")
            )
        case "missing":
            key = entry["loc"][-1]
            return document.fault(path, f"`{key}` is missing", f"add `{key}:`")
        case "enum" | "literal_error":
            return document.fault(path, "this value is not known", f"write {entry['ctx']['expected']}")
        case "value_error":
            problem, _, remedy = str(entry["ctx"]["error"]).partition("|")
            return document.fault(path, f"`{_short(entry['input'])}` {problem}", remedy or "mend it")
        case _:
            wanted = entry["msg"].removeprefix("Input should be ")
            return document.fault(path, f"`{_short(entry['input'])}` does not fit", f"write {wanted}")


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _known_path(document: Document, loc: tuple[int | str, ...]) -> Path_:
    """Keep of pydantic's location what stands in the file: it names branches of unions too."""
    path: Path_ = ()
    for part in loc:
        longer = (*path, "for" if part == "for_" else part)
        if longer in document.lines:
            path = longer
    return path


def _keys(path: Path_) -> list[str]:
    """Return the keys that the place above `path` knows."""
    annotation: Any = ConfigFile
    for part in path[:-1]:
        model = next(_models_in(annotation), None)
        if get_origin(annotation) in (dict, list):
            annotation = model  # `part` is a name or an index that people chose
        elif model is not None:
            annotation = next(
                (f.annotation for name, f in model.model_fields.items() if (f.alias or name) == part), None
            )
    model = next(_models_in(annotation), None)
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _models_in(annotation: Any) -> Iterator[Any]:
    if _is_model(annotation):
        yield annotation
    elif get_origin(annotation):
        for inner in get_args(annotation):
            yield from _models_in(inner)


def _is_model(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, BaseModel)


def _nearest(word: str, known: Any, kind: str) -> str:
    names = [str(name) for name in known]
    close = get_close_matches(word, names, n=1, cutoff=0.5)
    if close:
        return f"did you mean `{close[0]}`?"
    return f"the {kind} here are: {', '.join(names)}" if names else f"there are no {kind} here"


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
            yield _unused(document, ("oncall", key))
    if str(document.values.get("database", "")).startswith("postgresql"):
        yield f"{document.file}:{document.line(('database',))}: PostgreSQL is not used yet: `run` will refuse it"
    if (document.values.get("slack") or {}).get("mode") == "http":
        yield f"{document.file}:{document.line(('slack', 'mode'))}: `slack.mode: http` is not used yet: the bot uses Socket Mode"


def _unused(document: Document, path: Path_) -> str:
    return f"{document.file}:{document.line(path)}: `{'.'.join(map(str, path))}` is {LATER}"
