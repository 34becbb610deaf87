"""`restart HOST SERVICE`, or an alert's button: evidence first, then a question; nothing is done by this alone."""

from bot.domain.errors import BadArgument, UnknownName
from bot.domain.invocations import Invocation, Reply, Via
from bot.domain.targets import Target
from bot.flows import inspect, remediate
from bot.ports import Services
from bot.present import action as words

NOW = "now"
"""Typed at the end, it does not wait for the evidence."""


def handle(invocation: Invocation, services: Services) -> Reply:
    alert, hurried = None, False
    if invocation.via is Via.BUTTON:
        alert = services.store.alert(invocation.args[0]) if invocation.args else None
        if alert is None:
            raise UnknownName(kind="alert", word=" ".join(invocation.args))
        if alert.target.service is None:
            raise BadArgument("no_remedy", word=str(alert.target), service="")
        target = alert.target
    else:
        target, hurried = _read(invocation.args, services)
    action = remediate.ask(services, target=target, invocation=invocation, alert=alert, hurried=hurried)
    return Reply(message=words.asking(action), jobs=(action.job,))


def _read(args: tuple[str, ...], services: Services) -> tuple[Target, bool]:
    rest = list(args)
    hurried = len(rest) > 1 and rest[-1].lower().lstrip("-") == NOW
    if hurried:
        rest.pop()
    if not rest:
        raise BadArgument("missing_host", usage=remediate.USAGE)
    word, _, named = rest.pop(0).partition("/")
    host = services.settings.fleet.host(word)
    if rest and not named:
        named = rest.pop(0)
    if rest:
        raise BadArgument("too_many_words", word=rest[0], usage=remediate.USAGE)
    if not host.services:
        raise BadArgument("no_remedy", word=host.name, service="")
    try:
        return inspect.meant(services, host, named or None, pid=None), hurried
    except BadArgument as unclear:
        raise BadArgument(
            unclear.code, word=unclear.word, usage=remediate.USAGE, **unclear.facts
        ) from unclear
