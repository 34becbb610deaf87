"""The shape of what the contract's config has and this version does not use: a mistyped key is found today already."""

from typing import Annotated

from pydantic import Field

from bot.config.kinds import Argv, Text
from bot.config.part import Part

Count = Annotated[int, Field(ge=1, strict=True)]
Labels = dict[str, str]


class RunbookPart(Part):
    hosts: Text | list[Text] | None = None
    command: Argv
    risk: Text | None = None


class AccessRulePart(Part):
    verbs: list[Text] = []
    match: Labels = {}
    who: list[Text] = []


class CaldavPart(Part):
    url: Text
    user: Text | None = None
