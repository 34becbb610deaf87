"""What an inspection found is told: in the thread of who asked, in the alert's thread, on the alert's card."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.domain import happened
from bot.domain.alerts import Alert, AlertStatus, Culprit
from bot.domain.diagnosis import Inspection
from bot.domain.errors import ChatBusy, ChatClosed, ChatDoubtful, ChatRefused
from bot.domain.jobs import Job
from bot.domain.messages import Message, Notification, Operation
from bot.domain.settings import EvidenceAudience
from bot.domain.targets import Target
from bot.flows import cards, peers, timeline, whispers
from bot.flows.conflict import retried
from bot.ports import Services
from bot.present import diagnosis as words
from bot.present import dump, looking

Progress = Callable[[str], None]
FOLLOW_UP_PRIORITY = 2


def tell(
    inspection: Inspection, finished: Job, services: Services, *, also: Sequence[Notification] = ()
) -> None:
    """Commit the job's end with everything that is said about it, in one transaction; `also`: rows that belong to it."""
    now = services.clock.now()
    shown = finished.payload.get("evidence") == EvidenceAudience.CHANNEL
    message = _message(inspection, finished, services, shown=shown)
    notifications: list[Notification] = []
    alerts: list[Alert] = []
    alert_id = finished.payload.get("alert")
    alert = services.store.alert(str(alert_id)) if alert_id else alert_of(inspection.target, services)
    if alert is not None and alert.status is not AlertStatus.RESOLVED:
        alert = replace(alert, culprit=_culprit(inspection), updated_at=now)
        alerts.append(alert)
        notifications += _card(alert, services)
    if alert is not None and alert_id:
        notifications.append(
            _said(f"out_{inspection.id}.alert", alert.subject, Operation.REPLY, message, services)
        )
    if first := finished.payload.get("beside"):
        beside = looking.for_comparison(inspection, message)
        row = f"out_{inspection.id}.beside"
        told = services.store.alert(str(first))
        subject = told.subject if told else f"alert:{first}"
        notifications.append(_said(row, subject, Operation.REPLY, beside, services))
    if finished.payload.get("said"):
        subject = f"inspection:{inspection.id}"
        asked = looking.finished(
            inspection, by=str(finished.payload["by"]), line=str(finished.payload["line"])
        )
        notifications.append(_said(f"out_{inspection.id}.head", subject, Operation.EDIT, asked, services))
        notifications.append(_said(f"out_{inspection.id}.reply", subject, Operation.REPLY, message, services))
    event = happened.inspected(
        inspection,
        alert=alert.id if alert is not None else "",
        by=str(finished.payload.get("asker") or ""),
        name=str(finished.payload.get("by") or ""),
    )
    touched = timeline.touched(services, [event], alerts=alerts, now=now)
    services.store.commit(
        alerts=alerts,
        incidents=touched.incidents,
        events=[event],
        notifications=[*notifications, *touched.notifications, *also],
        finished=[finished],
    )


def _message(inspection: Inspection, job: Job, services: Services, *, shown: bool) -> Message:
    if job.payload.get("dump"):
        return dump.message(inspection, evidence=shown)
    target = inspection.target
    peer = peers.well(target.service, services, besides=target.host) if target.service else None
    return words.message(inspection, evidence=shown, peer=peer.host if peer else "")


def note(inspection: Inspection, services: Services) -> None:
    """Put what an act's own look found on the card of the target's alert and into the timeline; the act tells of it."""
    retried(lambda: _note(inspection, services))


def _note(inspection: Inspection, services: Services) -> None:
    now = services.clock.now()
    alert = alert_of(inspection.target, services)
    alerts = [replace(alert, culprit=_culprit(inspection), updated_at=now)] if alert is not None else []
    event = happened.inspected(inspection, alert=alert.id if alert is not None else "")
    touched = timeline.touched(services, [event], alerts=alerts, now=now)
    services.store.commit(
        alerts=alerts,
        incidents=touched.incidents,
        events=[event],
        notifications=[*(row for one in alerts for row in _card(one, services)), *touched.notifications],
    )


def whisper(inspection: Inspection, job: Job, services: Services) -> None:
    """Show what was read to the asker alone, who may be at a terminal and sees it there."""
    asker = str(job.payload["asker"])
    if job.payload.get("local"):
        return
    channel = str(job.payload.get("channel") or services.settings.channel)
    whispers.whisper(services, asker, _message(inspection, job, services, shown=True), channel=channel)


def alert_of(target: Target, services: Services) -> Alert | None:
    """Return the told alert of a target, whose card should name what was found."""
    open_ones = services.store.alerts(host=target.host, unresolved=True)
    return next((one for one in open_ones if one.target == target and one.told), None)


def _card(alert: Alert, services: Services) -> list[Notification]:
    """Return the edit of its card; nothing where it is told in a group."""
    if alert.group:
        return []
    now = services.clock.now()
    silences = services.store.silences(now=now)
    silence = cards.silence_of(alert, silences, services, now=now)
    observation = services.store.observation(alert.target.host)
    card = cards.card(alert, services, observation=observation, silence=silence, now=now)
    return [cards.notification(alert, Operation.EDIT, card, services, now=now)]


def _said(row: str, subject: str, operation: Operation, message: Message, services: Services) -> Notification:
    now = services.clock.now()
    return Notification(
        id=row,
        subject=subject,
        operation=operation,
        message=message,
        created_at=now,
        priority=FOLLOW_UP_PRIORITY,
    )


def _culprit(inspection: Inspection) -> Culprit:
    headline = next(iter(inspection.diagnosis.findings), None)
    place = headline.culprit if headline else None
    return Culprit(
        inspection=inspection.id,
        verdict=inspection.diagnosis.verdict.value,
        cause=headline.cause.value if headline else "unknown",
        confidence=headline.confidence if headline else 0.0,
        function=place.function if place else "",
        file=place.file if place else "",
        line=place.line if place else 0,
    )


@dataclass
class _Pace:
    """When something was shown last: edits of a live message, once a second at most."""

    shown_at: float = float("-inf")


def progress(job: Job, services: Services) -> Progress:
    """Return what shows a step in the root message, best effort: the latest wins, a lost one does not matter."""
    if not job.payload.get("said"):
        return silently
    pace = _Pace()
    spare = timedelta(seconds=1).total_seconds()

    def show(step: str) -> None:
        now = services.clock.monotonic()
        root = services.store.posted(f"inspection:{job.payload['inspection']}")
        if root is None or now - pace.shown_at < spare:
            return
        pace.shown_at = now
        message = looking.underway(
            str(job.payload["inspection"]), step, by=str(job.payload["by"]), line=str(job.payload["line"])
        )
        try:
            services.chat.edit(root, message, outbox=f"{job.id}.{step}")
        except (ChatBusy, ChatClosed, ChatDoubtful, ChatRefused) as error:
            services.telemetry.event("progress not shown", error=str(error))

    return show


def silently(step: str) -> None:
    del step
