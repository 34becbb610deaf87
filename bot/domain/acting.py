"""How an act moves: who must say yes and until when, what two looks at a service tell of it. Pure: time is an argument."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.access import is_operator
from bot.domain.actions import Action, ActionStatus, Approval, Standing
from bot.domain.clues import Clue, clue
from bot.domain.diagnosis import Finding, Inspection, Place
from bot.domain.invocations import Actor
from bot.domain.settings import AccessPolicy

EXPIRES_AFTER = timedelta(minutes=2)
EXPIRES_AFTER_WITH_TWO = timedelta(minutes=10)
LATEST_AFTER = timedelta(minutes=1)
"""How long after its expiry an act that has its yes may still begin: the bot may have been away."""
OFTEN, OFTEN_WITHIN = 3, timedelta(minutes=30)
TICKS_PER_SECOND = 100
"""USER_HZ, what the kernel shows to user space on every common architecture."""
FENCE_S = 30.0
"""How long after the look before it the host itself lets the command begin."""
SUDO_REFUSES = ("password", "terminal is required", "not in the sudoers", "not allowed", "may not run")


def needed(verb: str, policy: AccessPolicy, past: Sequence[Action], *, now: datetime) -> int:
    """Return how many operators must say yes: as the config says, and two where it was done again and again."""
    lately = [one for one in past if one.sent_at is not None and now - one.sent_at < OFTEN_WITHIN]
    return max(1, policy.approve.get(verb, 1), 2 if len(lately) >= OFTEN else 1)


def expiry(needed: int, *, now: datetime) -> datetime:
    return now + (EXPIRES_AFTER if needed == 1 else EXPIRES_AFTER_WITH_TWO)


def usual(past: Sequence[Action]) -> tuple[float, ...]:
    """Return how long the service was away the last three times that it came back, newest first."""
    return tuple(one.down_s for one in past if one.down_s is not None)[:3]


def approval(actor: Actor, *, now: datetime) -> Approval:
    return Approval(by=actor.id, name=actor.name, at=now, local=actor.local, groups=actor.groups)


def agreed(action: Action, yes: Approval) -> Action:
    """Return the act with one more yes; it is approved where that is enough."""
    approvals = (*action.approvals, yes)
    enough = len({one.by for one in approvals}) >= action.needed
    status = ActionStatus.APPROVED if enough else action.status
    return replace(action, approvals=approvals, status=status)


def ended(action: Action, status: ActionStatus, *, now: datetime, reason: Clue | None = None) -> Action:
    return replace(action, status=status, reason=reason or action.reason, ended_at=now)


def obstacle(
    action: Action, *, policy: AccessPolicy, command: tuple[str, ...] | None, now: datetime
) -> Clue | None:
    """Return why an approved act must not be done now, None where it may: all is asked again when it runs."""
    if command != action.command:
        return clue("config_changed")
    if now > action.expires_at + LATEST_AFTER:
        return clue("too_late")
    for one in (action.asked, *action.approvals):
        if not is_operator(Actor(id=one.by, name=one.name, local=one.local, groups=one.groups), policy):
            return clue("no_operator", who=one.by, name=one.name)
    if len({one.by for one in action.approvals}) < action.needed:
        return clue("too_few")
    return None


# --- what two looks tell


class Run(StrEnum):
    """How the run of a service now compares with the one before the act."""

    SAME = "same"
    NEW = "new"
    PARTLY = (
        "partly"  # some of its processes are new and the oldest is not; or the oldest is gone and none is new
    )
    GONE = "gone"  # it runs no more, and not again
    UNTOLD = "untold"  # nothing tells one run of it from the next


def compare(before: Standing, now: Standing) -> Run:
    """Compare two looks by boot, InvocationID and processes. A pid counts only with its start time."""
    alive = bool(now.pids) or now.state in ("active", "reloading")
    if before.boot and now.boot and before.boot != now.boot:
        return Run.NEW if alive else Run.GONE
    if now.load or before.load:  # a unit
        if not alive:
            return Run.GONE
        return Run.SAME if now.invocation == before.invocation else Run.NEW
    if not before.pids and not now.pids:
        return Run.UNTOLD
    if not now.pids:
        return Run.GONE
    old, fresh = _kept(before, now), [pid for pid in now.pids if now.pids[pid] != before.pids.get(pid)]
    oldest = before.pid
    if not fresh:
        return Run.SAME if oldest in old else Run.PARTLY
    if oldest is None or (oldest not in old and not before.main_pid):
        return Run.NEW
    return Run.PARTLY if len(old) < len(before.pids) else Run.SAME


def _kept(before: Standing, now: Standing) -> set[int]:
    return {pid for pid, ticks in before.pids.items() if now.pids.get(pid) == ticks}


def under_way(now: Standing) -> bool:
    """Return whether something is still being done to the service there."""
    return now.running or now.queued or now.state in ("activating", "deactivating", "reloading")


def fenced(before: Standing, now: Standing) -> bool:
    """Return whether the host would no longer let the command begin, should it arrive only now."""
    return now.boot != before.boot or now.uptime_s > before.uptime_s + FENCE_S


# --- is it stuck where it was?


def stuck_at(inspection: Inspection | None) -> Place | None:
    """Return where an inspection says that it is stuck."""
    found = _first(inspection)
    return found.culprit if found and inspection and inspection.diagnosis.verdict == "hung" else None


def same_place(before: Inspection | None, after: Inspection | None) -> bool:
    """Return whether both are stuck in the same function, or in the same cycle of a recursion, whatever each look called it."""
    one, other = _first(before), _first(after)
    if one is None or other is None or not stuck_at(before) or not stuck_at(after):
        return False
    return bool(_places(one) & _places(other))


def _places(finding: Finding) -> set[tuple[str, str]]:
    """Return the functions that the finding speaks of; the line moves within a loop."""
    spots = finding.cycle or ((finding.culprit,) if finding.culprit else ())
    return {(place.file, place.function) for place in spots}


def _first(inspection: Inspection | None) -> Finding | None:
    return next(iter(inspection.diagnosis.findings), None) if inspection else None


# --- why it did not work


def why_failed(action: Action, *, user: str, exit: int | None, output: str) -> Clue:  # noqa: A002 — the field's word
    """Return why a command that changed nothing failed; where sudo refused, with the line that would let it."""
    said = output.lower()
    sudo = action.command[:1] == ("sudo",)
    if sudo and "sudo" in said and any(word in said for word in SUDO_REFUSES):
        words = [word for word in action.command[1:] if not word.startswith("-")]
        program = words[0] if words[0].startswith("/") else f"/usr/bin/{words[0]}"
        return clue("sudo_refused", allow=" ".join([program, *words[1:]]), exit=exit, user=user)
    return clue("command_failed", exit=exit)


def unfit(standing: Standing, unit: str | None) -> Clue | None:
    """Return why systemd would refuse to restart the unit, None where nothing is seen that speaks against it."""
    if unit and standing.load == "masked":
        return clue("unit_masked", unit=unit)
    if unit and standing.load in ("not-found", "bad-setting", "error"):
        return clue("unit_not_loaded", unit=unit, load=standing.load)
    return None
