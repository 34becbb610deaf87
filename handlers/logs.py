"""`logs HOST SERVICE [30m]`: the end of its log."""

from bot.domain.errors import BadArgument
from bot.domain.invocations import Invocation, Reply
from bot.flows import looks
from bot.ports import Services
from handlers.arguments import duration_s
from handlers.named import target_and_pid

USAGE = "/hang logs HOST SERVICE [30m]"
USUAL_S, LONGEST_S = 1800.0, 7 * 86400.0


def handle(invocation: Invocation, services: Services) -> Reply:
    rest = list(invocation.args)
    seconds = next((found for word in rest[1:] if (found := duration_s(word)) is not None), None)
    words = tuple(word for number, word in enumerate(rest) if not number or duration_s(word) is None)
    target, pid = target_and_pid(words, services, usage=USAGE)
    if pid is not None:
        raise BadArgument("too_many_words", word="pid", usage=USAGE)
    if target.service is None:
        raise BadArgument("no_service", word=target.host, usage=USAGE)
    audience = looks.audience(services, invocation.actor, verb="logs", target=str(target))
    length = min(seconds or USUAL_S, LONGEST_S)
    return Reply(message=looks.logs(services, target, seconds=length), audience=audience)
