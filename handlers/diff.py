"""`diff HOST SERVICE [HOST2]`: what changed since it was last well, or what is other than on another host."""

from bot.domain.errors import BadArgument
from bot.domain.invocations import Invocation, Reply
from bot.flows import diff, looks
from bot.ports import Services
from handlers.named import target_and_pid

USAGE = "/hang diff HOST SERVICE [HOST2]"
BETWEEN = ("and", "with", "vs", "to")


def handle(invocation: Invocation, services: Services) -> Reply:
    fleet = services.settings.fleet
    rest = [word for word in invocation.args if word.lower() not in BETWEEN]
    full = 2 if rest and "/" in rest[0] else 3
    if len(rest) > full:
        raise BadArgument("too_many_words", word=rest[full], usage=USAGE)
    known = {name.lower() for name in fleet.hosts}
    named = len(rest) == full or (len(rest) == 2 and rest[1].lower() in known)
    other = fleet.host(rest.pop()) if named else None
    target, pid = target_and_pid(tuple(rest), services, usage=USAGE)
    if pid is not None:
        raise BadArgument("too_many_words", word="pid", usage=USAGE)
    if target.service is None:
        raise BadArgument("no_service", word=target.host, usage=USAGE)
    if other is not None:
        if other.name == target.host:
            raise BadArgument("same_host", word=other.name, usage=USAGE)
        fleet.service_on(other, target.service)
    audience = looks.audience(services, invocation.actor, verb="diff", target=str(target))
    message = diff.since(services, target) if other is None else diff.beside(services, target, other.name)
    return Reply(message=message, audience=audience)
