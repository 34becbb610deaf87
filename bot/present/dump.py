"""The stacks of a process, as a file for people who want to read them."""

from bot.domain.diagnosis import Inspection
from bot.domain.messages import (
    Attachment,
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
from bot.present import diagnosis

MOST_LINES = 60


def message(inspection: Inspection, *, evidence: bool = True) -> Message:
    """Return the stacks with the whole of them attached; without `evidence` only that they were taken.

    Where there are none, it says what the diagnosis says: why not.
    """
    if not inspection.stacks:
        return diagnosis.message(inspection, evidence=evidence)
    threads = inspection.stacks.count("Thread ") if evidence else 0
    process = inspection.process
    which = f"process {process.pid} ({process.runtime})" if process else "its process"
    text = f"Stacks of {inspection.target}, {which}."
    sections: list[Section] = [Paragraph(line=say("Stacks of ", bold(str(inspection.target)), f", {which}."))]
    if not evidence:
        sections.append(Context(line=say("Shown as ", code("access.evidence"), " says.")))
        return Message(text=text, sections=tuple(sections), metadata=diagnosis.metadata(inspection))
    rows = inspection.stacks.splitlines()
    shown = tuple(CodeLine(text=row) for row in rows[:MOST_LINES])
    more = f"{len(rows) - MOST_LINES} more lines in the file. " if len(rows) > MOST_LINES else ""
    note = f"{more}The deepest stack of each of {threads} threads; values of variables are never read out."
    name = f"stacks-{inspection.target.host}-{inspection.id}.txt"
    again = f"/hang dump {inspection.target.host} {inspection.target.service or ''}".rstrip()
    return Message(
        text=text,
        sections=(*sections, CodeBlock(lines=shown), Context(line=say(note))),
        metadata=diagnosis.metadata(inspection),
        attachment=Attachment(
            name=name, content=inspection.stacks, title=f"Stacks of {inspection.target}", again=again
        ),
    )
