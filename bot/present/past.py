"""What is known of a hang that was seen before, in sentences."""

from datetime import UTC, datetime, timedelta

from bot.domain.diagnosis import Inspection
from bot.domain.memory import EndedBy, Ending, Seen
from bot.domain.messages import Line, Link, Paragraph, Section, When, code, say
from bot.present.alert_words import span


def sections(inspection: Inspection) -> list[Section]:
    """Return when the same hang was seen before and what ended it, and where else it hangs now; empty where it is new."""
    found: list[Section] = []
    if inspection.seen:
        found.append(Paragraph(label="Seen before", line=_seen(inspection, inspection.seen)))
    if inspection.also_on:
        hosts = ", ".join(inspection.also_on)
        found.append(Paragraph(label="Also now", line=say(f"the same hangs on {hosts}.")))
    return found


def _seen(inspection: Inspection, seen: Seen) -> Line:
    where = "" if seen.last.target.host == inspection.target.host else f" on {seen.last.target.host}"
    times = "once" if seen.times == 1 else f"{seen.times} times since {_day(seen.first_at)}"
    last = " " if seen.times == 1 else ", last "
    line = say(f"{times}{last}", _moment(seen.last.at), f"{where}.", *_ended(seen.ended))
    if seen.incident and seen.link:
        line = (*line, *say(" It was "), Link(url=seen.link, text=seen.incident), *say("."))
    elif seen.incident:
        line = (*line, *say(" ", code(f"/hang report {seen.incident}"), " tells of it."))
    return line


def _ended(ended: Ending | None) -> Line:
    if ended is None:
        return say(" What ended it is not known.")
    if ended.how is EndedBy.ITSELF:
        return say(" It ended by itself.")
    who = f" {ended.name} asked for" if ended.name else ""
    if ended.how is EndedBy.NOTHING:
        return say(f" A {ended.verb}{who} did not help.")
    held = "" if ended.held_s is None else f", for {span(timedelta(seconds=ended.held_s))}"
    return say(f" A {ended.verb}{who} ended it{held}.")


def _moment(at: datetime) -> When:
    return When(at=at, style="date_time", fallback=f"{at.astimezone(UTC):%d %b %H:%M} UTC")


def _day(at: datetime) -> str:
    return f"{at.astimezone(UTC):%d %b %Y}"


def document(seen: Seen) -> dict[str, object]:
    """Return it as `inspect --json` prints it."""
    ended = seen.ended
    return {
        "fingerprint": seen.fingerprint,
        "times": seen.times,
        "first_at": _iso(seen.first_at),
        "last_at": _iso(seen.last.at),
        "last_on": str(seen.last.target),
        "hosts": list(seen.hosts),
        "ended_by": ended.how.value if ended else None,
        "ended_verb": ended.verb or None if ended else None,
        "incident": seen.incident or None,
        "link": seen.link or None,
    }


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
