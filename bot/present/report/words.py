"""Moments and lengths as the report's tables have them, and what is taken out of foreign text."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain import redaction
from bot.domain.messages import Line, Text
from bot.present.report import markdown as md


def length(seconds: float | None, otherwise: str = "") -> str:
    """Return `40 s`, `2 min 5 s`, `3 h 5 min`; `otherwise` where it is not known."""
    if seconds is None:
        return otherwise
    whole = max(0, round(seconds))
    if whole < 10 and seconds != whole:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(whole, 60)
    if minutes == 0:
        return f"{whole} s"
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def between(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start is not None and end is not None else None


def after(seconds: float | None, what: str) -> str:
    """Return `40 s after the alert`; a moment before it says so."""
    if seconds is None:
        return ""
    if seconds < 0:
        return f"{length(-seconds)} before {what}"
    return f"{length(seconds)} after {what}"


def both(at: datetime | None, zone: ZoneInfo) -> tuple[str, str]:
    """Return a moment in UTC and in the config's zone, two cells of a table."""
    if at is None:
        return "not recorded", ""
    utc, local = at.astimezone(UTC), at.astimezone(zone)
    date = "" if utc.date() == local.date() else f"{local:%Y-%m-%d} "
    return f"{utc:%Y-%m-%d %H:%M:%S}", f"{date}{local:%H:%M:%S}"


def foreign(content: str) -> str:
    """Return what people or hosts wrote, fit to be sent on."""
    return md.text(redaction.prose(content))


def redacted(line: Line) -> Line:
    """Return a line with secrets taken out of what it quotes."""
    return tuple(replace(span, text=_without(span)) if isinstance(span, Text) else span for span in line)


def _without(span: Text) -> str:
    return redaction.command(span.text) if span.style == "code" else redaction.prose(span.text)


def seconds(value: float) -> str:
    """Return a setting as the config has it: `30s`, `1.5s`, `5m`."""
    if value >= 120 and value % 60 == 0:
        return f"{value / timedelta(minutes=1).total_seconds():g}m"
    return f"{value:g}s"
