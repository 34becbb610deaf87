"""`report [INC]`: the postmortem document, as a file; at a terminal, as text."""

from bot.domain.invocations import Audience, Invocation, Reply, Via
from bot.flows import incidents, which
from bot.ports import Services
from handlers.incident_words import asked_for

USAGE = "/hang report [INC]"


def handle(invocation: Invocation, services: Services) -> Reply:
    if invocation.via is Via.BUTTON and invocation.args:
        incident = which.incident_named(invocation.args[0], services)
    else:
        incident = asked_for(invocation, services, usage=USAGE)
    message = incidents.reported(incident, services, printed=invocation.via is Via.CONSOLE)
    return Reply(message=message, audience=Audience.CHANNEL)
