"""What must survive: one transaction a call."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.actions import Action
from bot.domain.alerts import Alert, Silence
from bot.domain.audit import AuditEntry
from bot.domain.diagnosis import Inspection
from bot.domain.groups import Group
from bot.domain.heartbeats import Heartbeat
from bot.domain.incidents import Incident
from bot.domain.jobs import Job
from bot.domain.leading import Lead
from bot.domain.memory import Sighting
from bot.domain.messages import Notification, Posted
from bot.domain.observations import Observation
from bot.domain.reviews import Review, ReviewStatus
from bot.domain.targets import Target
from bot.domain.timeline import TimelineEvent


@dataclass(frozen=True, kw_only=True)
class OutboxEntry:
    """A claimed row. `attempt` counts earlier tries; `doubtful` says that an earlier one may have landed.
    `root` is where its subject's root message stands, if it does.
    """

    notification: Notification
    attempt: int
    doubtful: bool
    first_tried_at: datetime | None
    root: Posted | None


class Store(Protocol):
    """All that must survive. Every method is one transaction; any number of processes may share it."""

    # what is written together stands or falls together
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
        """Write all of it in one transaction.

        An alert is written where the stored version equals `alert.version` (0: not stored yet), and then carries the next;
        otherwise Conflict is raised and nothing is written; likewise an action, an incident, a review and a group. An incident whose
        number another one has is a Conflict too. A job whose `key` is unfinished already is left out, silently, and so is
        a timeline event whose id is known. An EDIT replaces the unsent edits of its subject. `finished` are claimed jobs
        with their end status and result; they are ended before `jobs` are added, so that a job may follow itself.
        """
        ...

    def alerts(
        self,
        *,
        host: str | None = None,
        hosts: Collection[str] | None = None,
        group: str | None = None,
        rules: Collection[str] | None = None,
        unresolved: bool = False,
    ) -> list[Alert]:
        """Return alerts, newest episode first, of a host, of several, or of all; `group`: those told in it; `rules`: those of
        these alone; `unresolved`: pending, firing and recovering ones alone.
        """
        ...

    def alerted(self, *, rule: str | None = None) -> set[str]:
        """Return the hosts that have an alert which is not over, of this rule where one is given."""
        ...

    def alert(self, alert_id: str) -> Alert | None: ...

    def groups(self) -> list[Group]:
        """Return the groups that are open, the one longest unchanged first."""
        ...

    def group(self, group_id: str) -> Group | None: ...

    def silences(self, *, now: datetime) -> list[Silence]:
        """Return the silences in force."""
        ...

    def observations(self, hosts: Collection[str] | None = None) -> dict[str, Observation]:
        """Return the newest observation of each host, or of these."""
        ...

    def observation(self, host: str) -> Observation | None:
        """Return the newest observation of one host."""
        ...

    def listened(self, heartbeats: Sequence[Heartbeat]) -> None:
        """Keep what is known of who listened for them; of one that reported meanwhile nothing is changed."""
        ...

    def heartbeats(self) -> dict[str, Heartbeat]:
        """Return what is known of each job that reports by itself, by its name."""
        ...

    def seen_at(self) -> dict[str, datetime]:
        """Return when each host was last looked at."""
        ...

    def inspection(self, inspection_id: str) -> Inspection | None: ...

    def last_inspection(self, target: Target) -> Inspection | None: ...

    def sightings(self, fingerprint: str, *, service: str | None, limit: int = 200) -> list[Sighting]:
        """Return the inspections that found this in a service, on whichever host, newest first."""
        ...

    # acts, incidents, reviews
    def action(self, action_id: str) -> Action | None: ...

    def actions(
        self, *, target: Target | None = None, unfinished: bool = False, limit: int = 100
    ) -> list[Action]:
        """Return acts, newest first; `unfinished`: those that are not over."""
        ...

    def incident(self, incident_id: str) -> Incident | None: ...

    def incidents(self, *, unresolved: bool = False, limit: int = 50) -> list[Incident]:
        """Return incidents, newest first."""
        ...

    def next_incident_number(self) -> int:
        """Return one more than the highest there is; who comes second with it gets a Conflict."""
        ...

    def review(self, review_id: str) -> Review | None: ...

    def reviews(
        self, *, incident: str | None = None, statuses: Collection[ReviewStatus] = (), limit: int = 50
    ) -> list[Review]:
        """Return reviews, newest first (by when they were first stored); in these `statuses` alone, where some are given."""
        ...

    def events(
        self,
        *,
        since: datetime,
        until: datetime | None = None,
        targets: Collection[Target] = (),
        incident: str = "",
    ) -> list[TimelineEvent]:
        """Return what happened, oldest first: to any of `targets` between `since` and `until` (None: now), and what
        belongs to `incident` whenever it was. A target without a service stands for the host and all on it.
        """
        ...

    def first_time(self, key: str, *, now: datetime) -> bool:
        """Remember a delivery's key for 24 h; return whether it is new."""
        ...

    def audit(self, *, limit: int = 100) -> list[AuditEntry]:
        """Return the audit trail, newest first."""
        ...

    # the outbox
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
        """Claim what is due: in order within a subject, one per subject at a time, most urgent first; `paging`: what goes
        to a way to page, else all that goes to the chat.

        `held` are channels of which nothing is claimed: that of the root for replies and edits, else the row's own
        (empty for the alert channel).

        A row is `sending` and committed before it is returned. A reply or edit waits until its root is sent.
        A row whose lease ran out comes back as `doubtful`.
        """
        ...

    def sent(self, notification_id: str, *, posted: Posted, now: datetime) -> None: ...

    def put_off(
        self, notification_id: str, *, until: datetime, error: str, doubtful: bool, tried: bool = True
    ) -> None:
        """Make it due again at `until`; `tried` False: it does not count as an attempt."""
        ...

    def give_up(self, notification_id: str, *, error: str, now: datetime) -> None:
        """Mark it dead: kept, counted, never sent."""
        ...

    def posted(self, subject: str) -> Posted | None:
        """Return where the root message of a subject stands."""
        ...

    def subject_at(self, posted: Posted) -> str | None:
        """Return the subject whose root message stands there."""
        ...

    def pending_notifications(self) -> int: ...

    def unknown_notifications(self, ids: Collection[str]) -> set[str]:
        """Return those of these ids that never were in this outbox, or are there no longer."""
        ...

    def prove_writable(self, *, now: datetime) -> None:
        """Write something tiny and commit it. Raises StoreFault saying why that does not work."""
        ...

    # jobs
    def claim_job(self, *, now: datetime, worker: str, lease_s: float, lane: str = "") -> Job | None:
        """Claim the oldest due job, or one whose lease ran out; `lane`: of those alone whose key begins so."""
        ...

    def renew_job(self, job_id: str, *, worker: str, now: datetime, lease_s: float) -> bool:
        """Make a claimed job's lease longer; False where the worker has it no longer."""
        ...

    def job(self, job_id: str) -> Job | None: ...

    # who works here
    def leader(self) -> Lead | None:
        """Return who leads, or led last."""
        ...

    def lead(self, *, worker: str, process: str, after: Lead | None) -> Lead | None:
        """Begin a term where nothing changed since `after` was read; None where somebody was quicker.

        From then on this store writes as long as the term lasts; afterwards every write raises StoreFault.
        """
        ...

    def keep_leading(self, lead: Lead) -> Lead | None:
        """Show that whoever leads lives; None where another leads."""
        ...

    def stop_leading(self, lead: Lead) -> None:
        """Leave the lead to whoever wants it; nothing where another has it."""
        ...

    def shift_deadlines(self, seconds: float) -> None:
        """Move what is due in so long, rather than at a time of day, by what the wall clock jumped: messages and jobs that
        wait, leases, and when heartbeats last reported.
        """
        ...

    def prune(self, *, now: datetime) -> None:
        """Remove what nobody needs any more; nothing unsent, unresolved or audited."""
        ...

    def close(self) -> None: ...
