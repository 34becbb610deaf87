"""Dataclasses to JSON and back, checked on the way in."""

from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import RowMapping

from bot.domain.alerts import Alert, Silence
from bot.domain.audit import AuditEntry
from bot.domain.diagnosis import Inspection
from bot.domain.jobs import Job
from bot.domain.messages import Notification
from bot.domain.observations import Observation

ALERT = TypeAdapter(Alert)
SILENCE = TypeAdapter(Silence)
INSPECTION = TypeAdapter(Inspection)
OBSERVATION = TypeAdapter(Observation)
NOTIFICATION = TypeAdapter(Notification)
JOB = TypeAdapter(Job)
AUDIT = TypeAdapter(AuditEntry)


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
        "updated_at": alert.updated_at.timestamp(),
        "version": stored.version,
        "body": dump(ALERT, stored),
    }


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


def read_alert(row: RowMapping) -> Alert:
    return ALERT.validate_json(row["body"])
