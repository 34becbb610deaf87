"""`review [INC] WHEN [for 45m] [with @a @b]`, in any order; `review move …`, `review cancel [INC]`, `review list`; its buttons."""

import re

from bot.domain.access import is_operator
from bot.domain.alerts import Alert, AlertStatus
from bot.domain.errors import BadArgument, NoTime, UnknownName
from bot.domain.incidents import Incident
from bot.domain.invocations import Audience, Invocation, Reply, Via
from bot.domain.meetings.reading import Wish, read_wish
from bot.domain.meetings.slot import Refused, Slot
from bot.domain.reviews import Purpose
from bot.flows import incidents, review, which
from bot.flows.review import USAGE, Wanted
from bot.ports import Services
from bot.present import meetings

MOVE_USAGE = "/hang review move [INC] WHEN"
CANCEL_USAGE = "/hang review cancel [INC]"
FILES = ("file", "files", "ics")
MOVE, CANCEL, LIST = ("move", "postpone", "reschedule"), ("cancel", "delete"), ("list", "ls", "all")
NUMBER = re.compile(r"#?[0-9]{1,6}")
KEY = re.compile(r"(?:inc(?:ident)?)?[-_#]{0,2}([0-9]{1,6})", re.IGNORECASE)


def handle(invocation: Invocation, services: Services) -> Reply:
    if invocation.via is Via.BUTTON:
        return _pressed(invocation, services)
    words = list(invocation.args)
    sub = words[0].lower() if words else ""
    if not words or sub in LIST:
        return _list(words[1:], services, every=bool(words))
    if sub in FILES:
        incident = _incident(_only_incident(words[1:]), invocation, services, "/hang review file [INC]")
        return Reply(message=review.files(incident, invocation, services))
    if sub in CANCEL:
        incident = _incident(_only_incident(words[1:]), invocation, services, CANCEL_USAGE)
        return Reply(message=review.cancellation(incident, invocation, services))
    moves = sub in MOVE
    return _wish(words[1:] if moves else words, invocation, services, moves=moves)


def confirm(invocation: Invocation, services: Services) -> Reply:
    """Say yes to a proposal; whoever pressed a button sees it on the message itself."""
    message = review.confirm(invocation.args[0], invocation, services)
    return Reply(message=None if invocation.via is Via.BUTTON else message)


def cancel(invocation: Invocation, services: Services) -> Reply:
    message = review.drop(invocation.args[0], invocation, services)
    return Reply(message=None if invocation.via is Via.BUTTON else message)


def _wish(words: list[str], invocation: Invocation, services: Services, *, moves: bool) -> Reply:
    """Read when, with whom and about what; echo it, ask, or say why not."""
    policy = services.settings.review
    usage = MOVE_USAGE if moves else USAGE
    wish = read_wish(
        _spelled(words),
        now=invocation.at,
        zone=review.home_zone(invocation, services),
        default_minutes=policy.minutes,
    )
    if isinstance(wish.when, Refused):
        raise NoTime(wish.when.clue, usage=usage)
    incident = _incident(wish.incident, invocation, services, usage)
    if isinstance(wish.when, Slot):
        return Reply(message=review.propose(_wanted(wish.when, wish, incident, moves), invocation, services))
    if wish.when.code == "when_missing" and not wish.people and not moves:
        return Reply(message=review.suggest(incident, invocation, services))
    people = f" with {' '.join(f'@{name}' for name in wish.people)}" if wish.people else ""
    asked = [(_wanted(one.slot, wish, incident, moves), f"{one.text}{people}") for one in wish.when.options]
    return Reply(message=review.offer(meetings.question(wish.when), asked, invocation, services))


def _wanted(slot: Slot, wish: Wish, incident: Incident, moves: bool) -> Wanted:
    return Wanted(
        incident=incident,
        start=slot.start,
        zone=slot.zone,
        minutes=slot.minutes,
        minutes_given=slot.minutes_given,
        people=wish.people,
        purpose=Purpose.MOVE if moves else Purpose.BOOK,
    )


def _spelled(words: list[str]) -> list[str]:
    """Write `inc 12`, `inc12` and `#12` as the grammar reads an incident: `INC-12`."""
    found: list[str] = []
    for word in words:
        bare = word.lower()
        if found and found[-1].lower() in ("inc", "incident") and NUMBER.fullmatch(word):
            found[-1] = f"INC-{word.lstrip('#')}"
        elif (bare.startswith(("inc", "#"))) and (key := KEY.fullmatch(word)):
            found.append(f"INC-{key[1]}")
        else:
            found.append(word)
    return found


def _only_incident(words: list[str]) -> str | None:
    """Return the one incident that is named, None where none is. Raises BadArgument for anything else."""
    spelled = _spelled(words)
    if len(spelled) > 1:
        raise BadArgument("too_many_words", word=spelled[1], usage=CANCEL_USAGE)
    return spelled[0] if spelled else None


def _incident(named: str | None, invocation: Invocation, services: Services, usage: str) -> Incident:
    if named:
        return which.incident_named(named, services)
    return which.incident_meant(invocation, services, usage=usage)


def _list(words: list[str], services: Services, *, every: bool) -> Reply:
    named = _only_incident(words)
    only = which.incident_named(named, services) if named else None
    return Reply(message=review.listed(services, every=every, only=only), audience=Audience.CHANNEL)


# --- buttons


def _pressed(invocation: Invocation, services: Services) -> Reply:
    """Plan a review (of an alert's incident, or an incident), pick one of several times, or ask for others."""
    word = invocation.args[0] if invocation.args else ""
    kind = word.partition("_")[0]
    if invocation.verb == "other_time":
        proposal = services.store.review(word)
        incident = services.store.incident(proposal.incident) if proposal else None
        if proposal is None or incident is None:
            raise BadArgument("review_gone", word=word)
        return Reply(message=review.suggest(incident, invocation, services, instead=proposal))
    if kind == "rev":
        return Reply(message=review.pick(word, invocation, services))
    return Reply(message=review.suggest(_incident_of(word, invocation, services), invocation, services))


def _incident_of(word: str, invocation: Invocation, services: Services) -> Incident:
    """Return the incident that a button stands for, or the newest one of its alert."""
    if word.startswith("inc_"):
        found = services.store.incident(word)
        if found is None:
            raise UnknownName(kind="incident", word=word)
        return found
    alert = services.store.alert(word)
    if alert is None:
        raise UnknownName(kind="alert", word=word)
    return which.incident_of(alert, services) or _made_for(alert, invocation, services)


def _made_for(alert: Alert, invocation: Invocation, services: Services) -> Incident:
    """Open the incident that an alert never had, for who may; it is over where the alert is."""
    actor = invocation.actor
    if not is_operator(actor, services.settings.access):
        raise BadArgument("no_incident_yet", word=str(alert.target), usage="/hang incident open TITLE")
    incidents.open_incident(services, actor=actor, alert=alert)
    made = which.incident_of(alert, services)
    if made is None:
        raise UnknownName(kind="incident", word=alert.id)
    if alert.status is AlertStatus.RESOLVED:
        incidents.resolve(services, actor=actor, incident=made)
    return made
