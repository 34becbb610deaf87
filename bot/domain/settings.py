"""The config as the program uses it: durations in seconds, defaults filled in, nothing secret."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo

from bot.domain.alerts import Severity
from bot.domain.builtin_rules import BUILTIN
from bot.domain.checks import CheckSpec
from bot.domain.heartbeats import HeartbeatSpec
from bot.domain.routes import DEFAULT, MailServer, OnCall, Paging, Route, Step, Way, labels_of, way_of
from bot.domain.rules import NOTIFY, Rule, Telling, rules_for
from bot.domain.targets import Fleet, Target


class Upload(StrEnum):
    """Whether a sampler may be uploaded to a host that has none."""

    NEVER = "never"
    ASK = "ask"  # only when a person asked for the inspection
    AUTO = "auto"


class EvidenceAudience(StrEnum):
    CHANNEL = "channel"
    ASKER = "asker"
    OPERATORS = "operators"


@dataclass(frozen=True, kw_only=True)
class InspectPolicy:
    """`cooldown_s`: how long the bot by itself leaves a target alone that it has inspected."""

    auto: bool = True
    upload: Upload = Upload.ASK
    max_parallel: int = 3
    cooldown_s: float = 900.0


@dataclass(frozen=True, kw_only=True)
class ProbePolicy:
    """`retry_s`: how soon a first failure is asked again. `enabled` False: only diagnose."""

    enabled: bool = True
    interval_s: float = 30.0
    jitter: float = 0.1
    retry_s: float = 5.0


@dataclass(frozen=True, kw_only=True)
class AccessPolicy:
    """`operators` are ids of users (`U…`) and user groups (`S…`); `approve`: verb → how many of them must say yes."""

    operators: tuple[str, ...] = ()
    evidence: EvidenceAudience = EvidenceAudience.CHANNEL
    approve: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ReviewPolicy:
    """When people meet. `days` counts from Monday 0; `within_s` after the incident; `remind_s` before the start."""

    within_s: float = 3 * 86400.0
    minutes: int = 45
    opens: time = time(9)
    closes: time = time(17)
    days: frozenset[int] = frozenset(range(5))
    remind_s: tuple[float, ...] = (86400.0, 900.0)
    ics: bool = True


@dataclass(frozen=True, kw_only=True)
class Deadman:
    """What is asked for after rounds that were committed, so that its silence tells of ours."""

    url: str
    every_s: float = 60.0


@dataclass(frozen=True, kw_only=True)
class Settings:
    """`channel` is a name with `#`, or an id. `teams` are those who are on call, by name; `notify` says how a severity is told
    where its rule does not.
    """

    fleet: Fleet
    channel: str = ""
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    database: str = "sqlite:///hangbot.db"
    probes: ProbePolicy = field(default_factory=ProbePolicy)
    inspect: InspectPolicy = field(default_factory=InspectPolicy)
    access: AccessPolicy = field(default_factory=AccessPolicy)
    review: ReviewPolicy = field(default_factory=ReviewPolicy)
    rules: tuple[Rule, ...] = ()
    teams: Mapping[str, OnCall] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    notify: Mapping[Severity, tuple[Telling, ...]] = field(default_factory=lambda: NOTIFY)
    paging: Paging = field(default_factory=Paging)
    escalate: tuple[Step, ...] = ()
    deadman: Deadman | None = None
    mail: MailServer | None = None
    heartbeats: tuple[HeartbeatSpec, ...] = ()
    mode: str = "socket"
    warnings: tuple[str, ...] = ()
    checks: tuple[CheckSpec, ...] = ()
    missing: tuple[str, ...] = ()
    """Inventories that are not there, as warnings say it."""
    sources: tuple[str, ...] = ()
    """The files of all inventories: a change of theirs changes the fleet."""
    """What the config says and this version does not use."""

    def oncall(self, team: str = DEFAULT) -> tuple[str, ...]:
        """Return the ids that the config names for a team."""
        named = self.teams.get(team)
        return named.ids if named else ()

    @property
    def channels(self) -> tuple[str, ...]:
        """All channels that alerts go to, the first the one of all others."""
        return tuple(dict.fromkeys((self.channel, *(one.channel for one in self.routes if one.channel))))

    def way(self, target: Target, *, rule: str, severity: Severity) -> Way:
        """Return where an alert goes."""
        return way_of(
            target,
            rule=rule,
            severity=severity,
            host=self.fleet.hosts.get(target.host),
            routes=self.routes,
            channel=self.channel,
        )

    def labels_of(self, host: str) -> Mapping[str, str]:
        """Return the labels of a host, its zone among them; none where nobody knows it."""
        return labels_of(self.fleet.hosts.get(host))

    def checks_on(self, host: str) -> tuple[CheckSpec, ...]:
        return tuple(check for check in self.checks if check.covers(host))

    @cached_property
    def rules_by_host(self) -> Mapping[str, Sequence[tuple[Rule, Target]]]:
        """What is judged on each host: worked out once, it is asked in every round."""
        return {name: rules_for(self.rules or BUILTIN, host) for name, host in self.fleet.hosts.items()}
