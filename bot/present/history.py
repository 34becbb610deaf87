"""A reading over time, in a sentence and a chart."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.history import Series
from bot.domain.messages import (
    Bullets,
    CodeBlock,
    CodeLine,
    Context,
    Message,
    Paragraph,
    Section,
    bold,
    code,
    say,
)
from bot.domain.timeline import Entry
from bot.present import timeline
from bot.present.alert_words import moment, span
from bot.present.chart import draw, extreme, sparkline, value


def chart(host: str, found: Series, marks: Sequence[Entry], *, now: datetime, zone: ZoneInfo) -> Message:
    """Return the chart with its highest value, and below it what happened, numbered as it is marked."""
    length = span(found.until - found.since)
    said = [f"now {value(found.name, found.latest)}"] if found.latest is not None else ["not seen"]
    text = f"{found.name} on {host}, {length}: {said[0]}"
    line = say(bold(f"{found.name} on {host}"), f", the last {length}: {said[0]}")
    if found.peak is not None and found.peak_at is not None:
        at = moment(found.peak_at, now=now, zone=zone)
        text += f", {extreme(found.name)} {value(found.name, found.peak)} at {found.peak_at.astimezone(zone):%H:%M}"
        line = (*line, *say(f", {extreme(found.name)} {value(found.name, found.peak)} at "), at)
    rows = draw(found, [one.event.at for one in marks], zone=zone)
    sections: list[Section] = [CodeBlock(lines=tuple(CodeLine(text=row) for row in rows))]
    if marks:
        lines = tuple(
            (*say(f"{number}  "), *timeline.dated(one, now=now, zone=zone))
            for number, one in enumerate(marks, 1)
        )
        sections.append(Bullets(lines=lines))
    return Message(text=f"{text}.", title=line, sections=tuple(sections))


def overview(host: str, found: Sequence[Series], *, now: datetime, zone: ZoneInfo) -> Message:
    """Return all readings, a line each."""
    del now, zone
    width = max(len(one.name) for one in found)
    rows = [
        f"{one.name:<{width}}  {sparkline(one)}  "
        f"{value(one.name, one.latest) if one.latest is not None else 'not seen'}, "
        f"{extreme(one.name)} {value(one.name, one.peak or 0.0)}"
        for one in found
    ]
    length = span(found[0].until - found[0].since)
    hint = say("One of them larger: ", code(f"/hang history {host} {found[0].name} 6h"))
    return Message(
        text=f"{host}: {len(found)} readings over {length}.",
        title=say(bold(host), f", the last {length}"),
        sections=(CodeBlock(lines=tuple(CodeLine(text=row) for row in rows)), Context(line=hint)),
    )


def nothing(host: str, *, since: datetime, now: datetime, zone: ZoneInfo) -> Message:
    at = moment(since, now=now, zone=zone)
    line = say(
        "I have read nothing of ",
        bold(host),
        " since ",
        at,
        ". What I know now: ",
        code(f"/hang status {host}"),
    )
    return Message(text=f"I have read nothing of {host} in that time.", sections=(Paragraph(line=line),))
