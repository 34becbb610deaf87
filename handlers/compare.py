"""`compare INSPECTION`, most often a button: a host that is well, beside one that was inspected."""

from bot.domain.errors import UnknownName
from bot.domain.invocations import Invocation, Reply
from bot.flows import compare
from bot.ports import Services


def handle(invocation: Invocation, services: Services) -> Reply:
    word = " ".join(invocation.args)
    earlier = services.store.inspection(word) if word else None
    if earlier is None:
        raise UnknownName(kind="inspection", word=word)
    return Reply(jobs=(compare.beside(earlier, services, invocation=invocation).id,))
