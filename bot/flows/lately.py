"""What changed on a host before one of its services was no longer well."""

from dataclasses import replace

from bot.domain import changes
from bot.domain.changes import Wellness
from bot.domain.clues import clue
from bot.domain.diagnosis import Inspection, Verdict
from bot.domain.evidence import Evidence
from bot.domain.observations import ServiceState
from bot.domain.targets import Target
from bot.flows.findings import alert_of
from bot.ports import Services


def changed(inspection: Inspection, evidence: Evidence, services: Services) -> Inspection:
    """Return the inspection with the changes that may be why; what is well has none."""
    if evidence.changes is None or inspection.diagnosis.verdict is Verdict.HEALTHY:
        return inspection
    told = changes.clues(
        evidence.changes,
        wellness(inspection.target, services),
        started_at=evidence.process.started_at,
        now=inspection.at,
        diff=_diff(inspection.target),
    )
    waits = (clue("not_reloaded"),) if evidence.changes.not_reloaded else ()
    return replace(inspection, changed=(*told, *waits))


def _diff(target: Target) -> str:
    """Return what to type to see more of what changed; without a service there is nothing to ask for."""
    return f"/hang diff {target.host} {target.service}" if target.service else ""


def wellness(target: Target, services: Services) -> Wellness:
    """Return what is known of when a service was last well: by its alert, else by the last round."""
    alert = alert_of(target, services)
    if alert is not None:
        return Wellness(last_good_at=alert.last_good_at, bad_since=alert.since)
    observation = services.store.observations().get(target.host)
    reading = observation.services.get(target.service or "") if observation else None
    if observation is None or reading is None or reading.state is not ServiceState.ANSWERING:
        return Wellness()
    return Wellness(last_good_at=observation.at)
