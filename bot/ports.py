"""What the stories need from the world. Adapters fulfil these; `app` alone knows which."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.domain.actions import Action
from bot.domain.alerts import Alert, Silence
from bot.domain.audit import AuditEntry
from bot.domain.checks import Reply, Talk
from bot.domain.checkups import Way
from bot.domain.diagnosis import Inspection
from bot.domain.history import Point
from bot.domain.incidents import Incident
from bot.domain.jobs import Job
from bot.domain.memory import Sighting
from bot.domain.messages import Attachment, Message, Notification, Posted
from bot.domain.observations import HttpAnswer, Metrics, Observation, ProbeOutcome
from bot.domain.reviews import Person, Review, ReviewStatus
from bot.domain.settings import Settings
from bot.domain.targets import Fleet, HostSpec, ServiceSpec, Target
from bot.domain.timeline import TimelineEvent


class Clock(Protocol):
    def now(self) -> datetime:
        """Return the time in UTC, aware."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never jump."""
        ...


class Ids(Protocol):
    def new(self, prefix: str) -> str:
        """Return a new id such as `alr_7f3k…`: sortable by time within a prefix, not guessable."""
        ...


class Telemetry(Protocol):
    def event(self, name: str, **facts: object) -> None:
        """Log one structured event; secrets are redacted."""
        ...

    def failure(self, name: str, error: BaseException, **facts: object) -> None:
        """Log what went wrong, with its traceback, and go on."""
        ...

    def count(self, metric: str, **labels: str) -> None:
        """Count one more of what `bot/web/metrics.py` lists under COUNTERS."""
        ...

    def observe(self, metric: str, value: float) -> None:
        """Note one measurement, in seconds, of what it lists under HISTOGRAMS."""
        ...


# --- hosts


@dataclass(frozen=True, kw_only=True)
class Script:
    """A versioned verb: sent as text to an open account, known by name on a restricted one.

    `text` is POSIX sh; arguments arrive as `$1 …`, never inside the text.
    """

    name: str
    version: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Limit:
    """One deadline for the whole operation, and one cap on what both streams together may bring."""

    seconds: float
    bytes: int = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Completed:
    """What a script answered. `exit` None: ended by a signal or unknown; never to be read as success."""

    exit: int | None
    stdout: bytes
    stderr: bytes
    truncated: bool = False
    duration_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One round's raw answer of a host.

    `sections` are what the script printed, by name; `answers` what the health URLs of services said;
    `metrics` are readings that were numbers from the start (`transport: local`).
    """

    host: str
    at: datetime
    outcome: ProbeOutcome
    reason: str = ""
    duration_ms: float = 0.0
    sections: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, HttpAnswer] = field(default_factory=dict)
    metrics: Metrics = field(default_factory=dict)
    whole: bool = True
    """False: only what is read without starting anything on the host, and of the processes that were named."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What a round wants of a host. Not `whole`: a small sample is enough, with the processes `pids`, where the way to
    that host has one.
    """

    services: Sequence[ServiceSpec]
    whole: bool = True
    pids: tuple[int, ...] = ()


class Host(Protocol):
    """One host, reached over a connection that is kept."""

    @property
    def spec(self) -> HostSpec: ...

    def sample(self, services: Sequence[ServiceSpec]) -> Sample:
        """Take one sample within the host's deadlines. Never raises: what went wrong is its outcome."""
        ...

    def run(self, script: Script, args: Sequence[str] = (), *, stdin: bytes = b"", limit: Limit) -> Completed:
        """Run a script on a channel of its own. Raises HostFailure where the host could not be asked in time."""
        ...

    def talk(self, talk: Talk) -> Reply:
        """Connect to an address as seen from the host, say something, and hear the answer. Never raises: see Reply."""
        ...


class Hosts(Protocol):
    def get(self, name: str) -> Host:
        """Return the host of that name in the fleet (KeyError if there is none); connects when first used."""
        ...

    def here(self) -> Host:
        """Return the bot's own machine, to ask from; it need not be watched."""
        ...

    def begin(self, name: str, ask: Ask, done: Callable[[Sample], None]) -> None:
        """Take a sample of a host of the fleet without waiting for it; `done` is called with it once, from some other
        thread, within the host's deadlines, and must be quick.
        """
        ...

    def connections(self) -> int:
        """Return how many SSH connections are open."""
        ...

    def way(self, name: str) -> Way:
        """Return how the rounds of a host are asked, once it was sampled."""
        ...

    def change(self, fleet: Fleet) -> None:
        """Have these hosts from now on; those that are gone, or reached otherwise, are let go."""
        ...

    def close(self) -> None: ...


# --- store


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
    ) -> None:
        """Write all of it in one transaction.

        An alert is written where the stored version equals `alert.version` (0: not stored yet), and then carries the next;
        otherwise Conflict is raised and nothing is written; likewise an action, an incident and a review. An incident whose
        number another one has is a Conflict too. A job whose `key` is unfinished already is left out, silently, and so is
        a timeline event whose id is known. An EDIT replaces the unsent edits of its subject. `finished` are claimed jobs
        with their end status and result; they are ended before `jobs` are added, so that a job may follow itself.
        """
        ...

    def alerts(self, *, host: str | None = None, unresolved: bool = False) -> list[Alert]:
        """Return alerts, newest episode first; `unresolved`: pending, firing and recovering ones alone."""
        ...

    def alert(self, alert_id: str) -> Alert | None: ...

    def silences(self, *, now: datetime) -> list[Silence]:
        """Return the silences in force."""
        ...

    def observations(self) -> dict[str, Observation]:
        """Return the newest observation of each host."""
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
        self, *, now: datetime, worker: str, lease_s: float, limit: int = 20, held: Collection[str] = ()
    ) -> list[OutboxEntry]:
        """Claim what is due: in order within a subject, one per subject at a time, most urgent first.

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

    def prune(self, *, now: datetime) -> None:
        """Remove what nobody needs any more; nothing unsent, unresolved or audited."""
        ...

    def close(self) -> None: ...


class History(Protocol):
    """What was read of each host over time: each round for a day, then rolled up for thirty."""

    def record(self, observations: Sequence[Observation]) -> None:
        """Keep these rounds; the newest may be lost where the process is killed. Raises StoreFault."""
        ...

    def flush(self) -> None:
        """Write what is still in memory. Raises StoreFault."""
        ...

    def points(self, host: str, *, since: datetime, until: datetime) -> list[Point]:
        """Return what is known of a host in a span, oldest first. Raises StoreFault."""
        ...

    def roll_up(self, *, now: datetime) -> None:
        """Roll up what is older than a day, remove what is older than thirty. Raises StoreFault."""
        ...


class NoHistory:
    """Fulfils History where none is kept."""

    def record(self, observations: Sequence[Observation]) -> None: ...
    def flush(self) -> None: ...

    def points(self, host: str, *, since: datetime, until: datetime) -> list[Point]:
        del host, since, until
        return []

    def roll_up(self, *, now: datetime) -> None: ...


# --- chat


class ChatOut(Protocol):
    """Raises ChatBusy, ChatDoubtful, ChatRefused or ChatClosed, and nothing else.

    Where the chat has said when to come back, ChatBusy is raised until then without asking it.
    """

    def post(self, channel: str, message: Message, *, outbox: str, thread_ts: str | None = None) -> Posted:
        """Say it; its file is a step of its own, see `attach`."""
        ...

    def attach(
        self, posted: Posted, attachment: Attachment, *, thread_ts: str | None = None, doubtful: bool = False
    ) -> None:
        """Put a message's file into its thread (`thread_ts` where it stands in one itself).

        `doubtful`: it may be there already, so look first.
        """
        ...

    def edit(self, posted: Posted, message: Message, *, outbox: str) -> None: ...

    def whisper(self, channel: str, user: str, message: Message, *, thread_ts: str | None = None) -> None:
        """Show it to one person only; not stored, best effort."""
        ...

    def find(
        self, channel: str, *, outbox: str, since: datetime, thread_ts: str | None = None
    ) -> Posted | None:
        """Look in the channel's (or thread's) history for the message that carries this outbox id."""
        ...

    def link(self, posted: Posted) -> str:
        """Return the address of what was said."""
        ...


class People(Protocol):
    """Who is who in the chat, as far as it tells. Never raises: what cannot be looked up is None."""

    def person(self, user_id: str) -> Person | None: ...

    def named(self, name: str) -> Person | None:
        """Return who is called so (any case, without the @), if it is one person alone."""
        ...

    def nearest(self, name: str) -> tuple[str, ...]:
        """Return names like this one, best first."""
        ...

    def group(self, group_id: str) -> tuple[Person, ...]:
        """Return the members of a user group (`S…`)."""
        ...


class Nobody:
    """People of a bot that is not connected."""

    def person(self, user_id: str) -> Person | None:
        del user_id
        return None

    def named(self, name: str) -> Person | None:
        del name
        return None

    def nearest(self, name: str) -> tuple[str, ...]:
        del name
        return ()

    def group(self, group_id: str) -> tuple[Person, ...]:
        del group_id
        return ()


# --- calendars


class Calendar(Protocol):
    def write(self, review: Review, *, summary: str, description: str, remind_s: Sequence[float] = ()) -> str:
        """Return a review as a file that calendar programs take in: the invitation, the move (one more `sequence`) or,
        where it is cancelled, the cancellation of one and the same event. `remind_s`: seconds before the start.
        """
        ...


class NoCalendar:
    """A calendar that writes nothing: reviews are in the chat alone."""

    def write(self, review: Review, *, summary: str, description: str, remind_s: Sequence[float] = ()) -> str:
        del review, summary, description, remind_s
        return ""


# --- looks


class Looks(Protocol):
    def alone(self, target: Target, look: Callable[[Inspection | None], Inspection]) -> Inspection:
        """Look while nobody else looks at that target; `look` is handed what the one found for whose end it had to wait,
        None where it did not wait or that one failed. Raises what `look` raises.
        """
        ...


class AnyLooks:
    """Looks of a bot that does one thing at a time."""

    def alone(self, target: Target, look: Callable[[Inspection | None], Inspection]) -> Inspection:
        del target
        return look(None)


@dataclass(kw_only=True)
class Services:
    """Everything a handler or a flow is handed. All of it stays as it was made, but for `settings`: where an inventory
    changes, they are replaced as a whole, so read them anew for each thing you do.
    """

    settings: Settings
    clock: Clock
    ids: Ids
    hosts: Hosts
    store: Store
    chat: ChatOut
    telemetry: Telemetry
    people: People = field(default_factory=Nobody)
    calendar: Calendar = field(default_factory=NoCalendar)
    looks: Looks = field(default_factory=AnyLooks)
    history: History = field(default_factory=NoHistory)
    sampler: Mapping[str, bytes] = field(default_factory=dict)
    """Machine (`x86_64`) → the sampler's binary, verified, for hosts that have none."""
