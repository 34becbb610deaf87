"""The shape of what the contract's config has and this version does not use: a mistyped key is found today already."""

from typing import Annotated

from pydantic import Field

from bot.config.kinds import Argv, Channel, Duration, Text
from bot.config.part import Part
from bot.domain.rule import Telling

Count = Annotated[int, Field(ge=1, strict=True)]
Port = Annotated[int, Field(ge=1, le=65535, strict=True)]
Labels = dict[str, str]


class RoutePart(Part):
    match: Labels = {}
    channel: Channel | None = None
    oncall: Text | None = None


class NotifyPart(Part):
    critical: list[Telling] = []
    warning: list[Telling] = []
    info: list[Telling] = []


class PagePart(Part):
    pagerduty: bool | None = None
    webhook: Text | None = None
    smtp: list[Text] | None = None


class StepPart(Part):
    after: Duration
    to: Text


class DeadmanPart(Part):
    url: Text
    every: Duration | None = None


class RunbookPart(Part):
    hosts: Text | list[Text] | None = None
    command: Argv
    risk: Text | None = None


class AccessRulePart(Part):
    verbs: list[Text] = []
    match: Labels = {}
    who: list[Text] = []


class SmtpPart(Part):
    host: Text
    port: Port | None = None
    from_: Text | None = Field(default=None, alias="from")
    user: Text | None = None


class CaldavPart(Part):
    url: Text
    user: Text | None = None
