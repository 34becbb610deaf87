"""A server in front waits for the one behind it, and its own clients wait for that."""

from collections import Counter

from bot.domain.clues import Clue, clue
from bot.domain.diagnosis import Cause, Finding
from bot.domain.evidence import Evidence
from bot.domain.front import Front, slowest

FEW = 2
"""So many answers at least must be due: a single one may be a long poll."""


def diagnose(evidence: Evidence) -> Finding | None:
    front = evidence.front
    if front is None:
        return None
    return _over_network(front) or _over_paths(front)


def _over_network(front: Front) -> Finding | None:
    owed, clients = front.owed, front.waiting_clients
    if not owed:
        return None
    peer, due = slowest(owed)
    others = sum(one.peer == peer and not one.awaits for one in front.made)
    many = len(due) >= FEW and len(due) > others
    longest = due[0].since_sent_ms // 1000
    return Finding(
        cause=Cause.BLOCKED_NETWORK,
        confidence=0.85 if many and clients else 0.65 if many else 0.5,
        because=(
            clue(
                "front_waits",
                peer=peer,
                local=due[0].local,
                program=front.program,
                count=len(due),
                seconds=longest,
            ),
            *_clients(front),
            *_requests(front),
        ),
        against=() if many else (clue("long_poll_looks_alike"),),
        suggest=clue("look_behind", peer=peer),
    )


def _over_paths(front: Front) -> Finding | None:
    """The kernel does not tell of a socket with a path who spoke last: that clients wait meanwhile does."""
    clients = front.waiting_clients
    if not front.by_path or not clients:
        return None
    door = max(front.by_path, key=lambda one: one.count)
    many = len(clients) >= FEW
    return Finding(
        cause=Cause.BLOCKED_NETWORK,
        confidence=0.8 if many else 0.5,
        because=(
            clue(
                "front_waits_at_path",
                path=door.path,
                program=front.program,
                pid=door.pid or None,
            ),
            *_clients(front),
            *_requests(front),
        ),
        against=() if many else (clue("long_poll_looks_alike"),),
        suggest=clue("look_behind", peer=door.path),
    )


def _clients(front: Front) -> list[Clue]:
    waiting = front.waiting_clients
    if not waiting:
        return []
    longest = max(one.since_received_ms for one in waiting) // 1000
    return [clue("its_clients_wait", count=len(waiting), seconds=longest)]


def _requests(front: Front) -> list[Clue]:
    found = []
    if front.busy is not None and front.free is not None:
        found.append(clue("front_workers", busy=front.busy, free=front.free))
    asked = Counter((one.method, one.path) for one in front.requests if one.for_s >= FEW)
    for (method, path), count in asked.most_common(2):
        longest = max(one.for_s for one in front.requests if (one.method, one.path) == (method, path))
        found.append(clue("front_request", request=f"{method} {path}", count=count, seconds=longest))
    return found
