"""The config's shape. A field marked `LATER` is accepted, and a warning says that this version does not use it."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bot.config.kinds import Argv, Duration, Name, Share, SlackId, Url, Zone
from bot.domain.alerts import Severity
from bot.domain.rule import Telling
from bot.domain.settings import EvidenceAudience, Upload
from bot.domain.targets import Transport

LATER = "not used yet"
Later = Annotated[Any, Field(description=LATER)]
SECRET_KEYS = ("password", "token", "secret", "signing_secret", "bot_token", "app_token", "routing_key")


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=False, populate_by_name=True)


class SlackPart(Part):
    channel: str = ""
    mode: Literal["socket", "http"] = "socket"


class SshPart(Part):
    user: str = "hangbot"
    key_file: str | None = None
    known_hosts: str = "known_hosts"
    connect_timeout: Duration = 5.0
    command_timeout: Duration = 30.0
    sudo: bool = True


class HostPart(Part):
    address: str = ""
    port: int = Field(default=22, ge=1, le=65535)
    zone: str | None = None
    labels: dict[str, str] = {}
    services: list[str] = []
    transport: Transport = Transport.SSH
    user: str | None = None
    key_file: str | None = None
    known_hosts: str | None = None
    connect_timeout: Duration | None = None
    command_timeout: Duration | None = None
    sudo: bool | None = None


class HttpPart(Part):
    url: Url
    timeout: Duration = 3.0


class ServicePart(Part):
    unit: str | None = None
    supervisor: Later = None
    container: Later = None
    restart: Argv | None = None
    process: str | None = None
    http: HttpPart | None = None
    front: Later = None
    start_grace: Duration = 60.0


class ProbesPart(Part):
    interval: Duration = 30.0
    jitter: Share = 0.1
    retry: Duration = 5.0

    @field_validator("interval", "retry")
    @classmethod
    def bounded(cls, seconds: float) -> float:
        if not 1 <= seconds <= 86400:
            raise ValueError("is out of bounds|write something between 1s and 1d")
        return seconds


class RulePart(Part):
    alert: Name
    when: str | None = None
    for_: Duration | None = Field(default=None, alias="for")
    severity: Severity | None = None
    host: str | None = None
    service: str | None = None
    told: list[Telling] | None = None
    inspect: bool | None = None


class InspectPart(Part):
    auto: bool = True
    upload: Upload = Upload.ASK
    max_parallel: int = Field(default=3, ge=1, le=64)
    cooldown: Duration = 900.0


class OncallPart(Part):
    users: list[SlackId] = []
    usergroup: SlackId | None = None
    ical: Later = None


class AccessPart(Part):
    operators: list[SlackId] = []
    rules: Later = None
    evidence: EvidenceAudience = EvidenceAudience.CHANNEL
    approve: Later = None


class ConfigFile(Part):
    slack: SlackPart = SlackPart()
    database: str = "sqlite:///hangbot.db"
    timezone: Zone = "UTC"
    ssh: SshPart = SshPart()
    hosts: dict[Name, HostPart] = {}
    inventories: Later = None
    services: dict[Name, ServicePart] = {}
    probes: ProbesPart | Literal[False] = ProbesPart()
    rules: list[RulePart] = []
    inspect: InspectPart = InspectPart()
    routes: Later = None
    oncall: dict[str, OncallPart] = {}
    notify: Later = None
    page: Later = None
    escalate: Later = None
    deadman: Later = None
    runbooks: Later = None
    access: AccessPart = AccessPart()
    calendar: Later = None
    review: Later = None
