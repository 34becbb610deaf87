"""`hosts`: what is watched, and how it is reached."""

from bot.domain.invocations import Audience, Invocation, Reply
from bot.ports import Services
from bot.present import status as words


def handle(invocation: Invocation, services: Services) -> Reply:
    del invocation
    return Reply(message=words.hosts(services.settings), audience=Audience.CHANNEL)
