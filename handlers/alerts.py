"""`alerts`: what fires, and what is silenced; `alerts precision`: how often each rule was worth it."""

from bot.domain.errors import BadArgument
from bot.domain.invocations import Audience, Invocation, Reply
from bot.domain.precision import precisions
from bot.ports import Services
from bot.present import precision
from bot.present import status as words


def handle(invocation: Invocation, services: Services) -> Reply:
    if invocation.args:
        if invocation.args[0].lower() != "precision":
            raise BadArgument("alerts_what", word=invocation.args[0], usage="/hang alerts precision")
        found = precisions(services.store.alerts())
        return Reply(message=precision.message(found), audience=Audience.CHANNEL)
    now = services.clock.now()
    alerts = services.store.alerts(unresolved=True)
    message = words.alerts(alerts, services.store.silences(now=now), services.settings, now=now)
    return Reply(message=message, audience=Audience.CHANNEL)
