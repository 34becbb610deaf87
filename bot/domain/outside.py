"""What others tell us: deploys and the like, and the alerts of an Alertmanager. Documents → values, or what is wrong with them."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from bot.domain.alerts import Severity
from bot.domain.targets import Fleet, HostSpec, Target

LONGEST = 200
LONGEST_TEXT = 1000
MOST_QUIET_S = 86400.0
DURATION = re.compile(r"(?:[0-9]{1,6}(?:ms|s|m|h|d))+")
PART = re.compile(r"([0-9]{1,6})(ms|s|m|h|d)")
SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
KIND = re.compile(r"[a-z][a-z0-9_-]{0,39}")
EVENT_KEYS = ("kind", "service", "host", "version", "by", "quiet", "id")
HOST_LABELS = ("host", "hostname", "node", "nodename", "instance", "server", "machine", "target")
SERVICE_LABELS = ("service", "app", "application", "job", "name", "unit")
CRITICAL = frozenset(("critical", "page", "error", "high", "fatal", "emergency", "disaster", "p1"))
QUIET = frozenset(("info", "informational", "none", "debug", "low", "notice"))
SOMEWHERE = "elsewhere"
"""The host of an alert that names none."""


class BadDocument(ValueError):
    """What somebody sent cannot be used; the text says what to send instead."""


@dataclass(frozen=True, kw_only=True)
class OutsideEvent:
    """Something that was done to a service, on all hosts that have it or on one. `quiet_s`: how long what follows of it is
    held back. `key`: the same where the same is sent again, empty where nobody says.
    """

    kind: str
    service: str | None
    host: str | None
    version: str = ""
    by: str = ""
    quiet_s: float = 0.0
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class ForeignAlert:
    """One alert of an Alertmanager. `id` is the same for the same episode; `known`: whether its host is one of ours."""

    id: str
    name: str
    target: Target
    known: bool
    severity: Severity
    firing: bool
    starts_at: datetime
    summary: str
    description: str
    url: str
    labels: Mapping[str, str] = field(default_factory=dict)


# --- POST /webhooks/event


def read_event(document: object, fleet: Fleet) -> OutsideEvent:
    """Read an event. Raises BadDocument."""
    if not isinstance(document, Mapping):
        raise BadDocument('send an object: {"kind": "deploy", "service": "shop", "quiet": "10m"}')
    unknown = sorted(set(map(str, document)) - set(EVENT_KEYS))
    if unknown:
        raise BadDocument(f"there is no key {unknown[0]!r}: known are {', '.join(EVENT_KEYS)}")
    words = {key: _word(document, key) for key in EVENT_KEYS}
    kind = words["kind"].lower()
    if not KIND.fullmatch(kind):
        raise BadDocument('`kind` says what was done: "deploy", "reboot", "maintenance"')
    host = _known("host", words["host"], fleet.hosts)
    service = _known("service", words["service"], fleet.services)
    if host is None and service is None:
        raise BadDocument("say which `service` or `host` it was done to")
    if host is not None and service is not None and service not in fleet.hosts[host].services:
        raise BadDocument(f"{host} has no service {service}: {', '.join(fleet.hosts[host].services)}")
    return OutsideEvent(
        kind=kind,
        service=service,
        host=host,
        version=words["version"],
        by=words["by"],
        quiet_s=_seconds(words["quiet"]),
        key=words["id"],
    )


def targets_of(event: OutsideEvent, fleet: Fleet) -> tuple[Target, ...]:
    """Return everything that an event was done to."""
    if event.host is not None:
        return (Target(host=event.host, service=event.service),)
    return tuple(
        Target(host=name, service=event.service)
        for name, spec in fleet.hosts.items()
        if event.service in spec.services
    )


def _word(document: Mapping[Any, Any], key: str) -> str:
    value = document.get(key)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadDocument(f"`{key}` is a text")
    return clean(str(value), LONGEST)


def _known(key: str, word: str, known: Mapping[str, object]) -> str | None:
    if not word:
        return None
    found = next((name for name in known if name.lower() == word.lower()), None)
    if found is None:
        names = ", ".join(list(known)[:8]) or "none"
        raise BadDocument(f"the config has no {key} {word!r}; it has: {names}")
    return found


def _seconds(text: str) -> float:
    if not text:
        return 0.0
    if not DURATION.fullmatch(text):
        raise BadDocument('`quiet` is a length of time: "90s", "10m", "1h30m"')
    seconds = math.fsum(float(number) * SECONDS[unit] for number, unit in PART.findall(text))
    if seconds > MOST_QUIET_S:
        raise BadDocument("`quiet` is 24 h at most")
    return seconds


# --- POST /webhooks/alertmanager


def read_alerts(document: object, fleet: Fleet, *, now: datetime) -> tuple[ForeignAlert, ...]:
    """Read what Alertmanager's webhook sends, version 4. Raises BadDocument.

    https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
    """
    if not isinstance(document, Mapping):
        raise BadDocument("send what Alertmanager's webhook sends: an object")
    if str(document.get("version", "4")) != "4":
        raise BadDocument(f"version {document.get('version')!r} is not known here: 4 is")
    alerts = document.get("alerts")
    if not isinstance(alerts, Sequence) or isinstance(alerts, str | bytes):
        raise BadDocument("`alerts` is a list")
    return tuple(_alert(one, fleet, now=now) for one in alerts)


def _alert(one: object, fleet: Fleet, *, now: datetime) -> ForeignAlert:
    if not isinstance(one, Mapping):
        raise BadDocument("each of `alerts` is an object")
    labels, notes = _texts(one.get("labels")), _texts(one.get("annotations"))
    name = labels.get("alertname", "")
    if not name:
        raise BadDocument("an alert has no label `alertname`")
    starts_at = moment(one.get("startsAt")) or now
    target, known = _target(labels, fleet)
    fingerprint = str(one.get("fingerprint") or "") or _hash(
        *(f"{key}={value}" for key, value in sorted(labels.items()))
    )
    url = clean(str(one.get("generatorURL") or ""), LONGEST_TEXT)
    return ForeignAlert(
        id=f"alr_{_hash(fingerprint, starts_at.isoformat())}",
        name=name,
        target=target,
        known=known,
        severity=_severity(labels.get("severity", "")),
        firing=str(one.get("status")) != "resolved",
        starts_at=min(starts_at, now),
        summary=notes.get("summary") or notes.get("message") or "",
        description=notes.get("description", ""),
        url=url if url.startswith(("http://", "https://")) else "",
        labels=labels,
    )


def _texts(value: object) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise BadDocument("labels and annotations are objects of texts")
    return {clean(str(key), LONGEST): clean(str(text), LONGEST_TEXT) for key, text in value.items()}


def _severity(word: str) -> Severity:
    lowered = word.lower()
    if lowered in CRITICAL:
        return Severity.CRITICAL
    return Severity.INFO if lowered in QUIET else Severity.WARNING


def _target(labels: Mapping[str, str], fleet: Fleet) -> tuple[Target, bool]:
    """Return what an alert is about, and whether its host is one of ours: by name, address, or the name before the dots."""
    words = [labels[key] for key in HOST_LABELS if labels.get(key)]
    host = next((found for word in words if (found := _host(word, fleet)) is not None), None)
    service = _service(labels, host, fleet)
    if host is None and service is not None:
        having = [one for one in fleet.hosts.values() if service in one.services]
        host = having[0] if len(having) == 1 and not words else None
    if host is not None:
        return Target(host=host.name, service=service), True
    named = next((bare for word in words if (bare := _bare(word))), SOMEWHERE)
    return Target(host=named, service=service or labels.get("service") or None), False


def _host(word: str, fleet: Fleet) -> HostSpec | None:
    bare = _bare(word).lower()
    for one in fleet.hosts.values():
        if bare in (one.name.lower(), one.address.lower()):
            return one
    short = bare.partition(".")[0]
    if re.fullmatch(r"[0-9.]+", bare):
        return None
    return next((one for one in fleet.hosts.values() if short == one.name.lower().partition(".")[0]), None)


def _bare(word: str) -> str:
    """Return a host without scheme, port and path."""
    bare = word.partition("://")[2] or word
    bare = bare.partition("/")[0]
    if bare.startswith("["):
        return bare[1:].partition("]")[0]
    return bare.partition(":")[0] if bare.count(":") == 1 else bare


def _service(labels: Mapping[str, str], host: HostSpec | None, fleet: Fleet) -> str | None:
    known = host.services if host is not None else tuple(fleet.services)
    for key in SERVICE_LABELS:
        word = labels.get(key, "").lower()
        for name in known:
            spec = fleet.services[name]
            if word and word.removesuffix(".service") in (
                name.lower(),
                (spec.unit or "").removesuffix(".service").lower(),
            ):
                return name
    return None


def moment(value: object) -> datetime | None:
    """Read a moment as ISO 8601 has it; None where it is none, or the year 1."""
    if not isinstance(value, str):
        return None
    try:  # Alertmanager writes nanoseconds, which Python cuts at six digits
        found = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", value))
    except ValueError:
        return None
    if found.year <= 1:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _hash(*words: str) -> str:
    return blake2b("\0".join(words).encode(), digest_size=8).hexdigest()


def clean(text: str, most: int) -> str:
    """Return a foreign text on one line, without what is not printable, and not longer than `most`."""
    shown = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"
