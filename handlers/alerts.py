"""`alerts`: what fires, and what is silenced."""

from bot.domain.invocations import Audience, Invocation, Reply
from bot.ports import Services
from bot.present import status as words


def handle(invocation: Invocation, services: Services) -> Reply:
    del invocation
    now = services.clock.now()
    alerts = services.store.alerts(unresolved=True)
    message = words.alerts(alerts, services.store.silences(now=now), services.settings, now=now)
    return Reply(message=message, audience=Audience.CHANNEL)
