"""Dataclasses to JSON and back, checked on the way in."""

from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import RowMapping

from bot.domain.actions import Action
from bot.domain.alerts import Alert, Silence
from bot.domain.audit import AuditEntry
from bot.domain.diagnosis import Inspection
from bot.domain.groups import Group
from bot.domain.heartbeats import Heartbeat
from bot.domain.incidents import Incident
from bot.domain.jobs import Job
from bot.domain.messages import Notification
from bot.domain.observations import Observation
from bot.domain.reviews import Review
from bot.domain.timeline import TimelineEvent

ALERT = TypeAdapter(Alert)
SILENCE = TypeAdapter(Silence)
INSPECTION = TypeAdapter(Inspection)
OBSERVATION = TypeAdapter(Observation)
NOTIFICATION = TypeAdapter(Notification)
JOB = TypeAdapter(Job)
AUDIT = TypeAdapter(AuditEntry)
ACTION = TypeAdapter(Action)
INCIDENT = TypeAdapter(Incident)
REVIEW = TypeAdapter(Review)
EVENT = TypeAdapter(TimelineEvent)
GROUP = TypeAdapter(Group)
HEARTBEAT = TypeAdapter(Heartbeat)


def dump(adapter: TypeAdapter[Any], value: object) -> str:
    return adapter.dump_json(value).decode()


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
        "body": dump(ALERT, stored),
    }


def group_row(group: Group) -> dict[str, Any]:
    stored = replace(group, version=group.version + 1)
    return {
        "id": group.id,
        "open": group.ended_at is None,
        "updated_at": group.updated_at.timestamp(),
        "version": stored.version,
        "body": dump(GROUP, stored),
    }


def heartbeat_row(beat: Heartbeat) -> dict[str, Any]:
    return {"name": beat.name, "at": beat.at.timestamp(), "body": dump(HEARTBEAT, beat)}


def silence_row(silence: Silence) -> dict[str, Any]:
    return {
        "id": silence.id,
        "starts_at": silence.starts_at.timestamp(),
        "ends_at": silence.ends_at.timestamp(),
        "body": dump(SILENCE, silence),
    }


def inspection_row(inspection: Inspection) -> dict[str, Any]:
    return {
        "id": inspection.id,
        "host": inspection.target.host,
        "service": inspection.target.service,
        "at": inspection.at.timestamp(),
        "body": dump(INSPECTION, inspection),
        "fingerprint": inspection.fingerprint or None,
        "process": inspection.sighting.process or None,
    }


def observation_row(observation: Observation) -> dict[str, Any]:
    return {
        "host": observation.host,
        "at": observation.at.timestamp(),
        "body": dump(OBSERVATION, observation),
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
        "body": dump(NOTIFICATION, notification),
    }


def job_row(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "key": job.key,
        "status": job.status.value,
        "due_at": job.due_at.timestamp(),
        "body": dump(JOB, job),
    }


def audit_row(entry: AuditEntry) -> dict[str, Any]:
    return {"id": entry.id, "at": entry.at.timestamp(), "body": dump(AUDIT, entry)}


def action_row(action: Action) -> dict[str, Any]:
    stored = replace(action, version=action.version + 1)
    return {
        "id": action.id,
        "host": action.target.host,
        "service": action.target.service,
        "status": action.status.value,
        "at": action.asked.at.timestamp(),
        "version": stored.version,
        "body": dump(ACTION, stored),
    }


def incident_row(incident: Incident) -> dict[str, Any]:
    stored = replace(incident, version=incident.version + 1)
    return {
        "id": incident.id,
        "number": incident.number,
        "open": incident.open,
        "updated_at": incident.updated_at.timestamp(),
        "version": stored.version,
        "body": dump(INCIDENT, stored),
    }


def review_row(review: Review) -> dict[str, Any]:
    stored = replace(review, version=review.version + 1)
    row = {
        "id": review.id,
        "incident": review.incident,
        "status": review.status.value,
        "version": stored.version,
        "body": dump(REVIEW, stored),
    }
    return row if review.version else {**row, "at": review.updated_at.timestamp()}


def event_row(event: TimelineEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "at": event.at.timestamp(),
        "host": event.target.host if event.target else "",
        "service": event.target.service if event.target else None,
        "incident": event.incident,
        "body": dump(EVENT, event),
    }


def read_alert(row: RowMapping) -> Alert:
    return ALERT.validate_json(row["body"])
