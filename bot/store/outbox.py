"""The outbox's rows: put in, claimed, settled. Each function runs inside the caller's transaction."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.messages import Notification, Operation, Posted
from bot.domain.routes import PAGES
from bot.ports import OutboxEntry
from bot.store.deadlines import is_due, is_over
from bot.store.rows import NOTIFICATION, notification_row
from bot.store.schema import outbox, posts
from bot.store.statements import add, lock_subjects, plain, replace

UNSENT = ("new", "sending")


def put(connection: sa.Connection, notifications: Sequence[Notification]) -> None:
    """Append rows; one whose id is there already is left out, an edit removes the unsent edits of its subject.

    An edit in doubt stays: it may have become a message of its own, which only its id finds again.
    """
    lock_subjects(connection, {notification.subject for notification in notifications})
    for notification in notifications:
        new = add(connection, outbox, notification_row(notification), key="id")
        if new and notification.operation is Operation.EDIT:
            same = (outbox.c.subject == notification.subject) & (outbox.c.operation == Operation.EDIT.value)
            waiting = (outbox.c.status == "new") & ~outbox.c.doubtful & (outbox.c.id != notification.id)
            connection.execute(outbox.delete().where(same, waiting))


def claim(
    connection: sa.Connection,
    *,
    now: float,
    worker: str,
    lease_s: float,
    limit: int,
    held: Collection[str] = (),
    paging: bool = False,
) -> list[OutboxEntry]:
    """Take the first unsent row of each subject, where it is due or its sender's lease ran out.

    Several may claim at once: a row that another one has locked is passed over, and looked at again if it changed since
    this statement began. The next one of its subject is not taken instead: the first is still first in what this
    statement sees, and none with a lower number appears later (`lock_subjects`).
    """
    first = sa.select(sa.func.min(outbox.c.seq)).where(outbox.c.status.in_(UNSENT)).group_by(outbox.c.subject)
    due = (outbox.c.status == "new") & is_due(outbox.c.not_before, now=now)
    abandoned = (outbox.c.status == "sending") & is_over(outbox.c.lease_until, now=now, lease_s=lease_s)
    query = (
        sa.select(outbox, posts.c.channel.label("root_channel"), posts.c.ts.label("root_ts"))
        .join_from(outbox, posts, outbox.c.subject == posts.c.subject, isouter=True)
        .where(outbox.c.seq.in_(first), due | abandoned, _place().not_in(sorted(held)))
        .where(outbox.c.channel.startswith(PAGES) if paging else ~outbox.c.channel.startswith(PAGES))
        .order_by(outbox.c.priority, outbox.c.seq)
        .limit(limit)
        .with_for_update(skip_locked=True, of=outbox)
    )
    rows = connection.execute(query).mappings().all()
    for row in rows:
        connection.execute(
            outbox.update()
            .where(outbox.c.seq == row["seq"])
            .values(
                status="sending",
                worker=worker,
                lease_until=now + lease_s,
                attempt=row["attempt"] + 1,
                first_tried_at=row["first_tried_at"] or now,
                doubtful=row["doubtful"] or row["status"] == "sending",
            )
        )
    return [_entry(row) for row in rows]


def _place() -> sa.ColumnElement[str]:
    """Name the channel a row goes to: its root's, or its own."""
    hangs_on_root = posts.c.channel.is_not(None) & (outbox.c.operation != Operation.POST.value)
    return sa.case((hangs_on_root, posts.c.channel), else_=outbox.c.channel)


def _entry(row: sa.RowMapping) -> OutboxEntry:
    tried = row["first_tried_at"]
    return OutboxEntry(
        notification=NOTIFICATION.read(row["body"]),
        attempt=row["attempt"],
        doubtful=row["doubtful"] or row["status"] == "sending",
        first_tried_at=datetime.fromtimestamp(tried, UTC) if tried else None,
        root=Posted(channel=row["root_channel"], ts=row["root_ts"]) if row["root_ts"] else None,
    )


def settle_sent(connection: sa.Connection, notification_id: str, *, posted: Posted, now: float) -> None:
    """Mark it sent, and remember where the root of its subject stands."""
    row = connection.execute(sa.select(outbox).where(outbox.c.id == notification_id)).mappings().first()
    if row is None:
        return
    _settle(connection, notification_id, status="sent", finished_at=now, lease_until=None, error="")
    place = {"subject": row["subject"], "channel": posted.channel, "ts": posted.ts, "at": now}
    if row["operation"] == Operation.REPLY.value:
        add(connection, posts, place, key="subject")  # it is the root only where there is none
    else:
        replace(connection, posts, place, key="subject")


def settle_later(
    connection: sa.Connection,
    notification_id: str,
    *,
    until: float,
    error: str,
    doubtful: bool,
    tried: bool = True,
) -> None:
    """Make it due again at `until`; where it was not `tried`, the claim does not count as an attempt."""
    attempts = outbox.c.attempt if tried else outbox.c.attempt - 1
    _settle(
        connection,
        notification_id,
        status="new",
        not_before=until,
        attempt=attempts,
        error=plain(error),
        doubtful=doubtful,
        lease_until=None,
    )


def settle_dead(connection: sa.Connection, notification_id: str, *, error: str, now: float) -> None:
    _settle(connection, notification_id, status="dead", finished_at=now, error=plain(error), lease_until=None)


def _settle(connection: sa.Connection, notification_id: str, **values: Any) -> None:
    connection.execute(outbox.update().where(outbox.c.id == notification_id).values(**values))
