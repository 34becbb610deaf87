"""Several hosts were looked at: what differs between those that hang and those that do not is told."""

from bot.domain import comparison
from bot.domain.diagnosis import Inspection
from bot.domain.errors import ChatBusy, ChatClosed, ChatDoubtful, ChatRefused
from bot.domain.jobs import Job
from bot.domain.messages import Message, Notification, Operation
from bot.domain.settings import EvidenceAudience
from bot.flows import whispers
from bot.flows.findings import FOLLOW_UP_PRIORITY
from bot.ports import Services
from bot.present import comparison as words
from bot.present import diagnosis


def is_part(job: Job) -> bool:
    """Return whether an inspection is one of several that are told together."""
    return bool(job.payload.get("group"))


def rows(job: Job, services: Services) -> list[Notification]:
    """Return what is said once all of a comparison's hosts were looked at; before that, show how far it is.

    Every one of them is stored before this is asked, so that whoever ends last sees all; the rows are the same whoever
    writes them.
    """
    if not is_part(job):
        return []
    group, thread = str(job.payload["group"]), str(job.payload["thread"])
    found = _members(job, services)
    inspections = [one for one in found if one is not None]
    if len(inspections) < len(found):
        _show(inspections, job, services)
        return []
    if job.payload.get("local"):
        return []
    shown = job.payload.get("evidence") == EvidenceAudience.CHANNEL
    said = words.message(inspections, group, left_out=_left_out(job), evidence=shown)
    if thread:
        return [row(f"out_{group}.compared", thread, Operation.REPLY, said, services)]
    own = f"comparison:{group}"
    head = words.finished(inspections, group, by=str(job.payload["by"]), line=str(job.payload["line"]))
    details = [
        row(f"out_{one.id}.member", own, Operation.REPLY, diagnosis.message(one, evidence=shown), services)
        for one in comparison.sick(inspections)
    ]
    return [
        row(f"out_{group}.head", own, Operation.EDIT, head, services),
        *details,
        row(f"out_{group}.compared", own, Operation.REPLY, said, services),
    ]


def message_of(job: Job, services: Services, *, evidence: bool = True) -> Message | None:
    """Return what the hosts of a comparison have and have not in common, None as long as not all were looked at."""
    found = [one for one in _members(job, services) if one is not None]
    if not found or len(found) < len(_members(job, services)):
        return None
    return words.message(found, str(job.payload["group"]), left_out=_left_out(job), evidence=evidence)


def _left_out(job: Job) -> int:
    return int(str(job.payload.get("left_out") or 0))


def _members(job: Job, services: Services) -> list[Inspection | None]:
    return [services.store.inspection(one) for one in str(job.payload.get("members") or "").split()]


def _show(done: list[Inspection], job: Job, services: Services) -> None:
    """Show in the root message who was looked at, best effort."""
    root = services.store.posted(f"comparison:{job.payload['group']}")
    if root is None:
        return
    count = len(str(job.payload["members"]).split())
    message = words.underway(
        done, count, str(job.payload["group"]), by=str(job.payload["by"]), line=str(job.payload["line"])
    )
    try:
        services.chat.edit(root, message, outbox=f"{job.id}.seen")
    except (ChatBusy, ChatClosed, ChatDoubtful, ChatRefused) as error:
        services.telemetry.event("progress not shown", error=str(error))


def row(
    identity: str, subject: str, operation: Operation, message: Message, services: Services
) -> Notification:
    return Notification(
        id=identity,
        subject=subject,
        operation=operation,
        message=message,
        created_at=services.clock.now(),
        priority=FOLLOW_UP_PRIORITY,
    )


def whisper(job: Job, services: Services) -> None:
    """Show what differs to the asker alone, who may be at a terminal and sees it there."""
    message = message_of(job, services)
    if message is not None and not job.payload.get("local"):
        channel = str(job.payload.get("channel") or services.settings.channel)
        whispers.whisper(services, str(job.payload["asker"]), message, channel=channel)
