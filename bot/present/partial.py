"""What is said of a service of which a part is stuck."""

from collections.abc import Mapping

from bot.domain.clues import Fact
from bot.domain.messages import Line, bold, say
from bot.domain.partial import Way


def degraded(facts: Mapping[str, Fact], *, length: str) -> Line:
    """Return how often it fails, and which worker stands out among the others, for what `length` of time."""
    parts: Line = ()
    failed, asked = _number(facts.get("failed")), _number(facts.get("asked"))
    if failed:
        parts += say(f"{failed} of the last {asked} asks had no good answer. ")
    elif asked:
        parts += say("It answers, but not all of it works. ")
    if pid := _number(facts.get("pid")):
        parts += _worker(pid, facts, length)
    return parts or say("It answers, but not every time.")


def _worker(pid: int, facts: Mapping[str, Fact], length: str) -> Line:
    others = _number(facts.get("others"))
    beside = "another is" if others == 1 else f"{others} others are"
    if facts.get("way") == Way.PEGGED:
        said = f" has used a whole core for {length}, while {beside} calm."
    else:
        count = _number(facts.get("unread"))
        unread = "a connection of its own" if count == 1 else f"{count} connections of its own"
        said = f" has not read from {unread} for {length}, and does not run; {beside} well."
    return say("Process ", bold(str(pid)), said)


def _number(value: Fact) -> int:
    return round(value) if isinstance(value, int | float) else 0
