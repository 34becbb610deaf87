"""What is said when nobody looked for a while, the bot itself."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.messages import Message, Paragraph, flat, say
from bot.present.alert_words import moment, span


def away(since: datetime, *, hosts: int, now: datetime, zone: ZoneInfo) -> Message:
    """Return what is said of a time in which no host was looked at."""
    them = "it" if hosts == 1 else f"all {hosts} of them"
    what = "the host" if hosts == 1 else "any host"
    line = say(
        f"I was away for {span(now - since)}, since ",
        moment(since, now=now, zone=zone),
        f": nobody looked at {what} in that time, and what came and went in it was not told. I look at {them} now.",
    )
    return Message(text=flat(line), sections=(Paragraph(line=line),))
