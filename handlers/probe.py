"""`probe HOST`: one round now."""

from bot.domain.errors import BadArgument
from bot.domain.invocations import Audience, Invocation, Reply
from bot.flows import watch
from bot.ports import Services
from bot.present import probe as words


def handle(invocation: Invocation, services: Services) -> Reply:
    if not invocation.args:
        raise BadArgument("missing_host", usage="/hang probe HOST")
    host = services.settings.fleet.host(invocation.args[0])
    return Reply(message=words.message(watch.probe_now(host.name, services)), audience=Audience.CHANNEL)
