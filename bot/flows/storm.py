"""Many hosts' same service in trouble at once: some are looked at by ourselves, and one that is well; the others are told so."""

from dataclasses import dataclass, replace
from datetime import timedelta

from bot.domain.alerts import Alert, AlertStatus
from bot.domain.jobs import Job, JobKind, JobStatus
from bot.domain.settings import EvidenceAudience
from bot.domain.targets import Target
from bot.flows import cards, peers
from bot.flows.conflict import retried
from bot.ports import Services

TOGETHER = timedelta(minutes=10)
"""What fires within so much time of each other is one trouble."""
REPRESENTATIVES, MANY = 2, 4
SETTLES = timedelta(seconds=15)
"""How long the third one waits to see whether it is one of many."""
OPEN = (AlertStatus.FIRING, AlertStatus.RECOVERING)


@dataclass(frozen=True, kw_only=True)
class Storm:
    """The alerts of one rule on one service that fired together, the first one first."""

    alerts: tuple[Alert, ...]

    @property
    def representatives(self) -> tuple[Alert, ...]:
        return self.alerts[:REPRESENTATIVES]


def held_back(job: Job, services: Services) -> bool:
    """Return whether an inspection that nobody asked for is left out, or put off until it is known whether it is one of
    many; then all that follows from it is written.
    """
    alert = services.store.alert(str(job.payload["alert"])) if job.payload.get("alert") else None
    if alert is None or job.payload.get("asked") or alert.status not in OPEN:
        return False
    storm = around(alert, services)
    if alert.id in {one.id for one in storm.representatives}:
        return False
    if len(storm.alerts) >= MANY:
        retried(lambda: _spare(alert.id, storm, job, services))
        return True
    if job.payload.get("settled"):
        return False
    now = services.clock.now()
    later = replace(
        job,
        id=f"{job.id}.settled",
        payload={**job.payload, "settled": True},
        status=JobStatus.QUEUED,
        due_at=now + SETTLES,
        attempt=0,
    )
    services.store.commit(finished=[replace(job, status=JobStatus.DONE)], jobs=[later])
    return True


def around(alert: Alert, services: Services) -> Storm:
    """Return what fired together with an alert."""
    at = alert.fired_at
    together = [
        one
        for one in services.store.alerts(unresolved=True)
        if one.rule == alert.rule
        and one.target.service == alert.target.service
        and one.told
        and one.status in OPEN
        and at is not None
        and one.fired_at is not None
        and abs(one.fired_at - at) <= TOGETHER
    ]
    return Storm(alerts=tuple(sorted(together, key=lambda one: (one.fired_at or one.updated_at, one.id))))


def _spare(alert_id: str, storm: Storm, job: Job, services: Services) -> None:
    """End the job unlooked; the card says which ones are looked at, and a peer that is well is looked at once."""
    now = services.clock.now()
    alert, peer = services.store.alert(alert_id), peers.well(storm.alerts[0].target.service, services)
    looked_at = tuple(str(one.target) for one in storm.representatives) + ((str(peer),) if peer else ())
    alerts = [replace(alert, looked_at=looked_at, updated_at=now)] if alert else []
    first = storm.alerts[0]
    jobs = [_beside(first, peer, services)] if peer else []
    services.store.commit(
        alerts=alerts,
        notifications=cards.edits(services, alerts, services.store.silences(now=now), now=now),
        finished=[replace(job, status=JobStatus.DONE)],
        jobs=[one for one in jobs if services.store.job(one.id) is None],
    )


def _beside(first: Alert, peer: Target, services: Services) -> Job:
    """Return the look at a peer that is well; its answer goes into the first one's thread. One for the whole storm."""
    now = services.clock.now()
    open_to_all = services.settings.access.evidence is EvidenceAudience.CHANNEL
    return Job(
        id=f"job_peer.{first.id}",
        kind=JobKind.INSPECT,
        key=f"inspect:peer:{first.id}",
        payload={
            "inspection": f"ins_peer.{first.id}",
            "host": peer.host,
            "service": peer.service,
            "beside": first.id,
            "asked": False,
            "said": False,
            "evidence": EvidenceAudience.CHANNEL.value if open_to_all else None,
        },
        created_at=now,
        due_at=now,
    )
