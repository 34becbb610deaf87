"""Acts, incidents, reviews and the timeline. Each function runs inside the caller's transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.actions import OVER, Action
from bot.domain.errors import Conflict
from bot.domain.incidents import Incident
from bot.domain.reviews import Review
from bot.domain.targets import Target
from bot.domain.timeline import TimelineEvent
from bot.store import rows, schema
from bot.store.schema import actions, events, incidents, reviews


def write(
    connection: sa.Connection,
    *,
    actions: Sequence[Action],
    incidents: Sequence[Incident],
    reviews: Sequence[Review],
    events: Sequence[TimelineEvent],
) -> None:
    """Write what changed; raise Conflict where one of them is not stored as it was read."""
    for action in actions:
        _write(connection, schema.actions, rows.action_row(action), action.version)
    for incident in incidents:
        _write(connection, schema.incidents, rows.incident_row(incident), incident.version)
    for review in reviews:
        _write(connection, schema.reviews, rows.review_row(review), review.version)
    for event in events:
        _add_event(connection, event)


def _write(connection: sa.Connection, table: sa.Table, row: dict[str, Any], version: int) -> None:
    """Insert what was never stored, update what is stored as it was read; else raise Conflict."""
    if version == 0:
        try:
            with connection.begin_nested():
                connection.execute(table.insert().values(**row))
        except sa.exc.IntegrityError as error:
            raise Conflict(f"{table.name} {row['id']} was stored meanwhile") from error
        return
    same = (table.c.id == row["id"]) & (table.c.version == version)
    if connection.execute(table.update().where(same).values(**row)).rowcount != 1:
        raise Conflict(f"{table.name} {row['id']} changed meanwhile")


def _add_event(connection: sa.Connection, event: TimelineEvent) -> None:
    """Add an event, unless it is there already."""
    if connection.execute(sa.select(events.c.seq).where(events.c.id == event.id)).first() is None:
        connection.execute(events.insert().values(**rows.event_row(event)))


# --- reading


def action_query(*, target: Target | None, unfinished: bool, limit: int) -> sa.Select[Any]:
    query = sa.select(actions.c.body).order_by(actions.c.at.desc(), actions.c.id.desc()).limit(limit)
    if target is not None:
        query = query.where(
            actions.c.host == target.host, actions.c.service.is_not_distinct_from(target.service)
        )
    if unfinished:
        query = query.where(actions.c.status.not_in([status.value for status in OVER]))
    return query


def incident_query(*, unresolved: bool, limit: int) -> sa.Select[Any]:
    query = sa.select(incidents.c.body).order_by(incidents.c.number.desc()).limit(limit)
    return query.where(incidents.c.open) if unresolved else query


def next_number(connection: sa.Connection) -> int:
    return int(connection.execute(sa.select(sa.func.max(incidents.c.number))).scalar() or 0) + 1


def review_query(*, incident: str | None, limit: int) -> sa.Select[Any]:
    query = sa.select(reviews.c.body).order_by(reviews.c.at.desc(), reviews.c.id.desc()).limit(limit)
    return query.where(reviews.c.incident == incident) if incident is not None else query


def event_query(
    *, since: datetime, until: datetime | None, targets: Collection[Target], incident: str
) -> sa.Select[Any]:
    at = events.c.at >= since.timestamp()
    if until is not None:
        at &= events.c.at <= until.timestamp()
    here = [_of(target) for target in targets]
    belongs = [sa.and_(at, sa.or_(*here))] if here else []
    if incident:
        belongs.append(events.c.incident == incident)
    return sa.select(events.c.body).where(sa.or_(sa.false(), *belongs)).order_by(events.c.at, events.c.seq)


def _of(target: Target) -> sa.ColumnElement[bool]:
    same_host = events.c.host == target.host
    return same_host if target.service is None else same_host & (events.c.service == target.service)
