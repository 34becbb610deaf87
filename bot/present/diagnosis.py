"""What an inspection found: for chat, and as the contract's JSON."""

from datetime import UTC, datetime
from typing import Any

from bot.domain.clues import Clue
from bot.domain.diagnosis import Cause, Finding, Inspection, Place, Verdict
from bot.domain.messages import (
    Attachment,
    Bullets,
    Button,
    Buttons,
    CodeBlock,
    CodeLine,
    Context,
    Line,
    Message,
    Metadata,
    Paragraph,
    Section,
    Tone,
    When,
    bold,
    code,
    say,
)
from bot.domain.observations import ProbeOutcome
from bot.present import changed, looks, past
from bot.present.clues import sentence
from bot.present.readings import OUTCOMES

NAMES: dict[Cause, str] = {
    Cause.BUSY_LOOP: "Endless loop",
    Cause.INFINITE_RECURSION: "Endless recursion",
    Cause.REGEX_BACKTRACKING: "A regular expression that does not end",
    Cause.GC_THRASH: "Garbage collection without end",
    Cause.GIL_HELD: "Native code keeps the interpreter's lock",
    Cause.DEADLOCK: "Deadlock",
    Cause.ORPHAN_LOCK: "A lock whose holder is gone",
    Cause.FORK_LOCK: "A lock that was held at the fork",
    Cause.EVENT_LOOP_BLOCKED: "The event loop is blocked",
    Cause.ASYNC_DEADLOCK: "Coroutines wait for each other",
    Cause.POOL_EXHAUSTED: "Every worker of the pool is taken",
    Cause.QUEUE_STARVED: "A queue that nobody feeds",
    Cause.BLOCKED_NETWORK: "Waits for a peer",
    Cause.BLOCKED_DNS: "Waits for the resolver",
    Cause.BLOCKED_SUBPROCESS: "Waits for a child process",
    Cause.BLOCKED_PIPE: "Waits on a pipe",
    Cause.BLOCKED_FILE_LOCK: "Waits for a lock on a file",
    Cause.BLOCKED_DATABASE: "Waits for a database",
    Cause.DISK_WAIT: "Waits for a disk",
    Cause.STOPPED: "Stopped",
    Cause.MEMORY_PRESSURE: "Out of memory",
    Cause.CPU_STARVED: "Not let to run",
    Cause.SLOW_PROGRESS: "Busy, not stuck",
    Cause.IDLE: "Waiting for work, not stuck",
    Cause.UNKNOWN: "Unknown",
}
SURE, LIKELY, PROBABLY = 0.9, 0.75, 0.6
MOST_LOGGED = 5


def message(inspection: Inspection, *, evidence: bool = True, peer: str = "") -> Message:
    """Return the whole diagnosis, with the stacks attached; without `evidence` only the headline, nothing that was read.

    `peer`: a host that is well, and can be laid beside it.
    """
    if not evidence:
        return _bare(inspection, peer)
    if inspection.outcome is not ProbeOutcome.OK:
        title, sections = _not_asked(inspection)
    elif inspection.process is None:
        title, sections = _no_process(inspection)
    elif inspection.diagnosis.verdict is Verdict.UNKNOWN:
        title, sections = _unsure(inspection)
    else:
        title, sections = _named(inspection)
    sections = [*sections, *_changed(inspection), *past.sections(inspection), *_log(inspection)]
    stacks = inspection.stacks
    name = f"stacks-{inspection.target.host}-{inspection.id}.txt"
    return Message(
        text=headline(inspection),
        title=title,
        tone=Tone.PLAIN,
        sections=(*sections, *_offers(inspection, peer), _footnote(inspection)),
        metadata=metadata(inspection),
        attachment=Attachment(name=name, content=stacks, title=f"Stacks of {inspection.target}")
        if stacks
        else None,
    )


def _bare(inspection: Inspection, peer: str) -> Message:
    """Return what may be read by those whom the host's files and stacks do not concern: cause and place."""
    text = headline(inspection)
    kept = say("What was read on the host is shown as ", code("access.evidence"), " says.")
    return Message(
        text=text,
        title=say(bold(text)),
        tone=Tone.PLAIN,
        sections=(Context(line=kept), *_offers(inspection, peer), _footnote(inspection)),
        metadata=metadata(inspection),
    )


def headline(inspection: Inspection) -> str:
    """Return the result in one line."""
    joint = " is " if inspection.diagnosis.verdict is Verdict.HEALTHY else ": "
    return f"{inspection.target}{joint}{state(inspection)}."


def state(inspection: Inspection) -> str:
    """Return what a target was found to do, as the end of a sentence about it."""
    if inspection.outcome is not ProbeOutcome.OK:
        host = inspection.target.host
        return f"I could not look, {host} {OUTCOMES[inspection.outcome]}"
    finding = _first(inspection)
    if inspection.diagnosis.verdict is Verdict.UNKNOWN or finding is None:
        return "it answers, and I see nothing that hangs" if inspection.answers else "I cannot name the cause"
    where = f" in {_function(finding.culprit)}, {_where(finding.culprit)}" if finding.culprit else ""
    hung = "not hung: " if inspection.diagnosis.verdict is Verdict.HEALTHY else ""
    return f"{hung}{NAMES[finding.cause].lower()}{where}"


def metadata(inspection: Inspection) -> Metadata:
    finding = _first(inspection)
    place = finding.culprit if finding else None
    payload = {
        "id": inspection.id,
        "status": "done",
        "host": inspection.target.host,
        "service": inspection.target.service,
        "verdict": inspection.diagnosis.verdict.value,
        "cause": finding.cause.value if finding else Cause.UNKNOWN.value,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "function": place.function if place else None,
    }
    return Metadata(event_type="hangbot_inspection", payload=payload)


# --- the four kinds of answer


def _named(inspection: Inspection) -> tuple[Line, list[Section]]:
    finding = inspection.diagnosis.findings[0]
    healthy = inspection.diagnosis.verdict is Verdict.HEALTHY
    title = (
        say(
            bold(
                f"{inspection.target} is {'busy' if finding.cause is Cause.SLOW_PROGRESS else 'waiting for work'}, not stuck."
            )
        )
        if healthy
        else say(bold(f"{NAMES[finding.cause]}: "), *_place(finding.culprit))
        if finding.culprit
        else say(bold(NAMES[finding.cause]))
    )
    sections: list[Section] = []
    if healthy and finding.culprit:
        sections.append(Paragraph(line=say("It works in ", *_place(finding.culprit), ".")))
    if finding.called_from:
        sections.append(Paragraph(line=say("Called from ", *_place(finding.called_from), ".")))
    if inspection.snippet and finding.culprit:
        indent = min(
            (len(text) - len(text.lstrip()) for _, text in inspection.snippet if text.strip()), default=0
        )
        lines = tuple(
            CodeLine(text=text[indent:], number=number, here=number == finding.culprit.line)
            for number, text in inspection.snippet
        )
        sections.append(CodeBlock(lines=lines))
    sections.append(Bullets(lines=_reasons(finding.because)))
    if finding.suggest:
        sections.append(Paragraph(label="What to do", line=_spoken(finding.suggest)))
    sections.append(Paragraph(label="How sure", line=say(f"{certainty(finding.confidence)}.")))
    if inspection.not_seen:
        sections.append(_missing(inspection))
    return title, sections


def _unsure(inspection: Inspection) -> tuple[Line, list[Section]]:
    sections: list[Section] = []
    for number, finding in enumerate(inspection.diagnosis.findings):
        where = say(" in ", *_place(finding.culprit)) if finding.culprit else ()
        guess = (
            say("A guess: " if number == 0 else "Or: ", bold(NAMES[finding.cause].lower())) + where + say(".")
        )
        sections.append(Paragraph(line=guess))
        weighed = [say("For: ", *_spoken(one)) for one in finding.because] + [
            say("Against: ", *_spoken(one)) for one in finding.against
        ]
        sections.append(Bullets(lines=tuple(weighed)))
    if inspection.not_seen:
        sections.append(_missing(inspection))
    if inspection.next:
        sections.append(Paragraph(line=say("Next: ", code(inspection.next))))
    title = "It answers, and I see nothing that hangs." if inspection.answers else "I cannot name the cause."
    return say(bold(title)), sections


def _no_process(inspection: Inspection) -> tuple[Line, list[Section]]:
    sections: list[Section] = [Bullets(lines=_reasons(inspection.not_seen))]
    if inspection.next:
        sections.append(Paragraph(line=say("Next: ", code(inspection.next))))
    return say(bold(f"There is nothing to look at: {inspection.target}.")), sections


def _not_asked(inspection: Inspection) -> tuple[Line, list[Section]]:
    host = inspection.target.host
    sections: list[Section] = (
        [Paragraph(line=say("Why: ", code(inspection.reason)))] if inspection.reason else []
    )
    if inspection.next:
        sections.append(Paragraph(line=say("Next: ", code(inspection.next))))
    return say(bold(f"I could not look: {host} {OUTCOMES[inspection.outcome]}.")), sections


# --- parts


def certainty(confidence: float) -> str:
    """Return a confidence in words, by the house's rule."""
    return (
        "Sure"
        if confidence >= SURE
        else "Likely"
        if confidence >= LIKELY
        else "Probably"
        if confidence >= PROBABLY
        else "A guess"
    )


def _first(inspection: Inspection) -> Finding | None:
    return next(iter(inspection.diagnosis.findings), None)


def _place(place: Place) -> Line:
    return say(code(_function(place)), f", {_where(place)}")


def _function(place: Place) -> str:
    return place.function.rpartition(".")[2]


def _where(place: Place) -> str:
    return place.spot


def _reasons(clues: tuple[Clue, ...]) -> tuple[Line, ...]:
    return tuple(_spoken(one) for one in clues)


def _spoken(clue: Clue) -> Line:
    """Return a clue's sentence, what stands between back-ticks set as code."""
    parts = sentence(clue).split("`")
    return say(*(code(part) if number % 2 else part for number, part in enumerate(parts) if part))


def _log(inspection: Inspection) -> list[Section]:
    """Return what the log says is wrong; that it says nothing of the kind is worth a line too."""
    found = inspection.log
    if found is None or found.source is None or not found.lines:
        return []
    if not found.wrong:
        return [
            Paragraph(
                label="Log", line=say(f"quiet: no error in its last {looks.counted(found.count, 'line')}.")
            )
        ]
    last = [CodeLine(text=looks.cut(looks.row(line))) for line in found.wrong[-MOST_LOGGED:]]
    wrong = sum(line.times for line in found.wrong)
    head = f"{looks.counted(wrong, 'error')} in its last {looks.counted(found.count, 'line')}"
    return [Paragraph(label="Log", line=say(head, ":")), CodeBlock(lines=tuple(last))]


def _changed(inspection: Inspection) -> list[Section]:
    labels = ("Changed", *("Also" for _ in inspection.changed[1:]))
    return [
        Paragraph(label=label, line=changed.line(one))
        for label, one in zip(labels, inspection.changed, strict=False)
    ]


def _missing(inspection: Inspection) -> Paragraph:
    spoken: Line = ()
    for clue in inspection.not_seen:
        spoken = (*spoken, *say("; "), *_spoken(clue)) if spoken else _spoken(clue)
    return Paragraph(label="Not seen", line=spoken)


def _offers(inspection: Inspection, peer: str) -> list[Section]:
    """Return what may be done next where something hangs or it is not clear."""
    if inspection.process is None or inspection.diagnosis.verdict is Verdict.HEALTHY:
        return []
    buttons = []
    if peer:
        buttons.append(Button(action="compare", label=f"Compare with {peer}", value=inspection.id))
    if inspection.diagnosis.verdict is Verdict.UNKNOWN:
        buttons.append(Button(action="inspect", label="Inspect again", value=inspection.id))
    return [Buttons(buttons=tuple(buttons))] if buttons else []


def _footnote(inspection: Inspection) -> Context:
    facts = [say(f"{inspection.duration_s:.1f} s")]
    if process := inspection.process:
        began = process.started_at.astimezone(UTC)
        started = When(at=began, style="date_time", fallback=f"{began:%d %b %H:%M} UTC")
        runtime = process.runtime or "unknown runtime"
        facts.append(say(f"process {process.pid} ({runtime}), started ", started))
        pause = inspection.longest_pause_ms
        paused = f"paused {pause:.0f} ms at most" if pause else "not paused"
        left = "left as found" if inspection.left_as_found else "NOT left as found: look at it"
        facts.append(say(f"{paused}, {left}"))
    if others := len(inspection.others):
        facts.append(say(f"{others} other process{'es' if others > 1 else ''} not looked at"))
    facts.append(say(inspection.id))
    return Context(
        line=tuple(
            part for number, fact in enumerate(facts) for part in (say(" · ") if number else ()) + fact
        )
    )


# --- JSON


def document(inspection: Inspection) -> dict[str, Any]:
    """Return the inspection as `inspect --json` prints it."""
    process = inspection.process
    found: dict[str, Any] = {
        "inspection": inspection.id,
        "host": inspection.target.host,
        "service": inspection.target.service,
        "verdict": inspection.diagnosis.verdict.value,
        "process": None
        if process is None
        else {
            "pid": process.pid,
            "started_at": _iso(process.started_at),
            "command": process.command,
            "runtime": process.runtime,
        },
        "findings": [_finding(finding) for finding in inspection.diagnosis.findings],
        "not_seen": [sentence(one) for one in inspection.not_seen],
        "next": inspection.next,
        "target": {
            "left_as_found": inspection.left_as_found,
            "longest_pause_ms": round(inspection.longest_pause_ms),
        },
        "duration_s": inspection.duration_s,
    }
    if inspection.outcome is not ProbeOutcome.OK:
        found |= {"outcome": inspection.outcome.value, "reason": inspection.reason}
    if inspection.others:
        found["others"] = list(inspection.others)
    if inspection.changed:
        found["changed"] = [changed.sentence(one) for one in inspection.changed]
    if inspection.fingerprint:
        found["fingerprint"] = inspection.fingerprint
    if inspection.seen:
        found["seen"] = past.document(inspection.seen)
    if inspection.also_on:
        found["also_on"] = list(inspection.also_on)
    return found


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "cause": finding.cause.value,
        "confidence": finding.confidence,
        "culprit": _json_place(finding.culprit),
        "called_from": _json_place(finding.called_from),
        "cycle": [_json_place(place) for place in finding.cycle],
        "threads": list(finding.threads),
        "because": [sentence(one) for one in finding.because],
        "against": [sentence(one) for one in finding.against],
        "suggest": sentence(finding.suggest) if finding.suggest else "",
    }


def _json_place(place: Place | None) -> dict[str, Any] | None:
    if place is None:
        return None
    return {"file": place.file, "line": place.line, "function": place.function, "source": place.source}


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
