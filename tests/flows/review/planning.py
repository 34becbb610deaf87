"""A bot with an incident that is over, people in three zones, and a clock that is set: what they say, press and are told."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from zoneinfo import ZoneInfo

from bot.calendars.ics import Ics
from bot.domain.incidents import Incident
from bot.domain.invocations import Actor, Invocation, Reply, Via
from bot.domain.jobs import JobStatus
from bot.domain.messages import Buttons, Menu, Message, Notification, Posted
from bot.domain.reviews import Person, Review, ReviewStatus
from bot.domain.settings import AccessPolicy
from bot.domain.targets import Target
from bot.domain.timeline import EventKind, TimelineEvent
from bot.flows import reminders
from bot.ports import Services, Store
from handlers import router
from handlers.arguments import parse
from tests.flows.watch.night import CountedIds, SetClock, night

MONDAY = datetime(2026, 11, 23, 15, 20, tzinfo=UTC)  # 16:20 in Berlin
ANA = Actor(id="U0ANA", name="ana", member=True, zone="Europe/Berlin")
BEN = Actor(id="U0BEN", name="ben", member=True, zone="America/New_York")
EVE = Actor(id="U0EVE", name="eve", member=True)
BY_HAND = Actor(id="local:root", name="root", member=True, local=True)
PEOPLE = (
    Person(id="U0ANA", name="ana", zone="Europe/Berlin", email="ana@example.org"),
    Person(id="U0BEN", name="ben", zone="America/New_York", email="ben@example.org"),
    Person(id="U0EVE", name="eve"),
    Person(id="U0MEI", name="mei", zone="Asia/Tokyo"),
    Person(id="U0BOT", name="otherbot", barred="bot"),
    Person(id="U0OLD", name="olga", barred="deactivated"),
)


@dataclass
class KnownPeople:
    """Fulfils ports.People with those it is given."""

    by_id: Mapping[str, Person]
    resting: Mapping[str, datetime] = field(default_factory=dict)

    def resting_until(self, user_id: str, *, now: datetime) -> datetime | None:
        until = self.resting.get(user_id)
        return until if until is not None and until > now else None

    def person(self, user_id: str) -> Person | None:
        return self.by_id.get(user_id)

    def named(self, name: str) -> Person | None:
        wanted = name.lower()
        found = [one for one in self.by_id.values() if wanted in (one.name.lower(), one.email.lower())]
        return found[0] if len(found) == 1 else None

    def group(self, group_id: str) -> tuple[Person, ...]:
        members = {"S0614TZR7": ("U0BEN0000", "U0BEN", "U0MEI", "U0OLD")}.get(group_id, ())
        return tuple(self.by_id[one] for one in members if one in self.by_id)

    def nearest(self, name: str) -> tuple[str, ...]:
        names = [one.name for one in self.by_id.values() if not one.barred]
        return tuple(get_close_matches(name.lower(), names, n=3))


@dataclass
class Planning:
    """`said` takes what is in the outbox, as if it were sent."""

    services: Services
    clock: SetClock
    incident: Incident
    count: int = 0

    @property
    def store(self) -> Store:
        return self.services.store

    def __call__(
        self, line: str, actor: Actor = ANA, via: Via = Via.SLASH, thread_ts: str | None = None
    ) -> Reply:
        verb, args = parse(line)
        return self.put(verb, args, actor=actor, via=via, text=line, thread_ts=thread_ts)

    def press(self, action: str, value: str, actor: Actor = ANA) -> Reply:
        return self.put(action, (value,), actor=actor, via=Via.BUTTON, text=f"{action} (button)")

    def put(
        self,
        verb: str,
        args: tuple[str, ...],
        *,
        actor: Actor,
        via: Via,
        text: str,
        thread_ts: str | None = None,
    ) -> Reply:
        self.count += 1
        invocation = Invocation(
            id=f"t{self.count}",
            actor=actor,
            verb=verb,
            args=args,
            text=text,
            channel="C1",
            thread_ts=thread_ts,
            via=via,
            at=self.clock.now(),
        )
        return router.answer(invocation, self.services)

    def said(self) -> list[Notification]:
        found: list[Notification] = []
        while entries := self.store.claim_notifications(
            now=self.clock.now() + timedelta(days=1), worker="w", lease_s=1e9
        ):
            for entry in entries:
                where = entry.root or Posted(channel="C1", ts=f"1.{self.count}{len(found)}")
                self.store.sent(entry.notification.id, posted=where, now=self.clock.now())
                found.append(entry.notification)
        return found

    def echo(self, line: str = "review tomorrow 10:00", actor: Actor = ANA) -> Message:
        """Type it; return the echo that goes into the channel."""
        reply = self(line, actor)
        assert reply.message is None, reply.message
        return self.echoed()

    def echoed(self) -> Message:
        """Take the one echo that was posted."""
        (echo,) = [
            one for one in self.said() if one.subject.startswith("review-echo:") and one.operation == "post"
        ]
        return echo.message

    def book(self, line: str = "review tomorrow 10:00", actor: Actor = ANA) -> Review:
        """Type it and say yes; return the review as it is then."""
        reply = self.press("confirm", value_of(self.echo(line, actor), "confirm"), actor)
        assert not reply.refused, reply.message
        return self.booked()

    def booked(self) -> Review:
        (found,) = [one for one in self.store.reviews() if one.status is ReviewStatus.BOOKED]
        return found

    def work(self) -> list[Notification]:
        """Do the jobs that are due; return what was said of reviews."""
        while job := self.store.claim_job(now=self.clock.now(), worker="w", lease_s=60):
            reminders.run_job(job, self.services)
            done = self.store.job(job.id)
            assert done is not None
            assert done.status is JobStatus.DONE
        return [one for one in self.said() if one.subject.startswith("review")]


def value_of(message: Message, action: str) -> str:
    return values(message)[action][0]


def values(message: Message) -> dict[str, list[str]]:
    """Return the values of a message's buttons by their actions."""
    found: dict[str, list[str]] = {}
    for section in message.sections:
        if isinstance(section, Buttons):
            for button in section.buttons:
                assert not isinstance(button, Menu)
                found.setdefault(button.action, []).append(button.value)
    return found


def planning(store: Store) -> Planning:
    """Return the bot, with its incident stored."""
    services = bot(store)
    incident = opened(services, number=12, since=MONDAY - timedelta(hours=13))
    return Planning(services=services, clock=services.clock, incident=incident)  # type: ignore[arg-type]


def planning_again(store: Store) -> Planning:
    """Return another process's view of the same."""
    services = bot(store, first_id=1000)
    incident = services.store.incident("inc_12")
    assert incident is not None
    return Planning(services=services, clock=services.clock, incident=incident)  # type: ignore[arg-type]


def bot(store: Store, *, first_id: int = 0) -> Services:
    made = night(store)
    settings = replace(
        made.services.settings,
        access=AccessPolicy(operators=("U0ANA",)),
        timezone=ZoneInfo("Europe/Berlin"),
    )
    return replace(
        made.services,
        settings=settings,
        clock=SetClock(at=MONDAY),
        ids=CountedIds(number=first_id),
        people=KnownPeople({one.id: one for one in PEOPLE}),
        calendar=Ics(),
    )


def opened(
    services: Services, *, number: int, since: datetime, title: str = "shop silent on web1"
) -> Incident:
    """Store an incident that ana opened and acknowledged and ben wrote a note on, resolved an hour later."""
    incident = Incident(
        id=f"inc_{number}",
        number=number,
        title=title,
        opened_by="U0ANA",
        opened_name="ana",
        opened_at=since,
        since=since,
        targets=(Target(host="web1", service="shop"),),
        resolved_at=since + timedelta(hours=1),
        resolved_by="U0ANA",
        resolved_name="ana",
        updated_at=since,
    )
    events = [
        TimelineEvent(id=f"e{number}.1", at=since, kind=EventKind.INCIDENT_OPENED, incident=incident.id, by="U0ANA", name="ana"),
        TimelineEvent(id=f"e{number}.2", at=since + timedelta(minutes=5), kind=EventKind.ACKNOWLEDGED, incident=incident.id, by="U0ANA", name="ana"),
        TimelineEvent(id=f"e{number}.3", at=since + timedelta(minutes=9), kind=EventKind.NOTED, incident=incident.id, by="U0BEN", name="ben", facts={"text": "the cache"}),
    ]  # fmt: skip
    services.store.commit(incidents=[incident], events=events)
    stored = services.store.incident(incident.id)
    assert stored is not None
    return stored
