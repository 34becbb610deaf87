"""`note TEXT`: a line in the timeline of the thread's incident or alert, else of the only open incident."""

from bot.domain.errors import BadArgument
from bot.domain.invocations import Invocation, Reply
from bot.flows import incidents, which
from bot.ports import Services
from handlers.incident_words import taken_from

USAGE = "/hang note TEXT"
NAMED_USAGE = "/hang note INC-12 TEXT"


def handle(invocation: Invocation, services: Services) -> Reply:
    rest = list(invocation.args)
    named = taken_from(rest, services, text_follows=True) if len(rest) > 1 else None
    text = " ".join(rest)
    if not text:
        raise BadArgument("note_text", usage=USAGE)
    about = named or which.about(invocation, services, usage=NAMED_USAGE)
    message = incidents.note(
        services,
        invocation=invocation,
        text=text,
        about=about,
        said_there=named is None and which.of_thread(invocation, services) == about,
    )
    return Reply(message=message)
