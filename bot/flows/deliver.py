"""Deliver what is in the outbox: claim → (in doubt: look first) → say → settled. Nothing else in the bot retries.

What the chat does not take goes a second way, and says so: an alert to a direct message where its channel is gone, and to
whoever is paged where the chat is closed or takes too long. What nobody could be paged with is told in the chat.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.errors import ChatBusy, ChatClosed, ChatDoubtful, ChatError, ChatRefused
from bot.domain.invocations import Invocation
from bot.domain.messages import Message, Notification, Operation, Posted
from bot.domain.routes import DEFAULT, PageEvent, is_page, path_of
from bot.flows import groups, paging
from bot.flows.conflict import retried
from bot.ports import OutboxEntry, Services
from bot.present import page as page_words
from bot.present import said

LEASE_S = 60.0
SETTLES_AFTER_S = 2.0
"""How long after a doubtful try the history is asked: a late request may still land."""
TIMEOUT_SETTLES_AFTER_S = 10.0
"""The same after a try that got no answer in time: that request may still be under way."""
MOST_BACKOFF_S = 30.0
CLOSED_PAUSE_S = 15.0
LONGEST_BUSY_S = 300.0
TRIES_OF_THE_UNKNOWN = 8
TRIES_OF_A_FILE = 5
"""After these the message stands without its file, and says so: what comes after it in the thread waits no longer."""
BEAT_S = 5.0
MOST_ROWS = 500
GONE = ("message_not_found", "cant_update_message", "thread_not_found")
OUR_CHANNEL_IS_GONE = ("channel_not_found", "is_archived", "not_in_channel", "restricted_action")

SECOND_WAY_AFTER = timedelta(seconds=60)
"""How long a critical alert waits for the chat."""
CRITICAL_PRIORITY = 1
ALERT = "hangbot_alert"

Crash = Callable[[str], None]


def nothing(point: str) -> None:
    """Pass a point at which the tests would kill us."""
    del point


def deliver_due(services: Services, *, worker: str, crash: Crash = nothing, paging: bool = False) -> int:
    """Deliver what is due, for some seconds at most; return how many rows were settled as sent. `paging`: what pages
    people, else what goes to the chat, so that neither waits for the other.

    `crash` is called with the name of each point at which a kill must lose and double nothing; the tests kill there.
    """
    settled = 0
    held: set[str] = set()
    for entry in _due(services, worker, held, paging=paging):
        crash("claimed")
        try:
            posted = _say(entry, services, crash)
        except ChatBusy as busy:
            outcome = "busy"
            held.add(_place(entry))
            _release(entry, services, busy)
            _otherwise(entry, services, busy)
        except ChatClosed as closed:
            outcome = "closed"
            _otherwise(entry, services, closed)
            services.telemetry.failure("chat is closed to us", closed, outbox=entry.notification.id)
            held.add(_place(entry))
            _put_off(entry, services, seconds=CLOSED_PAUSE_S, error=str(closed))
        except ChatRefused as refused:
            outcome = "refused"
            _otherwise(entry, services, refused)
            _settle_refused(entry, services, refused)
        except Exception as doubt:  # noqa: BLE001 — ChatDoubtful, or a fault of ours: one row must not end the others
            outcome = "doubtful"
            services.telemetry.failure("delivery in doubt", doubt, outbox=entry.notification.id)
            held.add(_place(entry))
            _otherwise(entry, services, doubt)
            _put_off(entry, services, seconds=_settling(entry, doubt), error=str(doubt), doubtful=True)
        else:
            outcome = "sent"
            crash("said")
            services.store.sent(entry.notification.id, posted=posted, now=services.clock.now())
            crash("settled")
            settled += 1
        services.telemetry.count("pages" if paging else "chat_posts", outcome=outcome)
    return settled


def _due(services: Services, worker: str, held: set[str], *, paging: bool) -> Iterator[OutboxEntry]:
    """Claim row by row, so that a kill leaves one in doubt; nothing of a channel that is held meanwhile.

    Ends after some seconds: what is left is due at the next beat, and whoever stops the bot waits no longer.
    """
    end = services.clock.monotonic() + BEAT_S
    for _ in range(MOST_ROWS):
        claimed = services.store.claim_notifications(
            now=services.clock.now(), worker=worker, lease_s=LEASE_S, limit=1, held=held, paging=paging
        )
        if not claimed:
            return
        yield from claimed
        if services.clock.monotonic() > end:
            return


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
    """Say one thing and return where it stands; where it has lost its place, say it in another."""
    if is_page(entry.notification.channel):
        return _page(entry, services, crash)
    try:
        return _say_there(entry, services, crash)
    except ChatRefused as refused:
        other = _elsewhere(entry, services, refused)
        if other is None:
            raise
        services.telemetry.failure("said elsewhere", refused, outbox=entry.notification.id)
    return _say_there(other, services, crash)


def _page(entry: OutboxEntry, services: Services, crash: Crash) -> Posted:
    """Hand a page in. In doubt it is simply handed in again: whoever takes it knows it by its id."""
    notification = entry.notification
    place = notification.channel
    pager = services.pagers.get(path_of(place))
    if pager is None:
        raise ChatClosed("not_configured", place)
    told = notification.message.metadata.payload if notification.message.metadata else {}
    key = notification.subject.removeprefix(f"{place}:")
    crash("sending")
    pager.page(
        notification.message,
        event=PageEvent(told.get("event", PageEvent.TRIGGER)),
        key=key,
        outbox=notification.id,
    )
    return Posted(channel=place, ts=key)


def _otherwise(entry: OutboxEntry, services: Services, why: Exception) -> None:
    """Tell a second way what does not go the first; once, however often it is tried."""
    now, notification = services.clock.now(), entry.notification
    waited = now - notification.created_at
    refused = isinstance(why, ChatClosed | ChatRefused)
    code = why.code if isinstance(why, ChatError) else type(why).__name__
    if is_page(notification.channel):
        if refused or waited >= SECOND_WAY_AFTER:
            _tell_unpaged(entry, services, code)
        return
    if notification.operation is not Operation.POST or notification.priority > CRITICAL_PRIORITY:
        return
    meta = notification.message.metadata
    if meta is None or meta.event_type != ALERT or not (refused or waited >= SECOND_WAY_AFTER):
        return
    retried(lambda: _page_instead(notification, str(meta.payload["id"]), code, services, now=now))


def _page_instead(
    notification: Notification, identity: str, code: str, services: Services, *, now: datetime
) -> None:
    """Page for an alert, or a group of them, that the chat does not take, unless somebody was paged; its end is then paged too."""
    alert, group = services.store.alert(identity), services.store.group(identity)
    about, paths = alert or group, services.settings.paging.paths
    if about is None or about.paged or not paths:
        return
    if alert is not None:
        message = page_words.page(alert, PageEvent.TRIGGER, now=now, zone=services.settings.timezone)
    else:
        assert group is not None
        message = groups.page_of(group, services, now=now)
    message = page_words.not_said(message, notification.channel, code)
    rows = [
        paging.row(identity, path, PageEvent.TRIGGER, message, id=f"{notification.id}.{path}"[-120:], now=now)
        for path in paths
    ]
    services.store.commit(
        alerts=[replace(alert, paged=True, updated_at=now)] if alert is not None else [],
        groups=[replace(group, paged=True, updated_at=now)] if group is not None else [],
        notifications=rows,
    )


def _tell_unpaged(entry: OutboxEntry, services: Services, code: str) -> None:
    """Say in the alert's thread that nobody was paged."""
    notification = entry.notification
    meta = notification.message.metadata
    subject = str(meta.payload.get("subject") or "") if meta else ""
    if not subject or notification.operation is not Operation.POST:
        return
    path = path_of(notification.channel)
    told = Notification(
        id=f"{notification.id}.unpaged"[-120:],
        subject=subject,
        operation=Operation.REPLY,
        message=page_words.not_paged(path, code),
        created_at=services.clock.now(),
        priority=2,
    )
    services.store.commit(notifications=[told])


def _say_there(entry: OutboxEntry, services: Services, crash: Crash) -> Posted:
    """Edit, or post; in doubt, find it before posting it again."""
    notification, chat = entry.notification, services.chat
    if notification.operation is Operation.EDIT and entry.root:
        crash("sending")
        chat.edit(entry.root, notification.message, outbox=notification.id)
        return entry.root
    channel = _place(entry) or services.settings.channel
    thread = (
        entry.root.ts if notification.operation is Operation.REPLY and entry.root else notification.thread_ts
    )
    if entry.doubtful:
        since = entry.first_tried_at or notification.created_at
        found = chat.find(channel, outbox=notification.id, since=since, thread_ts=thread)
        if found:
            _attach(entry, found, services, crash, thread=thread)
            return found
    crash("sending")
    posted = chat.post(channel, notification.message, outbox=notification.id, thread_ts=thread)
    _attach(entry, posted, services, crash, thread=thread)
    return posted


def _attach(
    entry: OutboxEntry, posted: Posted, services: Services, crash: Crash, *, thread: str | None
) -> None:
    """Put a message's file into its thread. Raises ChatDoubtful to have it tried again: the message is found, not repeated.

    Where the file cannot be had up, the thread says so, and how to get it.
    """
    notification = entry.notification
    attachment = notification.message.attachment
    if attachment is None:
        return
    crash("attaching")
    try:
        services.chat.attach(posted, attachment, thread_ts=thread, doubtful=entry.doubtful)
    except (ChatBusy, ChatDoubtful) as error:
        if isinstance(error, ChatBusy) or entry.attempt + 1 < TRIES_OF_A_FILE:
            raise ChatDoubtful("file_waits", str(error)) from error
        reason: ChatError = error
    except (ChatClosed, ChatRefused) as error:
        reason = error
    else:
        return
    services.telemetry.failure("file lost", reason, outbox=notification.id, file=attachment.name)
    told = Notification(
        id=f"{notification.id}.lost"[-120:],
        subject=f"lost:{notification.id}"[:120],
        operation=Operation.POST,
        message=said.file_lost(attachment, reason.code),
        created_at=services.clock.now(),
        channel=posted.channel,
        thread_ts=thread or posted.ts,
        priority=notification.priority,
    )
    services.store.commit(notifications=[told])


def _elsewhere(entry: OutboxEntry, services: Services, refused: ChatRefused) -> OutboxEntry | None:
    """Return the same thing as a message of its own, where its root, its thread or its channel is gone.

    It stays the same row: a kill in between, or a doubt, finds what was said so by its id. A new parent then takes
    the old one's place, since the row was an edit.
    """
    notification = entry.notification
    hangs_on = notification.operation is not Operation.POST or notification.thread_ts
    if refused.code in GONE and hangs_on:
        message, channel = notification.message, _place(entry)
    elif refused.code in OUR_CHANNEL_IS_GONE and (channel := _instead_of(notification, services)):
        message = said.moved(notification.message, notification.channel)
    else:
        return None
    other = replace(notification, operation=Operation.POST, message=message, channel=channel, thread_ts=None)
    return replace(entry, notification=other, root=None)


def _instead_of(notification: Notification, services: Services) -> str:
    """Return where a message goes whose channel is gone: the alert channel, and an alert whose channel that is, to one of
    those on call or an operator. Empty: it waits until somebody has mended the channel.
    """
    settings = services.settings
    if notification.channel not in ("", settings.channel):
        return settings.channel
    meta = notification.message.metadata
    if meta is None or meta.event_type != ALERT:
        return ""
    people = (*services.oncall(DEFAULT), *settings.access.operators)
    return next((one for one in people if one.startswith(("U", "W"))), "")


def _place(entry: OutboxEntry) -> str:
    """Return the channel it goes to, as the store knows it: empty for the alert channel."""
    if entry.root and entry.notification.operation is not Operation.POST:
        return entry.root.channel
    return entry.notification.channel


def _settle_refused(entry: OutboxEntry, services: Services, refused: ChatRefused) -> None:
    """Keep what may pass once somebody has mended the channel; give up what is refused again and again."""
    identity = entry.notification.id
    services.telemetry.failure("message refused", refused, outbox=identity, attempt=entry.attempt + 1)
    if refused.code in OUR_CHANNEL_IS_GONE or entry.attempt + 1 < TRIES_OF_THE_UNKNOWN:
        _put_off(entry, services, seconds=_backoff(entry), error=refused.code)
    else:
        services.store.give_up(identity, error=refused.code, now=services.clock.now())


def _release(entry: OutboxEntry, services: Services, busy: ChatBusy) -> None:
    """Give a row back untried: it stays the first of its channel, and the chat itself says when; of a page we keep it."""
    until = services.clock.now()
    if is_page(entry.notification.channel):
        until += timedelta(seconds=min(max(busy.retry_after_s, 1.0), LONGEST_BUSY_S))
    services.store.put_off(
        entry.notification.id, until=until, error="ratelimited", doubtful=entry.doubtful, tried=False
    )


def _put_off(
    entry: OutboxEntry, services: Services, *, seconds: float, error: str, doubtful: bool = False
) -> None:
    until: datetime = services.clock.now() + timedelta(seconds=seconds)
    still = doubtful or entry.doubtful
    services.store.put_off(entry.notification.id, until=until, error=error, doubtful=still)


def _settling(entry: OutboxEntry, doubt: Exception) -> float:
    late = isinstance(doubt, ChatDoubtful) and doubt.code == "timeout"
    return max(TIMEOUT_SETTLES_AFTER_S if late else SETTLES_AFTER_S, _backoff(entry))


def _backoff(entry: OutboxEntry) -> float:
    return float(min(MOST_BACKOFF_S, max(SETTLES_AFTER_S, 2.0 ** min(entry.attempt, 10))))
