"""ports.Store on SQLAlchemy Core."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.actions import Action
from bot.domain.alerts import Alert, AlertStatus, Silence
from bot.domain.audit import AuditEntry, Link
from bot.domain.diagnosis import Inspection
from bot.domain.groups import Group
from bot.domain.heartbeats import Heartbeat
from bot.domain.incidents import Incident
from bot.domain.jobs import Job, JobStatus
from bot.domain.leading import Lead
from bot.domain.memory import Sighting
from bot.domain.messages import Notification, Posted
from bot.domain.observations import Observation
from bot.domain.reviews import Review, ReviewStatus
from bot.domain.targets import Target
from bot.domain.timeline import TimelineEvent
from bot.ports import OutboxEntry
from bot.store import cases, deadlines, leading, pruning, remembered, rows, schema, trail
from bot.store import outbox as outbox_rows
from bot.store.database import transaction
from bot.store.schema import (
    alerts,
    deliveries,
    inspections,
    jobs,
    observations,
    outbox,
    posts,
    silences,
)
from bot.store.statements import add, by_id, plain, replace_all, write
from bot.store.statements import replace as put

OPEN = tuple(status.value for status in (AlertStatus.PENDING, AlertStatus.FIRING, AlertStatus.RECOVERING))
WRITABLE_KEY = "writable"
"""The one delivery key that is ours: proof that the database takes what is written."""


class SqlStore:
    """Every public method is one transaction."""

    def __init__(self, engine: sa.Engine, *, audit_key: bytes | None = None) -> None:
        self._engine, self._audit_key = engine, audit_key
        self._term: int | None = None

    @property
    def engine(self) -> sa.Engine:
        return self._engine

    def _transaction(self) -> AbstractContextManager[sa.Connection]:
        return transaction(self._engine)

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        """Begin a transaction that only goes on while the term lasts in which this store leads, if it ever began one."""
        with self._transaction() as connection:
            if self._term is not None:
                leading.require(connection, self._term)
            yield connection

    def commit(
        self,
        *,
        alerts: Sequence[Alert] = (),
        silences: Sequence[Silence] = (),
        inspections: Sequence[Inspection] = (),
        observations: Sequence[Observation] = (),
        notifications: Sequence[Notification] = (),
        jobs: Sequence[Job] = (),
        audit: Sequence[AuditEntry] = (),
        finished: Sequence[Job] = (),
        actions: Sequence[Action] = (),
        incidents: Sequence[Incident] = (),
        reviews: Sequence[Review] = (),
        events: Sequence[TimelineEvent] = (),
        groups: Sequence[Group] = (),
        heartbeats: Sequence[Heartbeat] = (),
    ) -> None:
        with self._writing() as connection:
            for alert in sorted(alerts, key=by_id):
                write(connection, schema.alerts, rows.alert_row(alert), version=alert.version)
            for group in sorted(groups, key=by_id):
                write(connection, schema.groups, rows.group_row(group), version=group.version)
            beats = [rows.heartbeat_row(one) for one in sorted(heartbeats, key=lambda one: one.name)]
            replace_all(connection, schema.heartbeats, beats, key="name")
            for silence in sorted(silences, key=by_id):
                put(connection, schema.silences, rows.silence_row(silence), key="id")
            for inspection in sorted(inspections, key=by_id):
                put(connection, schema.inspections, rows.inspection_row(inspection), key="id")
            seen = [rows.observation_row(one) for one in sorted(observations, key=lambda one: one.host)]
            replace_all(connection, schema.observations, seen, key="host")
            outbox_rows.put(connection, notifications)
            for job in sorted(finished, key=by_id):
                values = {"status": job.status.value, "body": rows.JOB.write(job), "lease_until": None}
                connection.execute(schema.jobs.update().where(schema.jobs.c.id == job.id).values(**values))
            for job in sorted(jobs, key=lambda one: one.key):
                add(connection, schema.jobs, rows.job_row(job))
            cases.write(connection, actions=actions, incidents=incidents, reviews=reviews, events=events)
            trail.append(connection, audit, key=self._audit_key)

    # --- alerts and what was seen

    def alerts(
        self,
        *,
        host: str | None = None,
        hosts: Collection[str] | None = None,
        group: str | None = None,
        rules: Collection[str] | None = None,
        unresolved: bool = False,
    ) -> list[Alert]:
        query = sa.select(alerts.c.body).order_by(alerts.c.updated_at.desc(), alerts.c.id.desc())
        if host is not None:
            query = query.where(alerts.c.host == host)
        if hosts is not None:
            query = query.where(alerts.c.host.in_(sorted(hosts)))
        if group is not None:
            query = query.where(alerts.c.group_id == group)
        if rules is not None:
            query = query.where(alerts.c.rule.in_(sorted(rules)))
        if unresolved:
            query = query.where(alerts.c.status.in_(OPEN))
        with self._transaction() as connection:
            return [rows.read_alert(row) for row in connection.execute(query).mappings()]

    def alerted(self, *, rule: str | None = None) -> set[str]:
        query = sa.select(alerts.c.host).where(alerts.c.status.in_(OPEN)).distinct()
        return set(self._scalars(query if rule is None else query.where(alerts.c.rule == rule)))

    def alert(self, alert_id: str) -> Alert | None:
        query = sa.select(alerts.c.body).where(alerts.c.id == alert_id)
        with self._transaction() as connection:
            row = connection.execute(query).mappings().first()
        return rows.read_alert(row) if row else None

    def groups(self) -> list[Group]:
        table = schema.groups
        query = sa.select(table.c.body).where(table.c.open).order_by(table.c.updated_at, table.c.id)
        return [rows.GROUP.read(body) for body in self._scalars(query)]

    def group(self, group_id: str) -> Group | None:
        table = schema.groups
        body = self._scalar(sa.select(table.c.body).where(table.c.id == group_id))
        return rows.GROUP.read(body) if body else None

    def silences(self, *, now: datetime) -> list[Silence]:
        at = now.timestamp()
        query = sa.select(silences.c.body).where(silences.c.starts_at <= at, silences.c.ends_at > at)
        with self._transaction() as connection:
            found = connection.execute(query.order_by(silences.c.ends_at)).scalars().all()
        return [rows.SILENCE.read(body) for body in found]

    def observations(self, hosts: Collection[str] | None = None) -> dict[str, Observation]:
        query = sa.select(observations.c.host, observations.c.body)
        if hosts is not None:
            query = query.where(observations.c.host.in_(sorted(hosts)))
        with self._transaction() as connection:
            found = connection.execute(query).all()
        return {host: rows.OBSERVATION.read(body) for host, body in found}

    def observation(self, host: str) -> Observation | None:
        body = self._scalar(sa.select(observations.c.body).where(observations.c.host == host))
        return rows.OBSERVATION.read(body) if body else None

    def heartbeats(self) -> dict[str, Heartbeat]:
        found = self._scalars(sa.select(schema.heartbeats.c.body))
        return {one.name: one for one in map(rows.HEARTBEAT.read, found)}

    def listened(self, heartbeats: Sequence[Heartbeat]) -> None:
        with self._writing() as connection:
            deadlines.keep_listening(connection, heartbeats)

    def seen_at(self) -> dict[str, datetime]:
        with self._transaction() as connection:
            found = connection.execute(sa.select(observations.c.host, observations.c.at)).all()
        return {host: datetime.fromtimestamp(at, UTC) for host, at in found}

    def inspection(self, inspection_id: str) -> Inspection | None:
        return self._inspection(sa.select(inspections.c.body).where(inspections.c.id == inspection_id))

    def last_inspection(self, target: Target) -> Inspection | None:
        same = (inspections.c.host == target.host) & (
            inspections.c.service.is_not_distinct_from(target.service)
        )
        query = (
            sa.select(inspections.c.body)
            .where(same)
            .order_by(inspections.c.at.desc(), inspections.c.id.desc())
        )
        return self._inspection(query.limit(1))

    def sightings(self, fingerprint: str, *, service: str | None, limit: int = 200) -> list[Sighting]:
        with self._transaction() as connection:
            return remembered.sightings(connection, fingerprint, service=service, limit=limit)

    def _inspection(self, query: sa.Select[Any]) -> Inspection | None:
        with self._transaction() as connection:
            body = connection.execute(query).scalar()
        return rows.INSPECTION.read(body) if body else None

    # --- acts, incidents, reviews

    def action(self, action_id: str) -> Action | None:
        body = self._scalar(sa.select(schema.actions.c.body).where(schema.actions.c.id == action_id))
        return rows.ACTION.read(body) if body else None

    def actions(
        self, *, target: Target | None = None, unfinished: bool = False, limit: int = 100
    ) -> list[Action]:
        query = cases.action_query(target=target, unfinished=unfinished, limit=limit)
        return [rows.ACTION.read(body) for body in self._scalars(query)]

    def incident(self, incident_id: str) -> Incident | None:
        table = schema.incidents
        body = self._scalar(sa.select(table.c.body).where(table.c.id == incident_id))
        return rows.INCIDENT.read(body) if body else None

    def incidents(self, *, unresolved: bool = False, limit: int = 50) -> list[Incident]:
        query = cases.incident_query(unresolved=unresolved, limit=limit)
        return [rows.INCIDENT.read(body) for body in self._scalars(query)]

    def next_incident_number(self) -> int:
        with self._transaction() as connection:
            return cases.next_number(connection)

    def review(self, review_id: str) -> Review | None:
        body = self._scalar(sa.select(schema.reviews.c.body).where(schema.reviews.c.id == review_id))
        return rows.REVIEW.read(body) if body else None

    def reviews(
        self, *, incident: str | None = None, statuses: Collection[ReviewStatus] = (), limit: int = 50
    ) -> list[Review]:
        query = cases.review_query(incident=incident, statuses=statuses, limit=limit)
        return [rows.REVIEW.read(body) for body in self._scalars(query)]

    def events(
        self,
        *,
        since: datetime,
        until: datetime | None = None,
        targets: Collection[Target] = (),
        incident: str = "",
    ) -> list[TimelineEvent]:
        query = cases.event_query(since=since, until=until, targets=targets, incident=incident)
        return [rows.EVENT.read(body) for body in self._scalars(query)]

    def _scalar(self, query: sa.Select[Any]) -> Any:
        with self._transaction() as connection:
            return connection.execute(query).scalar()

    def _scalars(self, query: sa.Select[Any]) -> list[Any]:
        with self._transaction() as connection:
            return list(connection.execute(query).scalars())

    def first_time(self, key: str, *, now: datetime) -> bool:
        with self._writing() as connection:
            return add(connection, deliveries, {"key": plain(key), "at": now.timestamp()})

    def audit(self, *, limit: int = 100, host: str | None = None) -> list[AuditEntry]:
        with self._transaction() as connection:
            return trail.newest(connection, limit=limit, host=host)

    def audit_links(self) -> Iterator[Link]:
        """Yield the whole audit trail as the chain it is, first entry first."""
        with self._transaction() as connection:
            yield from trail.links(connection)

    # --- the outbox

    def claim_notifications(
        self,
        *,
        now: datetime,
        worker: str,
        lease_s: float,
        limit: int = 20,
        held: Collection[str] = (),
        paging: bool = False,
    ) -> list[OutboxEntry]:
        with self._writing() as connection:
            return outbox_rows.claim(
                connection,
                now=now.timestamp(),
                worker=worker,
                lease_s=lease_s,
                limit=limit,
                held=held,
                paging=paging,
            )

    def sent(self, notification_id: str, *, posted: Posted, now: datetime) -> None:
        with self._writing() as connection:
            outbox_rows.settle_sent(connection, notification_id, posted=posted, now=now.timestamp())

    def put_off(
        self, notification_id: str, *, until: datetime, error: str, doubtful: bool, tried: bool = True
    ) -> None:
        at = until.timestamp()
        with self._writing() as connection:
            outbox_rows.settle_later(
                connection, notification_id, until=at, error=error, doubtful=doubtful, tried=tried
            )

    def give_up(self, notification_id: str, *, error: str, now: datetime) -> None:
        with self._writing() as connection:
            outbox_rows.settle_dead(connection, notification_id, error=error, now=now.timestamp())

    def posted(self, subject: str) -> Posted | None:
        with self._transaction() as connection:
            row = connection.execute(sa.select(posts).where(posts.c.subject == subject)).mappings().first()
        return Posted(channel=row["channel"], ts=row["ts"]) if row else None

    def subject_at(self, posted: Posted) -> str | None:
        query = sa.select(posts.c.subject).where(posts.c.channel == posted.channel, posts.c.ts == posted.ts)
        with self._transaction() as connection:
            return connection.execute(query).scalar()

    def pending_notifications(self) -> int:
        query = sa.select(sa.func.count()).where(outbox.c.status.in_(outbox_rows.UNSENT))
        with self._transaction() as connection:
            return connection.execute(query).scalar_one()

    def unknown_notifications(self, ids: Collection[str]) -> set[str]:
        return set(ids) - set(self._scalars(sa.select(outbox.c.id).where(outbox.c.id.in_(sorted(ids)))))

    def prove_writable(self, *, now: datetime) -> None:
        with self._transaction() as connection:
            put(connection, deliveries, {"key": WRITABLE_KEY, "at": now.timestamp()}, key="key")

    # --- jobs

    def claim_job(self, *, now: datetime, worker: str, lease_s: float, lane: str = "") -> Job | None:
        at = now.timestamp()
        queued = (jobs.c.status == JobStatus.QUEUED.value) & (jobs.c.due_at <= at)
        abandoned = (jobs.c.status == JobStatus.RUNNING.value) & (jobs.c.lease_until < at)
        query = sa.select(jobs.c.body).where(queued | abandoned).order_by(jobs.c.due_at, jobs.c.id).limit(1)
        if lane:
            query = query.where(jobs.c.key.startswith(lane, autoescape=True))
        with self._writing() as connection:
            body = connection.execute(query.with_for_update(skip_locked=True)).scalar()
            if body is None:
                return None
            job = rows.JOB.read(body)
            job = replace(job, status=JobStatus.RUNNING, attempt=job.attempt + 1)
            values = {"status": job.status.value, "body": rows.JOB.write(job)}
            claimed = jobs.update().where(jobs.c.id == job.id)
            connection.execute(claimed.values(**values, lease_until=at + lease_s, worker=worker))
            return job

    def renew_job(self, job_id: str, *, worker: str, now: datetime, lease_s: float) -> bool:
        held = (jobs.c.id == job_id) & (jobs.c.worker == worker) & (jobs.c.status == JobStatus.RUNNING.value)
        with self._writing() as connection:
            until = now.timestamp() + lease_s
            return connection.execute(jobs.update().where(held).values(lease_until=until)).rowcount == 1

    def job(self, job_id: str) -> Job | None:
        with self._transaction() as connection:
            body = connection.execute(sa.select(jobs.c.body).where(jobs.c.id == job_id)).scalar()
        return rows.JOB.read(body) if body else None

    # --- who works here

    def leader(self) -> Lead | None:
        with self._transaction() as connection:
            return leading.found(connection)

    def lead(self, *, worker: str, process: str, after: Lead | None) -> Lead | None:
        with self._transaction() as connection:
            mine = leading.take(connection, worker=worker, process=process, after=after)
        if mine is not None:
            self._term = mine.term
        return mine

    def keep_leading(self, lead: Lead) -> Lead | None:
        with self._transaction() as connection:
            return leading.keep(connection, lead)

    def stop_leading(self, lead: Lead) -> None:
        with self._transaction() as connection:
            leading.leave(connection, lead)

    # --- the end

    def shift_deadlines(self, seconds: float) -> None:
        with self._writing() as connection:
            deadlines.shift(connection, seconds)

    def prune(self, *, now: datetime) -> None:
        with self._writing() as connection:
            pruning.prune(connection, now=now)

    def close(self) -> None:
        self._engine.dispose()
