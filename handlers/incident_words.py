"""How an incident is named in a typed line: `INC-12`, `inc 12`, `#12`, `12`, or its id."""

from bot.domain.errors import BadArgument
from bot.domain.incidents import Incident
from bot.domain.invocations import Invocation
from bot.flows import which
from bot.ports import Services


def taken_from(rest: list[str], services: Services, *, text_follows: bool = False) -> Incident | None:
    """Take the incident that is named at the beginning out of the words; None where none is named.

    A bare number in front of a text is taken for an incident only where that one is open: it may begin the text.
    Raises UnknownName for what looks like an incident's name and is none.
    """
    if not rest:
        return None
    if rest[0].lower() in ("inc", "incident") and len(rest) > 1 and rest[1].lstrip("#").isdecimal():
        rest[:2] = [f"INC-{rest[1].lstrip('#')}"]
    word = rest[0]
    if text_follows and not word.lower().startswith(("inc-", "inc_", "#")):
        found = which.find(word, services)
        if found is None or (len(rest) > 1 and word.isdecimal() and not found.open):
            return None
    else:
        found = which.incident_named(word, services)
    del rest[0]
    return found


def asked_for(invocation: Invocation, services: Services, *, usage: str) -> Incident:
    """Return the incident that a looking verb is about: the one named, else the one that is meant."""
    rest = list(invocation.args)
    incident = taken_from(rest, services)
    if rest:
        raise BadArgument("too_many_words", word=rest[0], usage=usage)
    return incident or which.incident_meant(invocation, services, usage=usage)
