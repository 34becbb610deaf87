"""What the store knows of a hang that was just found: whether it was seen before, and what ended it then."""

from dataclasses import replace

from bot.domain import fingerprint, memory
from bot.domain.diagnosis import Inspection, Verdict
from bot.domain.evidence import Evidence
from bot.ports import Services


def remember(inspection: Inspection, evidence: Evidence, services: Services) -> Inspection:
    """Return the inspection with its fingerprint, and with its past where it has one. What does not hang has neither."""
    diagnosis = inspection.diagnosis
    if diagnosis.verdict is not Verdict.HUNG:
        return inspection
    mark = fingerprint.fingerprint(diagnosis.findings[0], root=fingerprint.root(evidence))
    if not mark:
        return inspection
    store = services.store
    known = store.sightings(mark, service=inspection.target.service)
    before = memory.earlier(known, inspection.sighting)
    if not before:
        return replace(inspection, fingerprint=mark)
    last = before[0].target
    seen = memory.remembered(
        mark,
        before,
        actions=store.actions(target=last),
        alerts=store.alerts(host=last.host),
        incidents=store.incidents(limit=200),
    )
    return replace(inspection, fingerprint=mark, seen=seen)
