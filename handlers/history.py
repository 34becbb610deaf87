"""`history HOST [METRIC] [6h]`: a chart of a reading, with what happened meanwhile; without METRIC, all of them in a line each."""

from bot.domain.errors import BadArgument
from bot.domain.invocations import Audience, Invocation, Reply
from bot.flows import history
from bot.ports import Services
from handlers.arguments import duration_s

USAGE = "/hang history HOST METRIC [6h]"
USUAL_S, SHORTEST_S, LONGEST_S = 6 * 3600.0, 60.0, 30 * 86400.0


def handle(invocation: Invocation, services: Services) -> Reply:
    if not invocation.args:
        raise BadArgument("missing_host", usage=USAGE)
    host = services.settings.fleet.host(invocation.args[0])
    rest = invocation.args[1:]
    spans = [word for word in rest if word[:1].isdecimal()]
    names = [word for word in rest if word not in spans]
    for words in (spans, names):
        if len(words) > 1:
            raise BadArgument("too_many_words", word=words[1], usage=USAGE)
    seconds = _length(spans[0]) if spans else USUAL_S
    message = history.chart(host, names[0] if names else None, services, seconds=seconds)
    return Reply(message=message, audience=Audience.CHANNEL)


def _length(word: str) -> float:
    """Return the seconds of a time back, a minute to thirty days. Raises BadArgument."""
    seconds = duration_s(word)
    if seconds is None or not SHORTEST_S <= seconds <= LONGEST_S:
        raise BadArgument("no_time_back", word=word, usage=USAGE, most="30 days")
    return seconds
