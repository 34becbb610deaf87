"""`help [VERB]`: all verbs, or how to use one."""

from bot.domain.errors import UnknownName
from bot.domain.invocations import Invocation, Reply
from bot.ports import Services
from bot.present import help as words


def handle(invocation: Invocation, services: Services) -> Reply:
    del services
    if not invocation.args:
        return Reply(message=words.overview())
    verb = invocation.args[0].lower().removeprefix("/")
    if verb not in words.VERBS:
        raise UnknownName(kind="verb", word=verb, nearest=words.nearest(verb), known=tuple(words.VERBS))
    return Reply(message=words.usage(verb))
