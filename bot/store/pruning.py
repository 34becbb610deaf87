"""What nobody needs any more, and when. Nothing unsent, unresolved, unfinished or audited ever goes."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.domain.actions import OVER
from bot.domain.alerts import AlertStatus
from bot.domain.jobs import JobStatus
from bot.domain.reviews import ReviewStatus
from bot.store.schema import (
    actions,
    alerts,
    deliveries,
    events,
    groups,
    incidents,
    inspections,
    jobs,
    outbox,
    posts,
    reviews,
)
from bot.store.statements import Lock, lock

DELIVERY_KEYS_FOR = timedelta(hours=24)
SENT_FOR = timedelta(days=14)
RESOLVED_FOR = timedelta(days=90)
HISTORY_FOR = timedelta(days=365)
ENDED = (JobStatus.DONE, JobStatus.FAILED)
MET = tuple(status for status in ReviewStatus if status is not ReviewStatus.BOOKED)


def prune(connection: sa.Connection, *, now: datetime) -> None:
    """Remove delivery keys after a day, sent messages and ended jobs after 14 days, resolved alerts, their posts and
    inspections after 90, and the history of acts, incidents, reviews and events after a year.
    """
    lock(connection, Lock.PRUNE)
    keys, sent, resolved, history = (
        (now - age).timestamp() for age in (DELIVERY_KEYS_FOR, SENT_FOR, RESOLVED_FOR, HISTORY_FOR)
    )
    over, ended, met = ([status.value for status in those] for those in (OVER, ENDED, MET))
    for table, old in (
        (deliveries, deliveries.c.at < keys),
        (outbox, (outbox.c.status == "sent") & (outbox.c.finished_at < sent)),
        (posts, posts.c.at < resolved),
        (inspections, inspections.c.at < resolved),
        (alerts, (alerts.c.status == AlertStatus.RESOLVED.value) & (alerts.c.updated_at < resolved)),
        (groups, ~groups.c.open & (groups.c.updated_at < resolved)),
        (jobs, jobs.c.status.in_(ended) & (jobs.c.due_at < sent)),
        (events, events.c.at < history),
        (actions, actions.c.status.in_(over) & (actions.c.at < history)),
        (reviews, reviews.c.status.in_(met) & (reviews.c.at < history)),
        (incidents, ~incidents.c.open & (incidents.c.updated_at < history)),
    ):
        connection.execute(table.delete().where(old))
