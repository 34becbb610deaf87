"""Where an alert goes and whom it calls: routes, on-call teams, ways to page, steps of escalation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from bot.domain.alerts import Severity
from bot.domain.targets import HostSpec, Target

DEFAULT = "default"
"""The on-call team of what no route sends elsewhere."""
ONCALL, PAGE = "oncall", "page"
"""What a step of an escalation may go to, besides the id of a user or a group."""
PAGES = "page:"
"""How the places begin that are no channel of the chat, but a way to page."""


class PagePath(StrEnum):
    PAGERDUTY = "pagerduty"
    WEBHOOK = "webhook"
    SMTP = "smtp"


class PageEvent(StrEnum):
    """As PagerDuty's Events API v2 calls them (developer.pagerduty.com, `event_action`)."""

    TRIGGER = "trigger"
    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"


@dataclass(frozen=True, kw_only=True)
class OnCall:
    """Who looks after a team's alerts: ids of users, a user group, or a calendar whose present event names them."""

    users: tuple[str, ...] = ()
    usergroup: str = ""
    ical: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        return (*self.users, *filter(None, (self.usergroup,)))


@dataclass(frozen=True, kw_only=True)
class Route:
    """Where alerts go that match: labels of the host, or `host`, `service`, `zone`, `alert` and `severity`; values may be
    patterns (`web*`). `channel` and `oncall` empty: as without a route.
    """

    match: Mapping[str, str] = field(default_factory=dict)
    channel: str = ""
    oncall: str = ""


@dataclass(frozen=True, kw_only=True)
class Way:
    """Where one alert goes: the channel, and the name of its on-call team."""

    channel: str
    oncall: str = DEFAULT


@dataclass(frozen=True, kw_only=True)
class Paging:
    """The ways to page that the config has; their secrets are with those who send."""

    pagerduty: bool = False
    webhook: str = ""
    smtp: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[PagePath, ...]:
        named = {
            PagePath.PAGERDUTY: self.pagerduty,
            PagePath.WEBHOOK: self.webhook,
            PagePath.SMTP: self.smtp,
        }
        return tuple(path for path, given in named.items() if given)


@dataclass(frozen=True, kw_only=True)
class Step:
    """`after_s` an alert was told, and nobody has acknowledged it: `to` is ONCALL, PAGE, or an id."""

    after_s: float
    to: str


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """Where mail is handed in. The password comes from the environment."""

    host: str
    port: int = 587
    sender: str = ""
    user: str = ""


def way_of(
    target: Target,
    *,
    rule: str,
    severity: Severity,
    host: HostSpec | None,
    routes: Sequence[Route],
    channel: str,
) -> Way:
    """Return where an alert goes by the first route that matches it; `channel` is that of all others."""
    known = facts_of(target, rule=rule, severity=severity, host=host)
    for route in routes:
        if all(fnmatchcase(known.get(key, ""), wanted) for key, wanted in route.match.items()):
            return Way(channel=route.channel or channel, oncall=route.oncall or DEFAULT)
    return Way(channel=channel)


def facts_of(target: Target, *, rule: str, severity: Severity, host: HostSpec | None) -> Mapping[str, str]:
    """Return what an alert may be matched by; what is said of the alert itself goes before a label of that name."""
    own = {"host": target.host, "service": target.service or "", "alert": rule, "severity": severity.value}
    return {**labels_of(host), **own}


def labels_of(host: HostSpec | None) -> Mapping[str, str]:
    """Return a host's labels, its zone among them."""
    if host is None:
        return {}
    return {**host.labels, "zone": host.zone} if host.zone else host.labels


def place_of(path: PagePath) -> str:
    """Return what stands for a way to page where a message's channel stands."""
    return f"{PAGES}{path.value}"


def path_of(place: str) -> PagePath:
    """Return the way that `place_of` stands for."""
    return PagePath(place.removeprefix(PAGES))


def is_page(place: str) -> bool:
    return place.startswith(PAGES)
