"""File and environment → Settings, or a ConfigFault that names file, line, key and what to do."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from bot.config import telling
from bot.config.checks import checks_of
from bot.config.document import Document, Path_, read
from bot.config.faults import fault_of, nearest, short
from bot.config.fleet import fleet_of, path_of
from bot.config.found_secrets import carries_password, refuse_secrets
from bot.config.inventories import READERS
from bot.config.model import ConfigFile, RulePart
from bot.config.part import LATER
from bot.domain.errors import ConfigFault
from bot.domain.expressions import ExpressionError, compile_expression
from bot.domain.rules import Rule, RuleFault, RuleOverride, rules_with
from bot.domain.settings import AccessPolicy, InspectPolicy, ProbePolicy, ReviewPolicy, Settings
from bot.domain.targets import Fleet

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
    fleet, sources = fleet_of(document, parts, environ)
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
        teams=telling.teams_of(parts),
        routes=telling.routes_of(document, parts),
        notify=telling.notify_of(parts),
        paging=telling.paging_of(document, parts),
        escalate=telling.steps_of(parts),
        deadman=telling.deadman_of(parts),
        heartbeats=telling.heartbeats_of(document, parts, fleet.hosts),
        mail=telling.mail_of(parts),
        mode=parts.slack.mode,
        warnings=tuple(_warnings(document, parts)),
        sources=sources,
        checks=checks_of(document, parts, fleet),
        missing=tuple(_missing_inventories(document, parts)),
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


def _rules(document: Document, parts: ConfigFile, fleet: Fleet) -> tuple[Rule, ...]:
    for index, part in enumerate(parts.rules):
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
            key, text = _faulty(part)
            problem = f"{error.message} (at character {error.position + 1} of `{short(text)}`)"
            raise document.fault(("rules", index, key), problem, "mend the expression") from error
        except RuleFault:
            continue  # may rest on an entry before it: judged all together below
    try:
        return rules_with([_override(part) for part in parts.rules])
    except RuleFault as error:
        path = ("rules", error.index, error.key)
        remedy = "mend the name, or add `when:`" if error.key == "alert" else f"take `{error.key}:` out"
        raise document.fault(path, error.problem, remedy) from error


def _faulty(part: RulePart) -> tuple[str, str]:
    """Return which of the two conditions cannot be read, and its text."""
    try:
        compile_expression(part.when or "")
    except ExpressionError:
        if part.when is not None:
            return "when", part.when
    return "until", part.until or ""


def _override(part: RulePart) -> RuleOverride:
    return RuleOverride(
        name=part.alert,
        when=part.when,
        until=part.until,
        for_s=part.for_,
        keep_firing_s=part.keep_firing,
        severity=part.severity,
        host=part.host,
        service=part.service,
        told=tuple(part.told) if part.told is not None else None,
        inspect=part.inspect,
        attempts=part.attempts,
        of=part.of,
        match=part.match,
        shadow=part.shadow,
        windows=part.except_,
        runbook=part.runbook,
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
    return f"sqlite:///{path_of(document, ('database',), file)}"


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
        yield from _missing_inventories(document, part)


def _warnings_in(document: Document, value: Any, path: Path_) -> Iterator[str]:
    if isinstance(value, BaseModel):
        yield from _warnings(document, value, path)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _warnings_in(document, inner, (*path, key))


def _missing_inventories(document: Document, part: BaseModel) -> Iterator[str]:
    for index, one in enumerate(part.inventories if isinstance(part, ConfigFile) else ()):
        for kind in READERS:
            path: Path_ = ("inventories", index, kind)
            if (written := getattr(one, kind)) and not Path(path_of(document, path, written)).exists():
                where = f"{document.file}:{document.line(path)}"
                yield f"{where}: there is no file `{written}`: no hosts come from it until there is one"


def _unused(document: Document, path: Path_) -> str:
    return f"{document.file}:{document.line(path)}: `{'.'.join(map(str, path))}` is {LATER}"
