"""`hangbot backtest`: the rows of a CSV file, and the rule to judge them by."""

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from bot.app.parts import Start, services
from bot.domain.builtin_rules import BUILTIN
from bot.domain.errors import EdgeFault
from bot.domain.history import rolled
from bot.domain.replay import NotReplayable, Replayed, Row, only_metric, replay, rows_of
from bot.domain.rules import Rule, narrowness
from bot.present import backtest as words

TIME, VALUE = "timestamp", "value"
MILLISECONDS_FROM = 1e11
"""An epoch above this counts milliseconds: in seconds it would be the year 5138."""


def backtest(start: Start, name: str, file: Path) -> Replayed:
    """Replay a file against a rule of the config, or a built-in one where there is no config. Raises EdgeFault, ConfigFault."""
    settings = start.settings() if start.has_config else None
    rule = _rule(settings.rules if settings else BUILTIN, name)
    try:
        return replay(rule, list(_rows(file, rule, zone=settings.timezone if settings else UTC)))
    except NotReplayable as error:
        raise EdgeFault(f"{file}: {error}.") from error


def backtest_history(start: Start, name: str, host: str, *, days: float) -> Replayed:
    """Replay what was stored of a host against a rule of the config. Raises EdgeFault, ConfigFault, UnknownName."""
    settings = start.settings()
    spec = settings.fleet.host(host)
    rule = _rule(settings.rules, name)
    with services(start, settings) as built:
        now = built.clock.now()
        points = built.history.points(spec.name, since=now - timedelta(days=days), until=now)
        newest = built.store.observations().get(spec.name)
    try:
        found = rows_of(
            rolled(points), rule, service=rule.service or next(iter(spec.services), None), newest=newest
        )
        return replay(rule, found)
    except NotReplayable as error:
        raise EdgeFault(f"The history of {spec.name}: {error}.") from error


def document(found: Replayed) -> dict[str, Any]:
    return words.document(found)


def text(rule: str, found: Replayed) -> str:
    return words.text(rule, found)


def _rule(rules: Sequence[Rule], name: str) -> Rule:
    """Return the rule of a name, of several scopes the widest."""
    same = sorted((one for one in rules if one.name == name), key=narrowness)
    if same:
        return same[0]
    known = list(dict.fromkeys(one.name for one in rules))
    nearest = get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"Did you mean {nearest[0]}?" if nearest else f"There are {', '.join(known)}."
    raise EdgeFault(f"There is no rule `{name}`. {hint}")


def _rows(file: Path, rule: Rule, *, zone: tzinfo) -> Iterator[Row]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            columns = _columns(file, reader.fieldnames or (), rule)
            before: datetime | None = None
            for row in reader:
                where = f"{file}:{reader.line_num}"
                at = _moment(row[TIME], where, zone)
                if before is not None and at <= before:
                    raise EdgeFault(
                        f"{where}: {row[TIME]} is not later than the row before. I replay one host's rows, sorted by time."
                    )
                before = at
                yield Row(at=at, values=_values(row, columns, where))
    except OSError as error:
        raise EdgeFault(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise EdgeFault(f"{file} is no UTF-8 text.") from error
    except csv.Error as error:
        raise EdgeFault(f"{file} is no CSV: {error}.") from error


def _columns(file: Path, header: Sequence[str], rule: Rule) -> Mapping[str, str]:
    """Return the columns that hold values, by the metric they stand for."""
    names = [name.strip() for name in header]
    if TIME not in header:
        hint = (
            " Separate the columns by commas." if any(";" in name or "\t" in name for name in header) else ""
        )
        raise EdgeFault(f"{file} has no column `{TIME}`: its first line names the columns.{hint}")
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise EdgeFault(f"{file} has two columns `{twice}`: keep one of them.")
    found = {name.strip(): name for name in header if name.strip() not in (TIME, VALUE)}
    if VALUE in header:
        found[only_metric(rule)] = VALUE
    return found


def _values(row: Mapping[str, str | None], columns: Mapping[str, str], where: str) -> Mapping[str, float]:
    found = {}
    for name, column in columns.items():
        text = (row.get(column) or "").strip()
        try:
            value = float(text) if text else math.nan
        except ValueError as error:
            raise EdgeFault(f"{where}: `{text}` in column `{column}` is no number.") from error
        if math.isfinite(value):
            found[name] = value
    return found


def _moment(text: str | None, where: str, zone: tzinfo) -> datetime:
    """Read ISO 8601, or seconds (or milliseconds) since 1970; without a zone it is the config's."""
    words = (text or "").strip()
    try:
        seconds = float(words)
    except ValueError:
        seconds = math.nan
    try:
        if math.isfinite(seconds):
            return datetime.fromtimestamp(seconds / 1000 if seconds > MILLISECONDS_FROM else seconds, UTC)
        found = datetime.fromisoformat(words)
    except (ValueError, OverflowError, OSError) as error:
        raise EdgeFault(
            f"{where}: `{words}` is no moment. Write it as 2026-11-23T04:00:00Z, or in seconds since 1970."
        ) from error
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
