"""What a rule would have done with the rows of a file."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.replay import Replayed
from bot.present.alert_words import span


def document(found: Replayed) -> dict[str, Any]:
    """Return what `backtest --json` prints; moments in ISO 8601, UTC."""
    return {
        "fired": [
            {"at": _iso(one.at), "resolved": _iso(one.resolved) if one.resolved else None}
            for one in found.fired
        ],
        "per_week": round(found.per_week, 3),
    }


def text(rule: str, found: Replayed) -> str:
    """Return the same in words."""
    covered = span(found.until - found.since + timedelta(seconds=found.interval_s))
    often = f"{len(found.fired)} times" if len(found.fired) != 1 else "once"
    head = f"{rule} would have fired {often} in {covered} ({found.per_week:.1f} a week)."
    if not found.fired:
        head = f"{rule} would not have fired in {covered}."
    lines = [head]
    for one in found.fired:
        ended = (
            f"for {span(one.resolved - one.at)}" if one.resolved else "and had not ended with the last row"
        )
        lines.append(f"  {_iso(one.at)}  {ended}")
    if found.unknown:
        lines.append(
            f"{found.unknown} of {found.rows} rows told nothing: a value that it looks at is missing there."
        )
    return "\n".join(lines)


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
