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


def with_its_file_apart(message: Message, file: Attachment) -> Message:
    """Say where the file of a message is that one person alone is shown."""
    note = Context(line=say("All of it is in our direct messages: ", code(file.name), "."))
    return replace(message, sections=(*message.sections, note), attachment=None)


def handed(file: Attachment) -> Message:
    """Return what stands above a file in direct messages."""
    line = say(file.title or file.name, ", for you alone: the file is in the thread of this message.")
    return Message(text=flat(line), sections=(Paragraph(line=line),))
