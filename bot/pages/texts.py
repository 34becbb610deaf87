"""A message as plain text, for what knows nothing of blocks."""

from bot.domain.messages import Context, Message, Paragraph, flat


def details(message: Message) -> str:
    """Return what stands below the headline, a line each."""
    lines = [flat(one.line) for one in message.sections if isinstance(one, Paragraph | Context)]
    return "\n".join(line for line in lines if line)
