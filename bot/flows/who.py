"""Who is on call, and whether the chat reaches them now."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.routes import DEFAULT
from bot.ports import Services


@dataclass(frozen=True, kw_only=True)
class OnDuty:
    """Somebody on call. `group`: the user group they are called by; `resting_until`: when the chat disturbs them again."""

    id: str
    name: str
    group: str = ""
    resting_until: datetime | None = None


def on_duty(services: Services) -> dict[str, tuple[OnDuty, ...]]:
    """Return who is on call in each team; a team without anybody is among them."""
    teams = tuple(services.settings.teams) or (DEFAULT,)
    return {name: tuple(_members(services.oncall(name), services)) for name in teams}


def names_of(services: Services) -> dict[str, str]:
    """Return the names of those whom an escalation calls, by id, as far as the chat tells them."""
    found = {}
    for step in services.settings.escalate:
        person = services.people.person(step.to) if step.to.startswith(("U", "W")) else None
        if person is not None:
            found[step.to] = person.name
    return found


def _members(ids: tuple[str, ...], services: Services) -> list[OnDuty]:
    now = services.clock.now()
    found = []
    for one in ids:
        people = services.people.group(one) if one.startswith("S") else (services.people.person(one),)
        group = one if one.startswith("S") else ""
        for person in people:
            member = person.id if person else one
            found.append(
                OnDuty(
                    id=member,
                    name=person.name if person else "",
                    group=group,
                    resting_until=services.people.resting_until(member, now=now),
                )
            )
        if group and not people:
            found.append(OnDuty(id=one, name="", group=one))
    return found
