"""Not hung: it waits for work, or sleeps on purpose."""

from bot.domain import reading, resting, standing
from bot.domain.clues import clue
from bot.domain.diagnosis import Cause, Finding
from bot.domain.evidence import Evidence

SURE_ENOUGH = 0.6


def idle(evidence: Evidence) -> Finding | None:
    """All its threads stand where a program waits for work, and one of them waits for a connection or an event."""
    kinds = standing.kinds_of(evidence)
    if kinds is None or not kinds or "stuck" in kinds.values():
        return None
    left = len(resting.unanswered(evidence))
    listens = sum(kind == "listens" for kind in kinds.values())
    queued = sum(kind == "queue" for kind in kinds.values())
    if (
        {"sleeps", "rests", "joins"} & set(kinds.values())
        and evidence.children
        and standing.has_listener(evidence)
    ):
        listens = 1  # it looks after workers, who take what comes in
    threads = reading.samples(evidence)
    if left:
        confidence = 0.5
    elif listens:
        confidence = 0.75 if not queued else 0.65
    elif "rests" in kinds.values() and not {"queue", "sleeps"} & set(kinds.values()):
        confidence = 0.65
    elif {"queue", "sleeps", "rests"} & set(kinds.values()):
        confidence = 0.5
    else:
        return None
    against = () if confidence >= SURE_ENOUGH else (clue("idle_looks_alike"),)
    if left:
        against = (clue("clients_wait", count=left, seconds=_longest_s(evidence)),)
    return Finding(
        cause=Cause.IDLE,
        confidence=confidence,
        threads=reading.names(threads, kinds),
        because=(clue("all_wait_for_work", count=len(kinds)),),
        against=against,
        suggest=clue("ask_what_should_come"),
    )


def _longest_s(evidence: Evidence) -> int:
    return max(one.since_received_ms for one in resting.unanswered(evidence)) // 1000
