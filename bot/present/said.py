"""What is put around an answer: who asked, and where it should have gone."""

from dataclasses import replace

from bot.domain.invocations import Invocation
from bot.domain.messages import Attachment, Context, Message, Paragraph, code, flat, say


def headed(message: Message, invocation: Invocation) -> Message:
    """Put who asked what in front of a message, for all the others who did not see it typed."""
    asked = invocation.text.strip() or f"/hang {invocation.verb}"
    line = Context(line=say(f"{invocation.actor.name}: ", code(asked[:120])))
    return replace(message, sections=(line, *message.sections))


def moved(message: Message, channel: str) -> Message:
    """Say that a message was meant for another channel."""
    note = Context(line=say("Meant for ", code(channel), ", which I cannot write to."))
    return replace(message, sections=(*message.sections, note))


def file_lost(file: Attachment, reason: str) -> Message:
    """Say that a message stands without its file, and how to get that."""
    how = say(" To get it: ", code(file.again), ".") if file.again else say(" Ask for it again.")
    line = say("The file ", code(file.name), f" could not be uploaded ({reason}).") + how
    return Message(text=flat(line), sections=(Paragraph(line=line),))
