"""`cancel ID`, mostly as a button: a no to what was asked."""

from collections.abc import Mapping

from bot.domain.invocations import Invocation, Reply
from bot.flows import remediate
from bot.ports import Services
from handlers import review
from handlers.confirm import Answers, which


def handle(invocation: Invocation, services: Services) -> Reply:
    return which(invocation, services, QUESTIONS)(invocation, services)


def _act(invocation: Invocation, services: Services) -> Reply:
    message, action = remediate.cancel(
        services, actor=invocation.actor, action_id=invocation.args[0], place=invocation.place
    )
    del action
    return Reply(message=message, refused=message is not None)


QUESTIONS: Mapping[str, Answers] = {"act": _act, "rev": review.cancel}
"""What an id begins with → who answers."""
