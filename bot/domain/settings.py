"""The config as the program uses it: durations in seconds, defaults filled in, nothing secret."""

from dataclasses import dataclass, field
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.rules import Rule
from bot.domain.targets import Fleet


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
    """`operators` are ids of users (`U…`) and user groups (`S…`)."""

    operators: tuple[str, ...] = ()
    evidence: EvidenceAudience = EvidenceAudience.CHANNEL


@dataclass(frozen=True, kw_only=True)
class Settings:
    """`channel` is a name with `#`, or an id. `oncall` are ids of users or groups to mention."""

    fleet: Fleet
    channel: str = ""
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    database: str = "sqlite:///hangbot.db"
    probes: ProbePolicy = field(default_factory=ProbePolicy)
    inspect: InspectPolicy = field(default_factory=InspectPolicy)
    access: AccessPolicy = field(default_factory=AccessPolicy)
    rules: tuple[Rule, ...] = ()
    oncall: tuple[str, ...] = ()
    mode: str = "socket"
    warnings: tuple[str, ...] = ()
    """What the config says and this version does not use."""
