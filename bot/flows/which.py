"""Which incident, or which alert, somebody means: by its name, by the thread they are in, or because there is only one."""

from datetime import timedelta
from difflib import get_close_matches

from bot.domain.alerts import Alert
from bot.domain.errors import BadArgument, UnknownName
from bot.domain.incidents import Incident, number_in
from bot.domain.invocations import Invocation
from bot.domain.messages import Posted
from bot.ports import Services

LATELY = timedelta(hours=24)
MOST = 1000
MOST_NAMED = 5


def incident_named(word: str, services: Services) -> Incident:
    """Return the incident called `INC-12`, `inc12`, `#12`, `12` or by its id. Raises UnknownName with the nearest keys."""
    found = find(word, services)
    if found is None:
        keys = {one.key.lower(): one.key for one in services.store.incidents(limit=MOST)}
        number = number_in(word)
        wanted = f"inc-{number}" if number is not None else word.lower()
        nearest = tuple(keys[one] for one in get_close_matches(wanted, keys, n=3, cutoff=0.5))
        raise UnknownName(kind="incident", word=word, nearest=nearest, known=tuple(keys.values())[:8])
    return found


def find(word: str, services: Services) -> Incident | None:
    """Return the incident that a word names, if it names one."""
    if found := services.store.incident(word.lower()):
        return found
    number = number_in(word)
    if number is None:
        return None
    return next((one for one in services.store.incidents(limit=MOST) if one.number == number), None)


def incident_meant(invocation: Invocation, services: Services, *, usage: str) -> Incident:
    """Return the incident of the thread, else the only open one, else the newest of the last 24 h.

    Raises BadArgument `which_incident` or `no_incident`.
    """
    about = of_thread(invocation, services)
    if isinstance(about, Incident):
        return about
    opened = services.store.incidents(unresolved=True)
    if len(opened) == 1:
        return opened[0]
    now = services.clock.now()
    for one in services.store.incidents():
        if now - max(one.opened_at, one.resolved_at or one.opened_at) <= LATELY:
            return one
    raise _which(opened or services.store.incidents(), usage)


def open_incident_meant(invocation: Invocation, services: Services, *, usage: str) -> Incident:
    """Return the incident of the thread, else the only open one. Raises BadArgument `which_incident` or `no_incident`."""
    about = of_thread(invocation, services)
    if isinstance(about, Incident):
        return about
    opened = services.store.incidents(unresolved=True)
    if len(opened) == 1:
        return opened[0]
    raise _which(opened, usage)


def about(invocation: Invocation, services: Services, *, usage: str) -> Incident | Alert:
    """Return what the thread is about, an incident or an alert, else the only open incident. Raises BadArgument."""
    return of_thread(invocation, services) or open_incident_meant(invocation, services, usage=usage)


def of_thread(invocation: Invocation, services: Services) -> Incident | Alert | None:
    """Return the incident or the alert whose thread it was said in, or that of its act or review; an alert's newest
    incident rather than the alert.
    """
    if not invocation.thread_ts:
        return None
    subject = services.store.subject_at(Posted(channel=invocation.channel, ts=invocation.thread_ts)) or ""
    kind, _, identity = subject.partition(":")
    if kind == "review":
        review = services.store.review(identity)
        kind, identity = "incident", review.incident if review else ""
    elif kind == "action":
        action = services.store.action(identity)
        kind, identity = "alert", action.alert if action else ""
    if kind == "incident":
        return services.store.incident(identity)
    if kind == "group":
        members = services.store.alerts(group=identity)
        kind, identity = "alert", members[-1].id if members else ""
    if kind == "alert":
        alert = services.store.alert(identity)
        return incident_of(alert, services) or alert if alert else None
    return None


def incident_of(alert: Alert, services: Services) -> Incident | None:
    """Return the newest incident that an alert belongs to."""
    return next((one for one in services.store.incidents() if alert.id in one.alerts), None)


def _which(candidates: list[Incident], usage: str) -> BadArgument:
    if not candidates:
        return BadArgument("no_incident", usage="/hang incident open TITLE")
    named = ", ".join(f"{one.key} {one.title}" for one in candidates[:MOST_NAMED])
    return BadArgument("which_incident", usage=usage, known=named)
