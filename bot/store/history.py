"""ports.History on SQLAlchemy Core: a host's points in blocks, compressed; the newest in memory until a block is worth it.

A block is a row: some minutes of rounds (`step` 0), or a day of what was rolled up. What a `kill -9` takes along are the last
minutes of charts; what must never be lost is not kept here.
"""

import json
import threading
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.domain.errors import StoreFault
from bot.domain.history import DAY_S, RAW_FOR, ROLLED_FOR, ROLLED_STEP_S, Point, point, rolled
from bot.domain.observations import Observation
from bot.store.database import transaction
from bot.store.schema import history
from bot.store.statements import Lock, lock, replace_all

BLOCK_S = 300.0
LATE = timedelta(hours=1)
"""Rounds are rolled up by the hour: so much older than RAW_FOR the oldest of them may be."""
HOSTS_AT_ONCE = 50
MOST_KEPT = 240
"""So many rounds of a host are kept while the database cannot be written: two hours of them."""


class SqlHistory:
    """Fulfils ports.History. Thread safe."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._newest: dict[str, list[Point]] = {}

    def record(self, observations: Sequence[Observation]) -> None:
        with self._lock:
            due = {}
            for one in observations:
                points = self._newest.setdefault(one.host, [])
                points.append(point(one))
                if points[-1].at - points[0].at >= BLOCK_S:
                    due[one.host] = points
            for host in due:
                self._newest[host] = []
        self._write(due)

    def flush(self) -> None:
        with self._lock:
            due, self._newest = self._newest, {}
        self._write({host: points for host, points in due.items() if points})

    def points(self, host: str, *, since: datetime, until: datetime) -> list[Point]:
        start, end = since.timestamp(), until.timestamp()
        query = sa.select(history.c.body).where(
            history.c.host == host, history.c.start >= start - DAY_S, history.c.start <= end
        )
        with transaction(self._engine) as connection:
            found = [one for body in connection.execute(query).scalars() for one in unpacked(body)]
        with self._lock:
            found += self._newest.get(host, ())
        return sorted((one for one in found if start <= one.at <= end), key=lambda one: one.at)

    def roll_up(self, *, now: datetime) -> None:
        old = (now - RAW_FOR - LATE).timestamp()
        query = sa.select(history.c.host).where(history.c.step == 0, history.c.start < old).distinct()
        with transaction(self._engine) as connection:
            hosts = list(connection.execute(query).scalars())
        for number in range(0, len(hosts), HOSTS_AT_ONCE):
            with transaction(self._engine) as connection:
                lock(connection, Lock.PRUNE)
                for host in hosts[number : number + HOSTS_AT_ONCE]:
                    _roll_up(connection, host, before=(now - RAW_FOR).timestamp())
        with transaction(self._engine) as connection:
            lock(connection, Lock.PRUNE)
            connection.execute(
                history.delete().where(history.c.start < (now - ROLLED_FOR).timestamp() - DAY_S)
            )

    def _write(self, blocks: Mapping[str, Sequence[Point]]) -> None:
        if not blocks:
            return
        rows = [_row(host, int(points[0].at), 0, points) for host, points in sorted(blocks.items())]
        try:
            with transaction(self._engine) as connection:
                replace_all(connection, history, rows, key=("host", "step", "start"))
        except StoreFault:  # kept for the next try, as far as memory is not the worse loss
            with self._lock:
                for host, points in blocks.items():
                    self._newest[host] = [*points, *self._newest.get(host, ())][-MOST_KEPT:]
            raise


def _roll_up(connection: sa.Connection, host: str, *, before: float) -> None:
    """Put the rounds of a host that are old into the blocks of their days."""
    mine = (history.c.host == host) & (history.c.step == 0) & (history.c.start < before)
    points = [
        one
        for body in connection.execute(sa.select(history.c.body).where(mine)).scalars()
        for one in unpacked(body)
    ]
    days: dict[int, list[Point]] = {}
    for one in points:
        days.setdefault(int(one.at // DAY_S) * DAY_S, []).append(one)
    rows = []
    for day, inside in sorted(days.items()):
        same = (history.c.host == host) & (history.c.step == ROLLED_STEP_S) & (history.c.start == day)
        known = connection.execute(sa.select(history.c.body).where(same)).scalar()
        rows.append(_row(host, day, ROLLED_STEP_S, rolled([*(unpacked(known) if known else ()), *inside])))
    replace_all(connection, history, rows, key=("host", "step", "start"))
    connection.execute(history.delete().where(mine))


def _row(host: str, start: int, step: int, points: Sequence[Point]) -> dict[str, Any]:
    return {"host": host, "step": step, "start": start, "body": packed(points)}


# --- a block as bytes


def packed(points: Sequence[Point]) -> bytes:
    """Return points as a column for each reading: those of one reading are alike, and compress to little."""
    first = round(points[0].at, 1)
    columns: dict[str, Any] = {
        "t": [first, *(round(one.at - first, 1) for one in points[1:])],
        "v": _columns([one.mean for one in points]),
    }
    if any(one.peak is not one.mean and one.peak != one.mean for one in points):
        columns["p"] = _columns([one.peak for one in points])
    return zlib.compress(json.dumps(columns, separators=(",", ":")).encode(), 6)


def unpacked(body: bytes) -> list[Point]:
    """Return the points of a block; none of one that cannot be read."""
    try:
        columns = json.loads(zlib.decompress(body))
        first, *rest = columns["t"]
        moments = [first, *(first + offset for offset in rest)]
        means = _maps(columns["v"], len(moments))
        peaks = _maps(columns["p"], len(moments)) if "p" in columns else means
    except (zlib.error, ValueError, KeyError, TypeError, IndexError):
        return []
    return [Point(at=at, mean=mean, peak=peak) for at, mean, peak in zip(moments, means, peaks, strict=True)]


def _columns(maps: Sequence[Mapping[str, float]]) -> dict[str, list[float | None]]:
    names = dict.fromkeys(name for one in maps for name in one)
    return {name: [_whole(one.get(name)) for one in maps] for name in names}


def _whole(value: float | None) -> float | None:
    """Return a whole number as such: `1` is shorter than `1.0`."""
    return int(value) if value is not None and value == int(value) else value


def _maps(columns: Mapping[str, Iterable[float | None]], count: int) -> list[dict[str, float]]:
    found: list[dict[str, float]] = [{} for _ in range(count)]
    for name, values in columns.items():
        for one, value in zip(found, values, strict=True):
            if value is not None:
                one[name] = float(value)
    return found
