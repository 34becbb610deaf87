"""The busiest processes of a host, and the end of a log, as people read them."""

from collections.abc import Sequence
from datetime import UTC, timedelta

from bot.domain.busy import Busy, Top
from bot.domain.logs import Log, LogLine, LogSource
from bot.domain.messages import (
    Attachment,
    CodeBlock,
    CodeLine,
    Context,
    Line,
    Message,
    Paragraph,
    Section,
    bold,
    code,
    say,
)
from bot.domain.observations import ProbeOutcome
from bot.domain.targets import Target
from bot.present.alert_words import span
from bot.present.clues import sentence
from bot.present.readings import BLIND, OUTCOMES

MIB, GIB = 2**20, 2**30
LONGEST_COMMAND, MOST_SHOWN, LONGEST_SHOWN = 60, 30, 160
STATES = {"R": "runs", "S": "sleeps", "D": "waits for disk", "T": "stopped", "t": "traced", "I": "idle"}
SOURCES = {
    LogSource.UNIT: "the journal of ",
    LogSource.FILE: "the file ",
    LogSource.PROCESS: "the journal of process ",
}


def not_asked(host: str, outcome: ProbeOutcome, reason: str) -> Message:
    why = say(": ", code(reason)) if reason else ()
    line = say(f"{BLIND} I could not look: ", bold(host), f" {OUTCOMES[outcome]}") + why
    return Message(text=f"I could not look: {host} {OUTCOMES[outcome]}.", sections=(Paragraph(line=line),))


# --- top


def top(found: Top) -> Message:
    """Return a table: what each used of a core over the look, its memory, its state, its command."""
    rows = [CodeLine(text="  PID    CPU   MEMORY  STATE           COMMAND")]
    rows += [CodeLine(text=_row(one)) for one in found.processes]
    first = next(iter(found.processes), None)
    busiest = (
        f": {_name(first)} uses {first.cores:.0%} of a core" if first and first.cores >= 0.05 else ": quiet"
    )
    head = say("The busiest processes on ", bold(found.host), f", over {found.seconds:g} s")
    return Message(
        text=f"{found.host}{busiest}.",
        title=head,
        sections=(CodeBlock(lines=tuple(rows)), Context(line=say("CPU in shares of one core."))),
    )


def _row(one: Busy) -> str:
    size = (
        f"{one.memory_bytes / GIB:.1f} GiB"
        if one.memory_bytes >= GIB
        else f"{one.memory_bytes / MIB:.0f} MiB"
    )
    state = STATES.get(one.state, one.state)
    threads = f" ×{one.threads}" if one.threads > 1 else ""
    command = one.command if len(one.command) <= LONGEST_COMMAND else f"{one.command[: LONGEST_COMMAND - 1]}…"
    return f"{one.pid:>5} {one.cores:>5.0%} {size:>9}  {state + threads:<15} {command}".rstrip()


def _name(one: Busy) -> str:
    return f"process {one.pid}"


# --- logs


def log(found: Log, target: Target, *, seconds: float) -> Message:
    """Return the last lines, the whole of them as a file where there are more; what is wrong is counted in front."""
    if found.source is None:
        why = sentence(found.missing) if found.missing else "there is nothing"
        line = say("I see no log of ", bold(str(target)), ". Not seen: ", *_spoken(why), ".")
        return Message(text=f"I see no log of {target}.", sections=(Paragraph(line=line),))
    length = span(timedelta(seconds=seconds))
    where = say(SOURCES[found.source], code(found.name))
    when = "its last lines, whatever their time" if found.source is LogSource.FILE else f"the last {length}"
    if not found.lines:
        line = say("Nothing in ", *where, f", {length} back.")
        return Message(
            text=f"{target}: nothing logged for {length}.", sections=(Paragraph(line=line), *_missing(found))
        )
    wrong = sum(line.times for line in found.wrong)
    head = say(bold(f"Log of {target}"), ": ", f"{counted(wrong, 'error')} in " if wrong else "no error in ")
    shown = tuple(CodeLine(text=cut(row)) for row in _rows(found.lines[-MOST_SHOWN:]))
    sections: list[Section] = [
        CodeBlock(lines=shown),
        Context(line=say("From ", *where, f", {when}. Repeats are folded.")),
    ]
    return Message(
        text=f"Log of {target}: {counted(wrong, 'error') if wrong else 'no error'} in {counted(found.count, 'line')}.",
        title=head + say(counted(found.count, "line")),
        sections=(*sections, *_missing(found)),
        attachment=_file(found, target) if len(found.lines) > MOST_SHOWN else None,
    )


def _file(found: Log, target: Target) -> Attachment:
    name = f"{target.host}-{target.service}-log.txt"
    again = f"/hang logs {target.host} {target.service}"
    return Attachment(name=name, content="\n".join(_rows(found.lines)), title=f"Log of {target}", again=again)


def _rows(lines: Sequence[LogLine]) -> list[str]:
    return [row(line) for line in lines]


def row(line: LogLine) -> str:
    """Return a log's line with its time, where the line does not tell it itself, and how often it came."""
    at = f"{line.at.astimezone(UTC):%H:%M:%S} " if line.at else ""
    return f"{at}{line.text}{f'  (×{line.times})' if line.times > 1 else ''}"


def cut(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _missing(found: Log) -> tuple[Section, ...]:
    return (Paragraph(label="Not seen", line=_spoken(sentence(found.missing))),) if found.missing else ()


def _spoken(text: str) -> Line:
    return say(*(code(part) if number % 2 else part for number, part in enumerate(text.split("`")) if part))
