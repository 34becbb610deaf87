"""One rule: what is bad, how bad, for how long, and how it is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from fnmatch import fnmatchcase

from bot.domain.alerts import Severity
from bot.domain.targets import Target


class Telling(StrEnum):
    """How an alert of a severity is told (`notify`, `told`)."""

    MENTION = "mention"
    PAGE = "page"
    POST = "post"
    STATUS = "status"


NOTIFY: Mapping[Severity, tuple[Telling, ...]] = {
    Severity.CRITICAL: (Telling.MENTION, Telling.PAGE),
    Severity.WARNING: (Telling.POST,),
    Severity.INFO: (Telling.STATUS,),
}
"""What `told` is where neither the rule nor the config says it."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule in one scope.

    `when` is an expression over metrics (`load1 / cores > 4`), or empty for a built-in judgement by name;
    `otherwise` is asked where `when` cannot be answered; `until` is what must hold for one that fires to be good again, so
    that a value at the limit does not come and go.
    It fires after `attempts` bad rounds in a row and `for_s` seconds; it resolves after `passes` good ones and `keep_firing_s`.
    `host` (a name or a pattern such as `web*`), `service` and `match` (labels of the host, its zone among them) narrow the
    scope; None and empty: all.
    """

    name: str
    severity: Severity
    when: str = ""
    otherwise: str = ""
    until: str = ""
    for_s: float = 0.0
    attempts: int = 1
    of: tuple[int, int] | None = None
    """So many bad rounds among the last so many, instead of `attempts` in a row."""
    passes: int = 2
    keep_firing_s: float = 0.0
    host: str | None = None
    service: str | None = None
    match: Mapping[str, str] = field(default_factory=dict)
    told: tuple[Telling, ...] = ()
    """Empty: what NOTIFY says for its severity."""
    inspect: bool = False
    shadow: bool = False
    """Whether it is only tried out: judged and counted, and told to nobody."""
    windows: tuple[tuple[time, time], ...] = ()
    """The hours of each day in which it is not judged, such as that of a backup; one that ends before it begins ends on the next
    day.
    """
    runbook: str = ""
    """What to read first: an address, or a few words."""
    about_service: bool = False
    """Whether it judges each service of a host, rather than the host."""
    why: str = ""
    """Why its defaults are what they are."""

    def covers(self, target: Target) -> bool:
        host = self.host is None or fnmatchcase(target.host, self.host)
        return host and (self.service is None or self.service == target.service)

    def is_excepted(self, at: time) -> bool:
        """Return whether it is not judged at this time of day."""
        return any(
            begins <= at < ends if begins < ends else at >= begins or at < ends
            for begins, ends in self.windows
        )

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Return whether a host's labels are what the rule asks for."""
        return all(fnmatchcase(labels.get(key, ""), wanted) for key, wanted in self.match.items())

    def telling(
        self, severity: Severity, notify: Mapping[Severity, tuple[Telling, ...]] = NOTIFY
    ) -> tuple[Telling, ...]:
        """Return how it is told; `notify` where the rule itself does not say."""
        return (Telling.STATUS,) if self.shadow else self.told or notify.get(severity, ())
