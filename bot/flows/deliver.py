"""Deliver what is in the outbox: claim → (in doubt: look first) → say → settled. Nothing else in the bot retries."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.errors import ChatBusy, ChatClosed, ChatDoubtful, ChatRefused
from bot.domain.invocations import Invocation
from bot.domain.messages import Message, Notification, Operation, Posted
from bot.ports import OutboxEntry, Services
from bot.present import said

LEASE_S = 60.0
SETTLES_AFTER_S = 2.0
"""How long after a doubtful try the history is asked: a late request may still land."""
MOST_BACKOFF_S = 60.0
CLOSED_PAUSE_S = 30.0
TRIES_OF_THE_UNKNOWN = 3
MOST_CLAIMS = 20
GONE = ("message_not_found", "cant_update_message", "thread_not_found")
OUR_CHANNEL_IS_GONE = ("channel_not_found", "is_archived", "not_in_channel", "restricted_action")

Crash = Callable[[str], None]


def nothing(point: str) -> None:
    """Pass a point at which the tests would kill us."""
    del point


def deliver_due(services: Services, *, worker: str, crash: Crash = nothing) -> int:
    """Deliver what is due until nothing more is; return how many rows were settled as sent.

    `crash` is called with the name of each point at which a kill must lose and double nothing; the tests kill there.
    """
    settled = 0
    paused: set[str] = set()
    for entry in _due(services, worker):
        crash("claimed")
        where = _channel(entry, services)
        if where in paused:
            _put_off(entry, services, seconds=1.0, error="channel paused", doubtful=entry.doubtful)
            continue
        try:
            posted = _say(entry, services, crash)
        except ChatBusy as busy:
            paused.add(where)
            _put_off(
                entry, services, seconds=busy.retry_after_s, error="ratelimited", doubtful=entry.doubtful
            )
        except ChatDoubtful as doubt:
            services.telemetry.failure("delivery in doubt", doubt, outbox=entry.notification.id)
            _put_off(entry, services, seconds=_backoff(entry), error=str(doubt), doubtful=True)
        except ChatClosed as closed:
            services.telemetry.failure("chat is closed to us", closed, outbox=entry.notification.id)
            paused.add(where)
            _put_off(entry, services, seconds=CLOSED_PAUSE_S, error=str(closed), doubtful=entry.doubtful)
        except ChatRefused as refused:
            _settle_refused(entry, services, refused)
        else:
            crash("said")
            services.store.sent(entry.notification.id, posted=posted, now=services.clock.now())
            crash("settled")
            settled += 1
    return settled


def _due(services: Services, worker: str) -> Iterator[OutboxEntry]:
    """Claim again and again: what follows a row of its subject is due as soon as that one is settled."""
    for _ in range(MOST_CLAIMS):
        claimed = services.store.claim_notifications(now=services.clock.now(), worker=worker, lease_s=LEASE_S)
        if not claimed:
            return
        yield from claimed


def say_in_channel(services: Services, invocation: Invocation, message: Message) -> None:
    """Queue an answer that everybody in the channel sees, headed by who asked what; once per invocation.

    A slash command is seen by its typist alone, so the answer begins with it. In a thread it goes into that thread.
    """
    notification = Notification(
        id=f"out_{invocation.id}"[:120],
        subject=f"reply:{invocation.id}"[:120],
        operation=Operation.POST,
        message=said.headed(message, invocation),
        created_at=services.clock.now(),
        channel=invocation.channel or services.settings.channel,
        thread_ts=invocation.thread_ts,
        priority=2,
    )
    services.store.commit(notifications=[notification])


def _say(entry: OutboxEntry, services: Services, crash: Crash) -> Posted:
    """Say one thing and return where it stands; in doubt, find it before saying it again."""
    notification, chat = entry.notification, services.chat
    if notification.operation is Operation.EDIT and entry.root:
        crash("sending")
        chat.edit(entry.root, notification.message, outbox=notification.id)
        return entry.root
    channel = _channel(entry, services)
    thread = (
        entry.root.ts if notification.operation is Operation.REPLY and entry.root else notification.thread_ts
    )
    if entry.doubtful:
        since = entry.first_tried_at or notification.created_at
        found = chat.find(channel, outbox=notification.id, since=since, thread_ts=thread)
        if found:
            return found
    crash("sending")
    return chat.post(channel, notification.message, outbox=notification.id, thread_ts=thread)


def _channel(entry: OutboxEntry, services: Services) -> str:
    if entry.root and entry.notification.operation is not Operation.POST:
        return entry.root.channel
    return entry.notification.channel or services.settings.channel


def _settle_refused(entry: OutboxEntry, services: Services, refused: ChatRefused) -> None:
    """Do what can still be done with a message that the workspace does not take as it is."""
    notification = entry.notification
    services.telemetry.failure("message refused", refused, outbox=notification.id, attempt=entry.attempt + 1)
    elsewhere = notification.channel not in ("", services.settings.channel)
    if refused.code in GONE and notification.operation is not Operation.POST:
        _again(
            entry,
            services,
            replace(notification, operation=Operation.POST, channel=_channel(entry, services)),
        )
    elif refused.code in OUR_CHANNEL_IS_GONE and elsewhere:
        moved = said.moved(notification.message, notification.channel)
        _again(
            entry,
            services,
            replace(notification, message=moved, channel=services.settings.channel, thread_ts=None),
        )
    elif refused.code in OUR_CHANNEL_IS_GONE or entry.attempt + 1 < TRIES_OF_THE_UNKNOWN:
        _put_off(entry, services, seconds=_backoff(entry), error=refused.code, doubtful=False)
    else:
        services.store.give_up(notification.id, error=refused.code, now=services.clock.now())


def _again(entry: OutboxEntry, services: Services, other: Notification) -> None:
    """Say it in another way, as a row of its own; the old row is settled as what it was."""
    if not entry.notification.id.endswith(".again"):
        services.store.commit(notifications=[replace(other, id=f"{entry.notification.id}.again")])
    services.store.give_up(entry.notification.id, error="said in another way", now=services.clock.now())


def _put_off(entry: OutboxEntry, services: Services, *, seconds: float, error: str, doubtful: bool) -> None:
    until: datetime = services.clock.now() + timedelta(seconds=seconds)
    services.store.put_off(entry.notification.id, until=until, error=error, doubtful=doubtful)


def _backoff(entry: OutboxEntry) -> float:
    return float(min(MOST_BACKOFF_S, max(SETTLES_AFTER_S, 2.0 ** min(entry.attempt, 10))))
