"""`doctor [HOST]`: what will work on a host, and what to type where it will not; alone, of the bot and the whole fleet."""

from bot.domain.errors import BadArgument
from bot.domain.invocations import Invocation, Reply
from bot.flows import doctor
from bot.ports import Services
from bot.present import doctor as words

USAGE = "/hang doctor [HOST]"


def handle(invocation: Invocation, services: Services) -> Reply:
    if len(invocation.args) > 1:
        raise BadArgument("too_many_words", word=invocation.args[1], usage=USAGE)
    if not invocation.args:
        return Reply(message=words.message(doctor.fleet(services)))
    host = services.settings.fleet.host(invocation.args[0])
    return Reply(message=words.message([doctor.host(host, services)]))
