"""What is said where another bot of our name speaks in our channel."""

from bot.domain.messages import Message, Paragraph, bold, flat, say


def stranger(count: int) -> Message:
    """Return what is said of so many alerts that carry our name and are not ours."""
    what = "An alert here carries" if count == 1 else f"{count} alerts here carry"
    line = (
        *say(
            bold("Another hangbot with a database of its own speaks here"),
            f": {what} my name, and I did not ",
        ),
        *say("tell it. " if count == 1 else "tell them. "),
        *say(
            "What both watch is told twice, and a button may reach the wrong one. Stop one of them, or give "
        ),
        *say("both the same database: then one works, and the other stands by."),
    )
    return Message(text=flat(line), sections=(Paragraph(line=line),))
