"""What falls due for a review: a reminder, its end, the end of a proposal that nobody answered. As jobs they survive a restart."""

from dataclasses import replace

from bot.domain.jobs import Job, JobStatus
from bot.domain.messages import Notification, Operation
from bot.domain.reviews import Reminding, ReviewStatus, ended, reminding, too_late
from bot.flows import booking
from bot.flows.conflict import retried
from bot.ports import Services
from bot.present import invitation as words


def run_job(job: Job, services: Services) -> None:
    """Do what fell due; done twice, it says nothing twice: its rows have ids made of the review's state."""
    what = job.payload.get("what")
    if what == "remind":
        _remind(job, services)
    elif what == "end":
        retried(lambda: _end(job, services))
    else:
        retried(lambda: _expire(job, services))


def _remind(job: Job, services: Services) -> None:
    """Tell how long it is until the review, as it is now: the clock may have been set, and we may be late."""
    now = services.clock.now()
    review = services.store.review(str(job.payload["review"]))
    before_s = float(job.payload.get("before_s") or 0.0)
    planned = tuple(float(word) for word in str(job.payload.get("planned") or "").split())
    due = reminding(
        review, sequence=int(job.payload.get("sequence") or 0), before_s=before_s, later_s=planned, now=now
    )
    incident = services.store.incident(review.incident) if review else None
    said: list[Notification] = []
    if review is not None and incident is not None and due is not Reminding.NOTHING:
        if due is Reminding.AHEAD:
            message, what = words.reminder(review, incident, now=now), f"remind.{before_s:g}"
        else:
            message, what = words.missed(review, incident, now=now), "missed"
        said = [booking.said(review, Operation.REPLY, message, what, at=now)]
    services.store.commit(notifications=said, finished=[_done(job)])


def _end(job: Job, services: Services) -> None:
    """Note that a review's time is over, if it was not moved or cancelled."""
    review = services.store.review(str(job.payload["review"]))
    stands = review is not None and review.status is ReviewStatus.BOOKED
    held = []
    if review is not None and stands and review.sequence == job.payload.get("sequence"):
        held = [ended(review, ReviewStatus.HELD, now=services.clock.now())]
    services.store.commit(reviews=held, finished=[_done(job)])


def _expire(job: Job, services: Services) -> None:
    """Take the buttons of a proposal away that nobody answered in time."""
    now = services.clock.now()
    proposal = services.store.review(str(job.payload["review"]))
    if proposal is None or proposal.status is not ReviewStatus.PROPOSED or not too_late(proposal, now=now):
        services.store.commit(finished=[_done(job)])
        return
    over = ended(proposal, ReviewStatus.EXPIRED, now=now)
    incident = services.store.incident(proposal.incident)
    edits = booking.echo_edit(over, incident, services, by=None) if incident else []
    services.store.commit(reviews=[over], notifications=edits, finished=[_done(job)])


def _done(job: Job) -> Job:
    return replace(job, status=JobStatus.DONE)
