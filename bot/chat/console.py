"""Message → text for a terminal."""

from bot.domain.messages import (
    Bullets,
    Buttons,
    CodeBlock,
    Context,
    Divider,
    FieldRow,
    Message,
    Paragraph,
    Section,
    Tone,
    flat,
)

MARKS = {
    Tone.CRITICAL: "🔴 ",
    Tone.WARNING: "🟠 ",
    Tone.ACKNOWLEDGED: "🟠 ",
    Tone.GOOD: "🟢 ",
    Tone.BLIND: "🟣 ",
    Tone.PLAIN: "",
}


def render(message: Message) -> str:
    """Return a message as lines of text; buttons are left out, since a terminal has none."""
    lines = [MARKS[message.tone] + flat(message.title)] if message.title else []
    for section in message.sections:
        lines += _section(section)
    return "\n".join(printable(line) for line in lines) if lines else printable(message.text)


def _section(section: Section) -> list[str]:
    match section:
        case Paragraph(line=line, label=label):
            return [f"{label}: {flat(line)}" if label else flat(line)]
        case Bullets(lines=lines):
            return [f"  - {flat(line)}" for line in lines]
        case FieldRow(fields=fields):
            return [f"  {label}: {flat(line)}" for label, line in fields]
        case CodeBlock(lines=lines):
            numbered = [(f"{line.number:>6} " if line.number is not None else "  ", line) for line in lines]
            return [f"{'→' if line.here else ' '}{number}{line.text}" for number, line in numbered]
        case Context(line=line):
            return [f"({flat(line)})"]
        case Divider():
            return [""]
        case Buttons():
            return []


def printable(text: str) -> str:
    """Take out what would drive a terminal."""
    return "".join(character if character.isprintable() or character == "\t" else "�" for character in text)
