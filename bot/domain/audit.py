"""Who did what, when, to what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.clues import Fact


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """`actor` and `on_behalf_of` are ids; the latter is set where one person acts as another (`say --as`)."""

    id: str
    at: datetime
    actor: str
    verb: str
    target: str = ""
    outcome: str = ""
    on_behalf_of: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)
