"""The message of an inspection somebody asked for: that it began, where it is, how it ended."""

from dataclasses import replace

from bot.domain.diagnosis import Inspection
from bot.domain.invocations import Invocation
from bot.domain.messages import Context, Message, Metadata, Paragraph, Tone, bold, code, italic, say
from bot.domain.targets import Target
from bot.present import diagnosis


def started(target: Target, invocation: Invocation, inspection: str) -> Message:
    return Message(
        text=f"{invocation.actor.name} asked: looking at {target} …",
        sections=(
            _asked(invocation.actor.name, invocation.text),
            Paragraph(line=say("Looking at ", bold(str(target)), " …")),
        ),
        metadata=_metadata(inspection, "looking", host=target.host, service=target.service),
    )


def underway(inspection: str, step: str, *, by: str, line: str) -> Message:
    """Return the message while it works; `step` is what it does now."""
    return Message(
        text=f"Looking: {step} …",
        sections=(_asked(by, line), Paragraph(line=say(italic(f"{step} …")))),
        metadata=_metadata(inspection, "looking"),
    )


def finished(inspection: Inspection, *, by: str, line: str) -> Message:
    """Return the end: the headline in one line; the rest stands in the thread."""
    message = diagnosis.message(inspection)
    return Message(
        text=message.text,
        tone=Tone.PLAIN,
        sections=(
            _asked(by, line),
            Paragraph(line=message.title or say(message.text)),
            Context(line=say("Details in the thread.")),
        ),
        metadata=message.metadata,
    )


def for_comparison(inspection: Inspection, message: Message) -> Message:
    """Return what a look at a peer that is well found, for the thread of one that is not."""
    said = say("For comparison, ", bold(str(inspection.target)), ", which answers:")
    return replace(message, sections=(Paragraph(line=said), *message.sections))


def _asked(by: str, line: str) -> Context:
    return Context(line=say(f"{by}: ", code(line[:120])))


def _metadata(inspection: str, status: str, **facts: str | None) -> Metadata:
    return Metadata(event_type="hangbot_inspection", payload={"id": inspection, "status": status, **facts})
