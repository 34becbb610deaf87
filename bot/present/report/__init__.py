"""The postmortem document, in Markdown, and what is said beside it. Everything in it is from the bot's own records."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from bot.domain.messages import (
    Attachment,
    Context,
    FieldRow,
    Line,
    Message,
    Paragraph,
    Section,
    bold,
    code,
    say,
)
from bot.domain.postmortem import Postmortem
from bot.domain.timeline import EventKind
from bot.present.report import charts, checks, line, parts, regression
from bot.present.report import markdown as md
from bot.present.report.words import foreign, length

Part = Callable[[Postmortem, ZoneInfo], list[str]]
PARTS: tuple[Part, ...] = (
    parts.summary,
    parts.times,
    parts.impact,
    line.the_line,
    parts.timeline,
    charts.readings,
    parts.acts,
    checks.unnoticed,
    regression.which_test,
    checks.probe,
    parts.actions,
    parts.notes,
    parts.made,
)
"""In the order in which they are read."""


def document(it: Postmortem, *, zone: ZoneInfo) -> Attachment:
    """Return the whole document. The same records make the same text."""
    lines = [f"# {it.incident.key}: {foreign(it.incident.title)}"]
    for part in PARTS:
        rows = part(it, zone)
        lines += ["", *rows] if rows else []
    return Attachment(
        name=f"report-{it.incident.key}.md",
        content="\n".join(lines) + "\n",
        title=f"Report of {it.incident.key}",
    )


def message(it: Postmortem, *, zone: ZoneInfo) -> Message:
    """Return what is said beside the document: the durations, the line, and what only people can add."""
    incident, times = it.incident, it.times
    told = length(times.to_detect_s, "not known")
    fields: list[tuple[str, Line]] = [
        ("Told after", say(told)),
        ("Acknowledged after", say(length(times.to_acknowledge_s, "nobody did"))),
        ("Mitigated after", say(length(times.to_mitigate_s, "no act of mine helped"))),
    ]
    if times.lasted_s is not None:
        fields.append(("Lasted", say(length(times.lasted_s))))
    sections: list[Section] = [FieldRow(fields=tuple(fields))]
    if stuck := line.headline(it):
        sections.append(Paragraph(label="The line", line=stuck))
    if missing := _missing(it):
        sections.append(Paragraph(label="Still missing", line=say(", ".join(missing), ".")))
    sections.append(
        Context(line=say("The document is in the thread. ", code(f"/hang timeline {incident.key}")))
    )
    return Message(
        text=f"Report of {incident.key}: {incident.title}. Told after: {told}.",
        title=say(bold(f"Report of {incident.key}: {incident.title}")),
        sections=tuple(sections),
        attachment=document(it, zone=zone),
    )


def printed(it: Postmortem, *, zone: ZoneInfo) -> Message:
    """Return the document itself as a message, for a terminal, which has no files; what stands there unseen is left out."""
    content = document(it, zone=zone).content.replace(md.JOINER, "")
    rows = tuple(Paragraph(line=say(row)) for row in content.splitlines())
    return Message(text=f"Report of {it.incident.key}: {it.incident.title}", sections=rows)


def _missing(it: Postmortem) -> list[str]:
    """Return what only people can add, and nobody has yet."""
    kinds = {entry.event.kind for entry in it.entries}
    found = [] if EventKind.NOTED in kinds else ["a note of what people did by hand"]
    found += [] if EventKind.REVIEW_BOOKED in kinds else ["a review"]
    return [*found, "its end: it is open"] if it.incident.open else found
