"""What is different about a process that hangs, beside others of the same service that do not."""

from collections.abc import Callable, Sequence

from bot.domain.clues import Clue, clue
from bot.domain.diagnosis import Inspection, Verdict

MOST = 8
CPU, TIMES, AGE_TIMES = 0.4, 3.0, 10.0
"""From which difference on it is told: of a core, of counts (as a factor), of the time since the start (as a factor)."""
SWAP = 64 * 2**20
Facts = list[Clue]


def well(inspections: Sequence[Inspection]) -> list[Inspection]:
    """Return those that can serve as a measure: looked at, and not hung."""
    return [
        one for one in inspections if one.process is not None and one.diagnosis.verdict is not Verdict.HUNG
    ]


def sick(inspections: Sequence[Inspection]) -> list[Inspection]:
    """Return those that hang."""
    return [one for one in inspections if one.diagnosis.verdict is Verdict.HUNG]


def differences(one: Inspection, peers: Sequence[Inspection]) -> tuple[Clue, ...]:
    """Return what is true of one and of none of its peers, the most telling first.

    Only what differs from every one of them counts: what one peer shares with it is no reason.
    """
    if one.process is None or not peers:
        return ()
    found: Facts = []
    for look in LOOKS:
        found += look(one, peers)
    return tuple(found[:MOST])


def alike(one: Inspection, peers: Sequence[Inspection]) -> tuple[str, ...]:
    """Return what all have in common, of what usually matters: `runtime`, `command`, `peers`."""
    known = [peer for peer in (one, *peers) if peer.process is not None]
    processes = [peer.process for peer in known if peer.process]
    runtimes, commands = {one.runtime for one in processes}, {one.command for one in processes}
    found = ["runtime"] if len(runtimes) == 1 and runtimes != {""} else []
    found += ["command"] if len(commands) == 1 else []
    return (*found, "peers") if len({frozenset(_peers(peer)) for peer in known}) == 1 else tuple(found)


# --- one kind of difference each


def _changes(one: Inspection, peers: Sequence[Inspection]) -> Facts:
    here, there = set(_changed(one)), [set(_changed(peer)) for peer in peers]
    only_here = [name for name in _changed(one) if not any(name in others for others in there)]
    everywhere = set.intersection(*there) - here if there else set()
    found = [clue("only_here_changed", what=name) for name in only_here[:3]]
    return found + [clue("only_there_changed", what=name) for name in sorted(everywhere)[:3]]


def _runtime(one: Inspection, peers: Sequence[Inspection]) -> Facts:
    here = one.process.runtime if one.process else ""
    there = sorted({peer.process.runtime for peer in peers if peer.process and peer.process.runtime})
    return (
        [clue("other_runtime", here=here, there=", ".join(there))]
        if here and there and here not in there
        else []
    )


def _command(one: Inspection, peers: Sequence[Inspection]) -> Facts:
    here = one.process.command.split() if one.process else []
    there = [peer.process.command.split() for peer in peers if peer.process]
    if not here or here in there:
        return []
    nearest = max(there, key=lambda words: len(set(words) & set(here)), default=[])
    extra = " ".join(word for word in here if word not in nearest)
    lacking = " ".join(word for word in nearest if word not in here)
    return [clue("other_command", here=extra, there=lacking)] if extra or lacking else []


def _connections(one: Inspection, peers: Sequence[Inspection]) -> Facts:
    here, there = _peers(one), [_peers(peer) for peer in peers]
    found = [
        clue("only_here_connected", peer=peer, count=count)
        for peer, count in here.items()
        if not any(peer in others for others in there)
    ][:3]
    shared = set.intersection(*(set(others) for others in there)) - set(here)
    found += [clue("only_there_connected", peer=peer) for peer in sorted(shared)[:3]]
    for peer, count in here.items():
        counts = [others[peer] for others in there if peer in others]
        if counts and _far(count, counts, least=4):
            found.append(clue("more_connections", peer=peer, here=count, there=_range(counts)))
    return found


def _counts(one: Inspection, peers: Sequence[Inspection]) -> Facts:
    rows: tuple[tuple[str, int, Callable[[Inspection], int]], ...] = (
        ("clients", 8, lambda it: it.profile.clients if it.profile else 0),
        ("threads", 6, lambda it: it.process.threads if it.process else 0),
        ("open_files", 20, lambda it: it.profile.open_files if it.profile else 0),
    )
    return [
        clue(f"other_{name}", here=of(one), there=_range([of(peer) for peer in peers]))
        for name, least, of in rows
        if _far(of(one), [of(peer) for peer in peers], least=least)
    ]


def _cpu(one: Inspection, peers: Sequence[Inspection]) -> Facts:
    here = one.profile.cpu_share if one.profile else None
    there = [peer.profile.cpu_share for peer in peers if peer.profile and peer.profile.cpu_share is not None]
    if here is None or not there or min(abs(here - other) for other in there) < CPU:
        return []
    return [clue("other_cpu", here=round(here * 100), there=_range([round(other * 100) for other in there]))]


def _swap(one: Inspection, peers: Sequence[Inspection]) -> Facts:
    here = (one.profile.swap_bytes or 0) if one.profile else 0
    there = max(((peer.profile.swap_bytes or 0) for peer in peers if peer.profile), default=0)
    return [clue("more_swap", here=here // 2**20, there=there // 2**20)] if here - there >= SWAP else []


def _log(one: Inspection, peers: Sequence[Inspection]) -> Facts:
    here = one.profile.log_errors if one.profile else None
    there = [
        peer.profile.log_errors for peer in peers if peer.profile and peer.profile.log_errors is not None
    ]
    if here is None or not there or (here > 0) == any(there) or (not here and not all(there)):
        return []
    return [clue("other_log", here=here, there=_range(there))]


def _age(one: Inspection, peers: Sequence[Inspection]) -> Facts:
    here = _age_s(one)
    there = [age for peer in peers if (age := _age_s(peer))]
    if not here or not there or any(1 / AGE_TIMES < here / age < AGE_TIMES for age in there):
        return []
    return [clue("other_age", here_s=here, there_s=min(there))]


LOOKS = (_changes, _command, _runtime, _connections, _log, _cpu, _swap, _counts, _age)


def _age_s(one: Inspection) -> int:
    return max(1, round((one.at - one.process.started_at).total_seconds())) if one.process else 0


def _changed(one: Inspection) -> tuple[str, ...]:
    return one.profile.changed if one.profile else ()


def _peers(one: Inspection) -> dict[str, int]:
    return dict(one.profile.peers) if one.profile else {}


def _far(here: int, there: Sequence[int], *, least: int) -> bool:
    """Return whether a count is several times more, or less, than each of the others."""
    more = all(here >= other * TIMES and here - other >= least for other in there)
    fewer = all(other >= here * TIMES and other - here >= least for other in there)
    return more or fewer


def _range(counts: Sequence[int]) -> str:
    low, high = min(counts), max(counts)
    return str(low) if low == high else f"{low} to {high}"
