"""What a jump of the wall clock would bring too early, or much too late. Each function runs inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from bot.domain.heartbeats import Heartbeat, shifted
from bot.domain.jobs import IN_SO_LONG
from bot.store import rows
from bot.store.schema import heartbeats, jobs, outbox

FARTHEST_S = 900.0
"""Nothing is put off for so long: what seems to be waits since the clock was set back while nobody ran."""
SKEW_S = 60.0
"""How far the clocks of two machines may be apart without one taking the other's lease for one of those."""


def is_over(lease_until: sa.ColumnElement[float], *, now: float, lease_s: float) -> sa.ColumnElement[bool]:
    """Say whether a message's lease has run out, or is longer than any that is given. Whoever takes it then holds it for doubtful;
    a job has no such second thought, so its lease is only ever waited for.
    """
    return (lease_until < now) | (lease_until > now + lease_s + SKEW_S)


def is_due(not_before: sa.ColumnElement[float], *, now: float) -> sa.ColumnElement[bool]:
    """Say whether a message's time has come, or can never have been meant."""
    return (not_before <= now) | (not_before > now + FARTHEST_S)


def shift(connection: sa.Connection, seconds: float) -> None:
    """Move what is due in so long by `seconds`."""
    waiting = outbox.c.status.in_(("new", "sending"))
    moved = {name: outbox.c[name] + seconds for name in ("not_before", "lease_until", "first_tried_at")}
    connection.execute(outbox.update().where(waiting).values(**moved))
    unfinished = jobs.c.status.in_(("queued", "running"))
    connection.execute(jobs.update().where(unfinished).values(lease_until=jobs.c.lease_until + seconds))
    by = timedelta(seconds=seconds)
    for body in connection.execute(sa.select(jobs.c.body).where(unfinished)).scalars().all():
        job = rows.JOB.read(body)
        if job.kind in IN_SO_LONG:
            later = replace(job, due_at=job.due_at + by)
            values = {"due_at": later.due_at.timestamp(), "body": rows.JOB.write(later)}
            connection.execute(jobs.update().where(jobs.c.id == job.id).values(**values))
    for body in connection.execute(sa.select(heartbeats.c.body).order_by(heartbeats.c.name)).scalars().all():
        beat = rows.HEARTBEAT.read(body)
        _change(connection, beat, shifted(beat, by))


def keep_listening(connection: sa.Connection, beats: Sequence[Heartbeat]) -> None:
    """Keep what is known of who listened, except for what has reported meanwhile."""
    for beat in sorted(beats, key=lambda one: one.name):
        _change(connection, beat, beat)


def _change(connection: sa.Connection, before: Heartbeat, after: Heartbeat) -> None:
    same = (heartbeats.c.name == before.name) & (heartbeats.c.at == before.at.timestamp())
    connection.execute(heartbeats.update().where(same).values(**rows.heartbeat_row(after)))
