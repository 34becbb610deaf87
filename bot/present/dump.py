"""The stacks of a process, as a file for people who want to read them."""

from bot.domain import written
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
from bot.domain.targets import Target
from bot.present import diagnosis

MOST_LINES = 40


def message(inspection: Inspection, *, evidence: bool = True) -> Message:
    """Return the stacks with the whole of them attached; without `evidence` only that they were taken.

    Where there are none, it says what the diagnosis says: why not.
    """
    if not inspection.stacks:
        return diagnosis.message(inspection, evidence=evidence)
    process = inspection.process
    which = f"process {process.pid} ({process.runtime})" if process else "its process"
    text = f"Stacks of {inspection.target}, {which}."
    sections: list[Section] = [Paragraph(line=say("Stacks of ", bold(str(inspection.target)), f", {which}."))]
    if not evidence:
        sections.append(Context(line=say("Shown as ", code("access.evidence"), " says.")))
        return Message(text=text, sections=tuple(sections), metadata=diagnosis.metadata(inspection))
    rows = inspection.stacks.splitlines()
    shown = tuple(CodeLine(text=row) for row in rows[:MOST_LINES])
    return Message(
        text=text,
        sections=(*sections, CodeBlock(lines=shown), Context(line=say(_note(inspection.stacks, len(rows))))),
        metadata=diagnosis.metadata(inspection),
        attachment=Attachment(
            name=f"{_name(inspection.target)}-stacks.txt",
            content=inspection.stacks,
            title=f"Stacks of {inspection.target}",
            again=f"/hang dump {inspection.target.host} {inspection.target.service or ''}".rstrip(),
        ),
    )


def _note(stacks: str, rows: int) -> str:
    more = f"{rows - MOST_LINES} more lines in the file. " if rows > MOST_LINES else ""
    threads, different = written.counted(stacks)
    count = f"{threads} thread{'' if threads == 1 else 's'}"
    which = f"{count}, {different} different stacks" if different < threads else count
    return f"{more}The deepest stack of each of {which}; values of variables are never read out."


def _name(target: Target) -> str:
    return f"{target.host}-{target.service}" if target.service else target.host
