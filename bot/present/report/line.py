"""The line that hung: where it is, its source, its cycle, and what speaks for it."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from posixpath import basename
from zoneinfo import ZoneInfo

from bot.domain import postmortem, redaction
from bot.domain.clues import Clue, Fact
from bot.domain.diagnosis import Finding, Inspection, Verdict
from bot.domain.messages import Line, say
from bot.domain.postmortem import Postmortem
from bot.present.alert_words import CAUSES
from bot.present.clues import sentence
from bot.present.diagnosis import certainty
from bot.present.report import markdown as md
from bot.present.timeline import place_in

HIDDEN = "What was read on the host (source, values, stacks) is left out: `access.evidence` does not let the channel see it."


def headline(it: Postmortem) -> Line:
    """Return `inherited`, session.py line 41: endless recursion; nothing where no look was sure.

    A look that the database has forgotten still has its headline in the timeline.
    """
    finding = _sure(it.inspection)
    look = postmortem.sure_look(it.entries) if it.inspection is None else None
    facts: Mapping[str, Fact] = look.facts if look else {}
    if finding is None and look is None:
        return ()
    name = finding.cause.value if finding else str(facts.get("cause") or "unknown")
    cause = CAUSES.get(name, name)
    place = finding.culprit if finding else None
    if place is not None:
        facts = {"file": place.file, "line": place.line, "function": place.function}
    where = place_in(facts)
    return (*where, *say(f": {cause}")) if where else say(cause)


def the_line(it: Postmortem, zone: ZoneInfo) -> list[str]:
    del zone
    lines = ["## The line", ""]
    inspection = it.inspection
    finding = next(iter(inspection.diagnosis.findings), None) if inspection else None
    if inspection is None and (known := md.line(headline(it))):
        return [*lines, f"{known}. The look itself is so old that it is no longer kept."]
    if inspection is None or finding is None:
        return [*lines, "Nobody looked into the process while it hung, so there is no line."]
    if _sure(inspection) is None:
        lines.append(f"The look {md.code(inspection.id)} could not name a cause with certainty.")
    else:
        lines.append(f"{md.line(headline(it))}, on {md.text(inspection.target.host)}.")
    if not it.evidence:
        return [*lines, "", HIDDEN]
    return [
        *lines,
        *_source(inspection, finding),
        *_around(finding),
        *_weighed(inspection, finding),
        *_process(inspection),
    ]


def _sure(inspection: Inspection | None) -> Finding | None:
    if inspection is None or inspection.diagnosis.verdict is not Verdict.HUNG:
        return None
    return next(iter(inspection.diagnosis.findings), None)


def _source(inspection: Inspection, finding: Finding) -> list[str]:
    if not inspection.snippet or finding.culprit is None:
        return []
    width = max(len(str(number)) for number, _ in inspection.snippet)
    rows = (
        f"{'→' if number == finding.culprit.line else ' '} {number:>{width}} │ {redaction.source(row)}"
        for number, row in inspection.snippet
    )
    return ["", f"{md.code(finding.culprit.file)}:", "", *md.fence(rows)]


def _around(finding: Finding) -> list[str]:
    lines: list[str] = []
    if finding.cycle:
        names = [
            f"{md.code(one.function)} ({md.text(basename(one.file))} line {one.line})"
            for one in finding.cycle
        ]
        lines += ["", f"The cycle: {' → '.join(names)} → and again."]
    if caller := finding.called_from:
        lines += ["", f"Called from {md.code(caller.function)}, {md.code(caller.file)} line {caller.line}."]
    return lines


def _weighed(inspection: Inspection, finding: Finding) -> list[str]:
    return [
        "",
        f"How sure: **{certainty(finding.confidence).lower()}** ({finding.confidence:.2f}).",
        *_clues("What speaks for it", finding.because),
        *_clues("What speaks against it", finding.against),
        *_clues("What was not seen", inspection.not_seen),
    ]


def _clues(label: str, clues: Sequence[Clue]) -> list[str]:
    if not clues:
        return []
    return ["", f"{label}:", "", *(f"- {spoken(one)}" for one in clues)]


def spoken(clue: Clue) -> str:
    """Return a clue's sentence as Markdown, what stands between back-ticks set as code."""
    parts = sentence(clue).split("`")
    return "".join(
        md.code(redaction.command(part)) if number % 2 else md.text_within(redaction.prose(part))
        for number, part in enumerate(parts)
    )


def _process(inspection: Inspection) -> list[str]:
    process = inspection.process
    if process is None:
        return []
    left = "left as it was found" if inspection.left_as_found else "NOT left as it was found"
    started = f"{process.started_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return [
        "",
        f"Process {process.pid} ({md.text(process.runtime)}), started {started}, {left}; look {md.code(inspection.id)}.",
    ]
