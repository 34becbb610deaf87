"""Acts, incidents, reviews and the timeline. Each function runs inside the caller's transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.actions import OVER, Action
from bot.domain.incidents import Incident
from bot.domain.reviews import Review, ReviewStatus
from bot.domain.targets import Target
from bot.domain.timeline import TimelineEvent
from bot.store import rows, schema
from bot.store.schema import actions, events, incidents, reviews
from bot.store.statements import add, by_id
from bot.store.statements import write as write_version


def write(
    connection: sa.Connection,
    *,
    actions: Sequence[Action],
    incidents: Sequence[Incident],
    reviews: Sequence[Review],
    events: Sequence[TimelineEvent],
) -> None:
    """Write what changed; raise Conflict where one of them is not stored as it was read."""
    for action in sorted(actions, key=by_id):
        write_version(connection, schema.actions, rows.action_row(action), version=action.version)
    for incident in sorted(incidents, key=by_id):
        write_version(connection, schema.incidents, rows.incident_row(incident), version=incident.version)
    for review in sorted(reviews, key=by_id):
        write_version(connection, schema.reviews, rows.review_row(review), version=review.version)
    for event in events:
        add(connection, schema.events, rows.event_row(event), key="id")


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


def review_query(*, incident: str | None, statuses: Collection[ReviewStatus], limit: int) -> sa.Select[Any]:
    query = sa.select(reviews.c.body).order_by(reviews.c.at.desc(), reviews.c.id.desc()).limit(limit)
    if incident is not None:
        query = query.where(reviews.c.incident == incident)
    return query.where(reviews.c.status.in_([one.value for one in statuses])) if statuses else query


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
