"""`status [HOST]`: the fleet, or one host, at a glance."""

from bot.domain.invocations import Audience, Invocation, Reply
from bot.ports import Services
from bot.present import status as words


def handle(invocation: Invocation, services: Services) -> Reply:
    settings, now = services.settings, services.clock.now()
    observations = services.store.observations()
    alerts = services.store.alerts(unresolved=True)
    silences = services.store.silences(now=now)
    if not invocation.args:
        message = words.fleet(settings, observations, alerts, silences, now=now)
    else:
        host = settings.fleet.host(invocation.args[0])
        message = words.host(host, settings, observations.get(host.name), alerts, silences, now=now)
    return Reply(message=message, audience=Audience.CHANNEL)
