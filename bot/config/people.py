"""The parts of the config that say who is told, and how they are woken."""

from typing import Annotated

from pydantic import Field

from bot.config.kinds import (
    Calendar,
    Channel,
    Duration,
    EscalatesTo,
    Mail,
    SlackGroup,
    SlackUser,
    Text,
    Told,
    Url,
    Word,
    between,
)
from bot.config.part import Part
from bot.domain.alerts import Severity

Port = Annotated[int, Field(ge=1, le=65535, strict=True)]


class RoutePart(Part):
    """`match`: labels of the host, or host, service, zone, alert, severity; values may be patterns."""

    match: dict[str, str] = {}
    channel: Channel | None = None
    oncall: Text | None = None


class OncallPart(Part):
    users: list[SlackUser] = []
    usergroup: SlackGroup | None = None
    ical: Calendar | None = None


class NotifyPart(Part):
    critical: Told | None = None
    warning: Told | None = None
    info: Told | None = None


class PagePart(Part):
    pagerduty: bool = False
    webhook: Url | None = None
    smtp: list[Mail] = []


class StepPart(Part):
    after: Annotated[Duration, between("1s", "1d")]
    to: EscalatesTo


class DeadmanPart(Part):
    url: Url
    every: Annotated[Duration, between("5s", "1h")] = 60.0


class HeartbeatPart(Part):
    every: Annotated[Duration, between("10s", "35d")]
    grace: Annotated[Duration, between("1s", "7d")] = 300.0
    host: Text | None = None
    severity: Severity = Severity.WARNING


class SmtpPart(Part):
    host: Word
    port: Port = 587
    from_: Mail | None = Field(default=None, alias="from")
    user: Text | None = None
