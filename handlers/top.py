"""`top HOST`: its busiest processes."""

from bot.domain.errors import BadArgument
from bot.domain.invocations import Invocation, Reply
from bot.flows import looks
from bot.ports import Services

USAGE = "/hang top HOST"


def handle(invocation: Invocation, services: Services) -> Reply:
    if not invocation.args:
        raise BadArgument("missing_host", usage=USAGE)
    host = services.settings.fleet.host(invocation.args[0])
    if len(invocation.args) > 1:
        raise BadArgument("too_many_words", word=invocation.args[1], usage=USAGE)
    audience = looks.audience(services, invocation.actor, verb="top", target=host.name)
    return Reply(message=looks.top(services, host), audience=audience)
