"""What the store knows of a hang that was just found: whether it was seen before, and what ended it then."""

from collections.abc import Sequence
from dataclasses import replace

from bot.domain import fingerprint, memory
from bot.domain.alerts import Alert
from bot.domain.diagnosis import Inspection, Verdict
from bot.domain.errors import ChatBusy, ChatClosed, ChatDoubtful, ChatRefused
from bot.domain.evidence import Evidence
from bot.domain.memory import Seen, Sighting
from bot.ports import Services

MOST_INCIDENTS = 200


def remember(inspection: Inspection, evidence: Evidence, services: Services) -> Inspection:
    """Return the inspection with its fingerprint, and with its past where it has one. What does not hang has neither."""
    diagnosis = inspection.diagnosis
    if diagnosis.verdict is not Verdict.HUNG:
        return inspection
    mark = fingerprint.fingerprint(diagnosis.findings[0], evidence)
    return recalled(replace(inspection, fingerprint=mark), services) if mark else inspection


def recalled(inspection: Inspection, services: Services) -> Inspection:
    """Return an inspection that has a fingerprint with what is known of it now."""
    store, now = services.store, inspection.sighting
    known = store.sightings(inspection.fingerprint, service=inspection.target.service)
    if not known:
        return inspection
    alerts = _alerts(known, now, services)
    found = replace(inspection, also_on=memory.elsewhere(known, now, alerts=alerts))
    before = memory.earlier(known, now, alerts=alerts)
    if not before:
        return found
    seen = memory.remembered(
        inspection.fingerprint,
        before,
        now,
        actions=store.actions(target=before[0].target),
        alerts=alerts,
        incidents=store.incidents(limit=MOST_INCIDENTS),
    )
    return replace(found, seen=_linked(seen, services) if seen else None)


def _linked(seen: Seen, services: Services) -> Seen:
    """Return it with the address of the incident that it belonged to, where the chat tells one just now."""
    incident = next(
        (one for one in services.store.incidents(limit=MOST_INCIDENTS) if one.key == seen.incident), None
    )
    posted = services.store.posted(incident.subject) if incident else None
    if posted is None:
        return seen
    try:
        return replace(seen, link=services.chat.link(posted))
    except (ChatBusy, ChatDoubtful, ChatRefused, ChatClosed):
        return seen


def _alerts(known: Sequence[Sighting], now: Sighting, services: Services) -> list[Alert]:
    """Return those that stand anywhere, and all there were on this host and on the last other one it was seen on."""
    other = next((one.target.host for one in known if one.target.host != now.target.host), now.target.host)
    found = {one.id: one for one in services.store.alerts(unresolved=True)}
    for host in {now.target.host, other}:
        found |= {one.id: one for one in services.store.alerts(host=host)}
    return list(found.values())
