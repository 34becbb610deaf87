"""The config's shape. A field marked `LATER` is accepted, and a warning says that this version does not use it."""

from datetime import time
from typing import Annotated, Any, Literal

from pydantic import Field

from bot.config import later, people
from bot.config.kinds import (
    Address,
    Among,
    Argv,
    Channel,
    Days,
    Duration,
    Hours,
    Jump,
    Name,
    Pattern,
    Share,
    SlackId,
    Text,
    Told,
    Url,
    Windows,
    Word,
    Zone,
    between,
)
from bot.config.part import LATER, Part
from bot.domain.alerts import Severity
from bot.domain.settings import EvidenceAudience, Upload
from bot.domain.targets import Transport

Port = Annotated[int, Field(ge=1, le=65535, strict=True)]
Connect = Annotated[Duration, between("100ms", "5m")]
Command = Annotated[Duration, between("1s", "1h")]
Reminder = Annotated[Duration, between("1s", "30d")]
Rhythm = Annotated[Duration, between("1s", "1d")]


UNUSED: Any = Field(default=None, description=LATER)


class SlackPart(Part):
    channel: Channel = ""
    mode: Literal["socket", "http"] = "socket"


class SshPart(Part):
    user: Word = "hangbot"
    key_file: Text | None = None
    known_hosts: Text = "known_hosts"
    connect_timeout: Connect = 5.0
    command_timeout: Command = 30.0
    sudo: bool = True
    jump: Jump | None = None
    certificate_file: Text | None = None
    agent: bool = True


class HostPart(Part):
    address: Address | None = None
    port: Port = 22
    zone: Text | None = None
    labels: dict[str, str] = {}
    services: list[str] = []
    transport: Transport = Transport.SSH
    user: Word | None = None
    key_file: Text | None = None
    known_hosts: Text | None = None
    connect_timeout: Connect | None = None
    command_timeout: Command | None = None
    sudo: bool | None = None
    jump: Jump | None = None
    certificate_file: Text | None = None
    agent: bool | None = None


class InventoryPart(Part):
    """More hosts from a file; `labels`, `zone` and `services` are for all of them."""

    ssh_config: Text | None = None
    ansible: Text | None = None
    file_sd: Text | None = None
    match: Text = "*"
    group: Text | None = None
    labels: dict[str, str] = {}
    zone: Text | None = None
    services: list[str] = []


class HttpPart(Part):
    url: Url
    timeout: Annotated[Duration, between("100ms", "1m")] = 3.0


class FrontPart(Part):
    url: Url
    from_: Name = Field(default="bot", alias="from")
    timeout: Annotated[Duration, between("100ms", "1m")] = 5.0


class ServicePart(Part):
    unit: Word | None = None
    supervisor: Text | None = None
    container: Text | None = None
    restart: Argv | None = None
    process: Text | None = None
    http: HttpPart | None = None
    front: FrontPart | None = None
    start_grace: Duration = 60.0


class CheckPart(Part):
    """One of the kinds, and what it asks."""

    tcp: Text | None = None
    tls: Text | None = None
    http: Url | None = None
    command: Argv | None = None
    nginx: Url | None = None
    apache: Url | None = None
    redis: Text | None = None
    memcached: Text | None = None
    postgresql: Text | None = None
    mysql: Text | None = None
    units: Literal["failed"] | None = None
    journal: Text | None = None
    clock: Literal["skew"] | None = None
    supervisor: Text | None = None
    container: Text | None = None
    hosts: Text | list[Text] = "*"
    every: Annotated[Duration, between("5s", "1d")] = 60.0
    timeout: Annotated[Duration, between("100ms", "2m")] = 10.0
    status: Annotated[int, Field(ge=100, le=599, strict=True)] | None = None
    body: Pattern | None = None
    under: Duration | None = None
    name: Text | None = None
    warning: Duration = 14 * 86400.0
    critical: Duration = 3 * 86400.0
    at_most: Annotated[float, Field(ge=0)] | None = None


class ProbesPart(Part):
    interval: Rhythm = 30.0
    jitter: Share = 0.1
    retry: Rhythm = 5.0


class RulePart(Part):
    alert: Name
    when: Text | None = None
    until: Text | None = None
    for_: Duration | None = Field(default=None, alias="for")
    keep_firing: Duration | None = None
    severity: Severity | None = None
    host: str | None = None
    service: str | None = None
    told: Told | None = None
    inspect: bool | None = None
    attempts: Annotated[int, Field(ge=1, le=100, strict=True)] | None = None
    of: Among | None = None
    match: dict[str, str] | None = None
    shadow: bool | None = None
    except_: Windows | None = Field(default=None, alias="except")
    runbook: Text | None = None


class InspectPart(Part):
    auto: bool = True
    upload: Upload = Upload.ASK
    max_parallel: int = Field(default=3, ge=1, le=64, strict=True)
    cooldown: Duration = 900.0


class AccessPart(Part):
    operators: list[SlackId] = []
    rules: list[later.AccessRulePart] | None = UNUSED
    evidence: EvidenceAudience = EvidenceAudience.CHANNEL
    approve: dict[Literal["restart", "run"], later.Count] = {}


class CalendarPart(Part):
    ics: bool = True
    smtp: people.SmtpPart | None = None
    caldav: later.CaldavPart | None = UNUSED


class ReviewPart(Part):
    within: Annotated[Duration, between("1h", "60d")] = 3 * 86400.0
    minutes: int = Field(default=45, ge=5, le=480, strict=True)
    working_hours: Hours = (time(9), time(17))
    days: Days = frozenset(range(5))
    remind: Annotated[list[Reminder], Field(max_length=10)] | Literal[False] = [86400.0, 900.0]


class ConfigFile(Part):
    slack: SlackPart = SlackPart()
    database: str = "sqlite:///hangbot.db"
    timezone: Zone = "UTC"
    ssh: SshPart = SshPart()
    hosts: dict[Name, HostPart] = {}
    inventories: list[InventoryPart] = []
    services: dict[Name, ServicePart] = {}
    probes: ProbesPart | Literal[False] = ProbesPart()
    checks: dict[Name, CheckPart] = {}
    rules: list[RulePart] = []
    inspect: InspectPart = InspectPart()
    routes: list[people.RoutePart] = []
    oncall: dict[str, people.OncallPart] = {}
    notify: people.NotifyPart = people.NotifyPart()
    page: people.PagePart = people.PagePart()
    escalate: list[people.StepPart] = []
    deadman: people.DeadmanPart | None = None
    heartbeats: dict[Name, people.HeartbeatPart] = {}
    runbooks: dict[Name, later.RunbookPart] | None = UNUSED
    access: AccessPart = AccessPart()
    calendar: CalendarPart = CalendarPart()
    review: ReviewPart = ReviewPart()
