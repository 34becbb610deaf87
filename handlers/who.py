"""`who`: who is on call, and whether the chat reaches them now."""

from bot.domain.invocations import Audience, Invocation, Reply
from bot.flows import who
from bot.ports import Services
from bot.present import who as words


def handle(invocation: Invocation, services: Services) -> Reply:
    del invocation
    teams = who.on_duty(services)
    names = who.names_of(services)
    message = words.message(teams, services.settings, names=names, now=services.clock.now())
    return Reply(message=message, audience=Audience.CHANNEL)
