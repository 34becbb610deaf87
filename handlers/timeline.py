"""`timeline [INC]`: what happened, one line each."""

from bot.domain.invocations import Audience, Invocation, Reply, Via
from bot.flows import incidents
from bot.ports import Services
from handlers.incident_words import asked_for

USAGE = "/hang timeline [INC]"


def handle(invocation: Invocation, services: Services) -> Reply:
    incident = asked_for(invocation, services, usage=USAGE)
    message = incidents.timeline_of(incident, services, whole=invocation.via is Via.CONSOLE)
    return Reply(message=message, audience=Audience.CHANNEL)
