"""Take a profile of a process out of the evidence."""

from collections import Counter

from bot.domain import reading
from bot.domain.evidence import Evidence, Socket
from bot.domain.profile import Profile

MOST_PEERS = 20


def profile(evidence: Evidence) -> Profile:
    shares = reading.cpu_shares(evidence)
    connected = [one for one in evidence.sockets if one.state in ("ESTABLISHED", "SYN_SENT")]
    made = Counter(_end(one) for one in connected if not reading.is_accepted(evidence, one) and _end(one))
    last = evidence.snapshots[-1] if evidence.snapshots else None
    wrong = sum(line.times for line in evidence.log.wrong) if evidence.log and evidence.log.source else None
    return Profile(
        cpu_share=round(sum(shares.values()), 3) if shares else None,
        open_files=len(evidence.files) + len(evidence.sockets),
        peers=tuple(made.most_common(MOST_PEERS)),
        clients=sum(reading.is_accepted(evidence, one) for one in connected),
        swap_bytes=last.swap_bytes if last else None,
        log_errors=wrong,
        changed=tuple(
            f"{one.kind.value} {one.name} {one.after}".strip()
            for one in (evidence.changes.found if evidence.changes else ())
        ),
    )


def _end(socket: Socket) -> str:
    """Return the other end, a unix socket's without the process behind it."""
    return socket.peer.rpartition(" ")[0] or socket.peer if socket.protocol == "unix" else socket.peer
