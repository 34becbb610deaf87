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
    known = services.settings.fleet.services
    spans = [word for word in rest[1:] if word[:1].isdecimal() and word not in known]
    if len(spans) > 1:
        raise BadArgument("too_many_words", word=spans[1], usage=USAGE)
    length = _length(spans[0]) if spans else USUAL_S
    target, pid = target_and_pid(
        tuple(word for word in rest if word not in spans or word is rest[0]), services, usage=USAGE
    )
    if pid is not None:
        raise BadArgument("too_many_words", word="pid", usage=USAGE)
    if target.service is None:
        raise BadArgument("no_service", word=target.host, usage=USAGE)
    audience = looks.audience(services, invocation.actor, verb="logs", target=str(target))
    return Reply(message=looks.logs(services, target, seconds=length), audience=audience)


def _length(word: str) -> float:
    """Return the seconds of a word that begins with a digit. Raises BadArgument unless it is a time back, a week at most."""
    seconds = duration_s(word)
    if seconds is None or not 0 < seconds <= LONGEST_S:
        raise BadArgument("no_time_back", word=word, usage=USAGE)
    return seconds
