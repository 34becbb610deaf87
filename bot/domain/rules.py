"""What makes an alert: the rules, built in and from the config."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.alerts import Severity


class Telling(StrEnum):
    """How an alert of a severity is told (`notify`, `told`). Paging is not in this version."""

    MENTION = "mention"
    PAGE = "page"
    POST = "post"
    STATUS = "status"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule in one scope.

    `when` is an expression over metrics (`load1 / cores > 4`), or empty for a built-in judgement by name.
    It fires after `attempts` bad rounds in a row and `for_s` seconds; it resolves after `passes` good ones and `keep_firing_s`.
    `host` and `service` narrow the scope; None: all.
    """

    name: str
    severity: Severity
    when: str = ""
    for_s: float = 0.0
    attempts: int = 1
    passes: int = 2
    keep_firing_s: float = 0.0
    host: str | None = None
    service: str | None = None
    told: tuple[Telling, ...] = (Telling.POST,)
    inspect: bool = False
    about_service: bool = False
    """Whether it judges each service of a host, rather than the host."""
