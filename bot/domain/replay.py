"""What a rule would have done with readings of the past: judged row by row, as rounds are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

from bot.domain.advance import advance
from bot.domain.alerts import Alert, Change
from bot.domain.evaluation import Evaluation, State, by_values, compiled
from bot.domain.history import Point
from bot.domain.observations import Observation
from bot.domain.routing import LIVE
from bot.domain.rule import Rule
from bot.domain.targets import Target

WEEK = timedelta(days=7)
CONSTANT = ("cores", "mem_total_bytes", "swap_total_bytes", "disk_total_bytes")
ALONE_S = 30.0
"""How long a single row counts for."""


class NotReplayable(ValueError):
    """Rows that a rule cannot be judged by; the text says why, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """Readings of one moment, by the names that rules use (`load1`, `service.answer_ms`); what was not read is absent."""

    at: datetime
    values: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Episode:
    """`resolved` None: it had not ended with the last row."""

    at: datetime
    resolved: datetime | None


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """`interval_s` is the usual time between two rows; `unknown` how many rows told nothing."""

    fired: tuple[Episode, ...]
    since: datetime
    until: datetime
    interval_s: float
    rows: int
    unknown: int

    @property
    def per_week(self) -> float:
        """Return how often it fired in a week, over the time that the rows cover."""
        covered = self.until - self.since + timedelta(seconds=self.interval_s)
        return len(self.fired) / (covered / WEEK)


def only_metric(rule: Rule) -> str:
    """Return the one metric that a rule looks at. Raises NotReplayable where it looks at more, or at none."""
    names = compiled(_condition(rule)).names
    if len(names) > 1:
        raise NotReplayable(
            f"`{rule.name}` looks at {len(names)} metrics: name a column for each ({', '.join(names)}), not `value`"
        )
    return names[0]


def rows_of(
    points: Sequence[Point], rule: Rule, *, service: str | None, newest: Observation | None
) -> list[Row]:
    """Return what was stored of a host as rows. What is not kept because it hardly changes, such as `cores`, is taken from
    its newest round.
    """
    names = {
        name for text in (rule.when, rule.otherwise, rule.until) if text for name in compiled(text).names
    }
    rows = []
    for one in points:
        values = {}
        for name in names:
            stored = f"{service}.{name.removeprefix('service.')}" if name.startswith("service.") else name
            parts = [
                value for key, value in one.mean.items() if key == stored or key.startswith(f"{stored}:")
            ]
            constant = newest.metrics.get(name) if newest is not None and name in CONSTANT else None
            if parts:
                values[name] = max(parts)
            elif one.mean and isinstance(constant, int | float):
                values[name] = float(constant)
        rows.append(Row(at=datetime.fromtimestamp(one.at, UTC), values=values))
    return rows


def replay(rule: Rule, rows: Sequence[Row]) -> Replayed:
    """Judge rows in the order of their time. Raises NotReplayable."""
    _condition(rule)
    if not rows:
        raise NotReplayable("there is no row in it")
    _check_columns(rule, {name for row in rows for name in row.values})
    interval_s = (
        median((after.at - before.at).total_seconds() for before, after in pairwise(rows))
        if rows[1:]
        else ALONE_S
    )
    target = Target(host="replayed", service="replayed" if rule.about_service else None)
    alert: Alert | None = None
    fired: list[Episode] = []
    unknown = 0
    for row in rows:
        standing = alert is not None and alert.status in LIVE
        judged = by_values(rule, row.values.get, at=row.at, standing=standing)
        unknown += judged is None
        evaluation = judged or Evaluation(state=State.UNKNOWN, at=row.at)
        step = advance(
            alert, evaluation, rule, target=target, now=row.at, id="replayed", interval_s=interval_s
        )
        alert = step.after
        if step.change in (Change.FIRED, Change.REOPENED, Change.FLAPS):
            fired.append(Episode(at=row.at, resolved=None))
        elif step.change is Change.RESOLVED:
            fired[-1] = Episode(at=fired[-1].at, resolved=row.at)
    return Replayed(
        fired=tuple(fired),
        since=rows[0].at,
        until=rows[-1].at,
        interval_s=interval_s,
        rows=len(rows),
        unknown=unknown,
    )


def _condition(rule: Rule) -> str:
    if not rule.when:
        raise NotReplayable(
            f"`{rule.name}` is judged by more than numbers; what can be replayed is a rule with a `when`"
        )
    if compiled(rule.when).unusual or (rule.until and compiled(rule.until).unusual):
        raise NotReplayable(
            f"`{rule.name}` looks at what is usual for a host, which rows alone do not tell: run it in shadow (`shadow: true`)"
        )
    return rule.when


def _check_columns(rule: Rule, known: set[str]) -> None:
    """Refuse rows that never hold all that a condition of the rule looks at."""
    wanted = [compiled(text).names for text in (rule.when, rule.otherwise) if text]
    if any(set(names) <= known for names in wanted):
        return
    missing = [name for name in wanted[0] if name not in known]
    raise NotReplayable(
        f"`{rule.name}` looks at {', '.join(wanted[0])}, and no column has {', '.join(missing)}"
    )
