"""Who comes to a review: who was named, else who took part; each looked up, so that nobody is invited who cannot come."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.domain.errors import BadArgument, UnknownName
from bot.domain.incidents import Incident
from bot.domain.invocations import Actor
from bot.domain.reviews import Person, Review
from bot.domain.timeline import EventKind
from bot.flows import timeline
from bot.ports import Services
from bot.present.review import DEEDS

MOST = 30
GROUP = "subteam^"
"""How Slack writes a mentioned user group: `<!subteam^S0614TZR7>`."""
ID = re.compile(r"[UW][A-Z0-9]{4,}")
Deeds = Mapping[str, Sequence[EventKind]]


def asker(actor: Actor, services: Services) -> Person:
    """Return who asks as somebody who may be invited; the profile's own zone comes first."""
    found = services.people.person(actor.id) or Person(id=actor.id, name=actor.name)
    return replace(found, zone=actor.zone or found.zone)


def named(words: Sequence[str], organiser: Person, services: Services) -> tuple[Person, ...]:
    """Return who was named, and the organiser. Raises UnknownName with the nearest names, BadArgument `not_invitable`."""
    people = {organiser.id: organiser}
    for person in (one for word in words for one in _meant(word, services)):
        people.setdefault(person.id, person)
    if len(people) > MOST:
        raise BadArgument("too_many_people", word=str(len(people)), most=str(MOST))
    return tuple(people.values())


def took_part(incident: Incident, services: Services) -> tuple[dict[str, str], Deeds]:
    """Return who took part in an incident, as id to name, and what each of them did there."""
    names = {incident.opened_by: incident.opened_name} if incident.opened_by else {}
    deeds: dict[str, list[EventKind]] = {}
    for entry in timeline.read(incident, services):
        event = entry.event
        if event.by and event.kind in DEEDS:
            names.setdefault(event.by, event.name)
            if event.kind not in deeds.setdefault(event.by, []):
                deeds[event.by].append(event.kind)
    return names, deeds


def participants(incident: Incident, organiser: Person, services: Services) -> tuple[Person, ...]:
    """Return the organiser and who took part; who is gone since, or typed at the bot's own terminal, is left out."""
    people = {organiser.id: organiser}
    for identity, name in took_part(incident, services)[0].items():
        if ":" in identity or identity in people:
            continue
        person = services.people.person(identity) or Person(id=identity, name=name)
        if not person.barred and len(people) < MOST:
            people[identity] = person
    return tuple(people.values())


def still_there(review: Review, services: Services) -> None:
    """Raise BadArgument `not_invitable` where an invitee is gone since the echo."""
    for invitee in review.invitees:
        if found := services.people.person(invitee.id):
            _refuse_barred(found)


def _meant(word: str, services: Services) -> tuple[Person, ...]:
    """Return who is meant by a name, an id, or a group: of a group those who can come."""
    members = services.people.group(word.removeprefix(GROUP)) if word.startswith(GROUP) else ()
    if members:
        return tuple(one for one in members if not one.barred)
    person = _looked_up(word, services)
    if person is None:
        near = tuple(f"@{one}" for one in services.people.nearest(word))
        if not near:
            raise BadArgument("unknown_person", word=f"@{word}")
        raise UnknownName(kind="person", word=f"@{word}", nearest=near)
    _refuse_barred(person)
    return (person,)


def _looked_up(word: str, services: Services) -> Person | None:
    people = services.people
    if ID.fullmatch(word) and (found := people.person(word)):
        return found
    return people.named(word) or (people.person(word.upper()) if ID.fullmatch(word.upper()) else None)


def _refuse_barred(person: Person) -> None:
    if person.barred:
        raise BadArgument("not_invitable", word=person.name, why=person.barred)
