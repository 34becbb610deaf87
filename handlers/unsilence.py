"""`unsilence ID`: tell again."""

from bot.domain.errors import BadArgument, UnknownName
from bot.domain.invocations import Audience, Invocation, Reply
from bot.flows import respond
from bot.ports import Services


def handle(invocation: Invocation, services: Services) -> Reply:
    silences = services.store.silences(now=services.clock.now())
    if not invocation.args:
        if len(silences) != 1:
            raise BadArgument("which_silence" if silences else "nothing_silenced", usage="/hang unsilence ID")
        wanted = silences[0].id
    else:
        wanted = invocation.args[0].lower()
    known = tuple(silence.id for silence in silences)
    found = next((one.id for one in silences if wanted in (one.id, one.host.lower())), None)
    if found is None:
        raise UnknownName(kind="silence", word=wanted, known=known)
    return Reply(
        message=respond.unsilence(services, actor=invocation.actor, silence_id=found),
        audience=Audience.CHANNEL,
    )
