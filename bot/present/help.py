"""What can be typed, and what it does."""

from collections.abc import Mapping
from difflib import get_close_matches

from bot.domain.messages import Bullets, Context, Message, Paragraph, code, say

VERBS: Mapping[str, tuple[str, str]] = {
    "status": ("status [HOST]", "the fleet, or one host, at a glance"),
    "inspect": (
        "inspect HOST [SERVICE] [pid N] · inspect web* [SERVICE]",
        "evidence and diagnosis: what hangs, and at which line; of several hosts also what differs",
    ),
    "compare": ("compare INSPECTION", "a host that is well, beside one that was inspected"),
    "dump": ("dump HOST [SERVICE] [pid N]", "the raw stacks, redacted, as a file"),
    "top": ("top HOST", "its busiest processes"),
    "logs": ("logs HOST SERVICE [30m]", "the end of its log: the journal, or the file it writes to"),
    "history": (
        "history HOST [METRIC] [6h]",
        "a chart of a reading with what happened meanwhile; without METRIC, all of them in a line each",
    ),
    "diff": (
        "diff HOST SERVICE [HOST2]",
        "what changed since it was last well: files, settings, packages, deploys; or what is other on a second host",
    ),
    "alerts": (
        "alerts · alerts precision",
        "what fires, and what is silenced; how often each rule was worth it",
    ),
    "ack": ("ack [ALERT or HOST]", "you look after it; it asks again after 4 h"),
    "noise": ("noise [ALERT]", "it was not worth being told"),
    "real": ("real [ALERT]", "it was"),
    "silence": ("silence HOST[/SERVICE] 2h [REASON]", "judged on, but not told; 24 h at most"),
    "unsilence": ("unsilence ID", "tells again"),
    "probe": ("probe HOST", "one round now"),
    "restart": (
        "restart HOST SERVICE [now]",
        "evidence first, then I ask; done once, verified, watched for 5 min",
    ),
    "confirm": ("confirm ID", "your yes to what I asked"),
    "cancel": ("cancel ID", "your no to it"),
    "incident": (
        "incident open TITLE · incident resolve [INC] [TEXT] · incident list",
        "what belongs together, in one message with its own timeline",
    ),
    "note": ("note TEXT", "a line in the timeline of the incident"),
    "timeline": ("timeline [INC]", "what happened, one line each"),
    "review": (
        "review [INC] WHEN [for 45m] [with @ana @ben] · review move … · review cancel · review list",
        "the follow-up meeting: I say what I understood, and book it once somebody says yes",
    ),
    "report": ("report [INC]", "the postmortem document, as far as I can write it"),
    "doctor": ("doctor [HOST]", "what will work on a host, and what to type where it will not"),
    "who": ("who", "who is on call, and what wakes them"),
    "hosts": ("hosts", "what is watched, and how it is reached"),
    "help": ("help [VERB]", "this, or how to use one of them"),
}


def overview() -> Message:
    """Return all verbs with a line each."""
    lines = tuple(say(code(f"/hang {usage}"), f"  {meaning}") for usage, meaning in VERBS.values())
    note = say("In a thread: ", code("@hangbot inspect web1"))
    return Message(
        text="What I can do: " + ", ".join(VERBS),
        title=say("What I can do"),
        sections=(Bullets(lines=lines), Context(line=note)),
    )


def usage(verb: str) -> Message:
    """Return how to use one verb."""
    typed, meaning = VERBS[verb]
    return Message(
        text=f"/hang {typed}: {meaning}",
        sections=(Paragraph(line=say(code(f"/hang {typed}"), f"  {meaning}")),),
    )


def nearest(word: str) -> tuple[str, ...]:
    """Return the verbs that a word may mean, best first."""
    return tuple(get_close_matches(word, VERBS, n=2, cutoff=0.5))
