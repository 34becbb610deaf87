"""Dataclasses to JSON and back, checked on the way in."""

import re
from dataclasses import replace
from functools import cached_property
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import RowMapping

from bot.domain.actions import Action
from bot.domain.alerts import Alert, Silence
from bot.domain.audit import AuditEntry
from bot.domain.diagnosis import Inspection
from bot.domain.errors import StoreFault
from bot.domain.groups import Group
from bot.domain.heartbeats import Heartbeat
from bot.domain.incidents import Incident
from bot.domain.jobs import Job
from bot.domain.messages import Notification
from bot.domain.observations import Observation
from bot.domain.reviews import Review
from bot.domain.timeline import TimelineEvent

Value = TypeVar("Value")


class Body(Generic[Value]):
    """How one kind of thing stands in its table's column `body`."""

    def __init__(self, kind: type[Value]) -> None:
        self._kind = kind

    @cached_property
    def _adapter(self) -> TypeAdapter[Value]:  # not before it is needed: most commands need few of them
        return TypeAdapter(self._kind)

    def write(self, value: Value) -> str:
        return self._adapter.dump_json(value).decode()

    def read(self, body: str) -> Value:
        """Return what was written. Raises StoreFault for what cannot have been, as after a disk has lost a part of it."""
        try:
            return self._adapter.validate_json(body)
        except ValidationError as error:
            what = f"{self._kind.__name__} {_name_in(body)}".rstrip()
            raise StoreFault(f"The database is damaged: {what} cannot be read. Restore a backup.") from error


def _name_in(body: object) -> str:
    """Return what is still to be read of the name of something damaged."""
    found = re.search(r'"(?:id|host|name)":"([\w.:-]+)"', str(body))
    return found[1] if found else ""


ALERT = Body(Alert)
SILENCE = Body(Silence)
INSPECTION = Body(Inspection)
OBSERVATION = Body(Observation)
NOTIFICATION = Body(Notification)
JOB = Body(Job)
AUDIT = Body(AuditEntry)
ACTION = Body(Action)
INCIDENT = Body(Incident)
REVIEW = Body(Review)
EVENT = Body(TimelineEvent)
GROUP = Body(Group)
HEARTBEAT = Body(Heartbeat)


def alert_row(alert: Alert) -> dict[str, Any]:
    stored = replace(alert, version=alert.version + 1)
    return {
        "id": alert.id,
        "rule": alert.rule,
        "host": alert.target.host,
        "service": alert.target.service,
        "status": alert.status.value,
        "group_id": alert.group or None,
        "updated_at": alert.updated_at.timestamp(),
        "version": stored.version,
        "body": ALERT.write(stored),
    }


def group_row(group: Group) -> dict[str, Any]:
    stored = replace(group, version=group.version + 1)
    return {
        "id": group.id,
        "open": group.ended_at is None,
        "updated_at": group.updated_at.timestamp(),
        "version": stored.version,
        "body": GROUP.write(stored),
    }


def heartbeat_row(beat: Heartbeat) -> dict[str, Any]:
    return {"name": beat.name, "at": beat.at.timestamp(), "body": HEARTBEAT.write(beat)}


def silence_row(silence: Silence) -> dict[str, Any]:
    return {
        "id": silence.id,
        "starts_at": silence.starts_at.timestamp(),
        "ends_at": silence.ends_at.timestamp(),
        "body": SILENCE.write(silence),
    }


def inspection_row(inspection: Inspection) -> dict[str, Any]:
    return {
        "id": inspection.id,
        "host": inspection.target.host,
        "service": inspection.target.service,
        "at": inspection.at.timestamp(),
        "body": INSPECTION.write(inspection),
        "fingerprint": inspection.fingerprint or None,
        "process": inspection.sighting.process or None,
    }


def observation_row(observation: Observation) -> dict[str, Any]:
    return {
        "host": observation.host,
        "at": observation.at.timestamp(),
        "body": OBSERVATION.write(observation),
    }


def notification_row(notification: Notification) -> dict[str, Any]:
    return {
        "id": notification.id,
        "subject": notification.subject,
        "operation": notification.operation.value,
        "channel": notification.channel,
        "priority": notification.priority,
        "status": "new",
        "not_before": notification.created_at.timestamp(),
        "attempt": 0,
        "doubtful": False,
        "body": NOTIFICATION.write(notification),
    }


def job_row(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "key": job.key,
        "status": job.status.value,
        "due_at": job.due_at.timestamp(),
        "body": JOB.write(job),
    }


def audit_row(entry: AuditEntry) -> dict[str, Any]:
    return {"id": entry.id, "at": entry.at.timestamp(), "body": AUDIT.write(entry)}


def action_row(action: Action) -> dict[str, Any]:
    stored = replace(action, version=action.version + 1)
    return {
        "id": action.id,
        "host": action.target.host,
        "service": action.target.service,
        "status": action.status.value,
        "at": action.asked.at.timestamp(),
        "version": stored.version,
        "body": ACTION.write(stored),
    }


def incident_row(incident: Incident) -> dict[str, Any]:
    stored = replace(incident, version=incident.version + 1)
    return {
        "id": incident.id,
        "number": incident.number,
        "open": incident.open,
        "updated_at": incident.updated_at.timestamp(),
        "version": stored.version,
        "body": INCIDENT.write(stored),
    }


def review_row(review: Review) -> dict[str, Any]:
    stored = replace(review, version=review.version + 1)
    row = {
        "id": review.id,
        "incident": review.incident,
        "status": review.status.value,
        "version": stored.version,
        "body": REVIEW.write(stored),
    }
    return row if review.version else {**row, "at": review.updated_at.timestamp()}


def event_row(event: TimelineEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "at": event.at.timestamp(),
        "host": event.target.host if event.target else "",
        "service": event.target.service if event.target else None,
        "incident": event.incident,
        "body": EVENT.write(event),
    }


def read_alert(row: RowMapping) -> Alert:
    return ALERT.read(row["body"])
