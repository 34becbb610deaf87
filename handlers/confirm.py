"""`confirm ID`, mostly as a button: a yes to what was asked. Who may say it is asked of the policy of that very act."""

from collections.abc import Callable, Mapping

from bot.domain.actions import ActionStatus
from bot.domain.errors import BadArgument
from bot.domain.invocations import Invocation, Reply
from bot.flows import remediate
from bot.ports import Services
from handlers import review


def handle(invocation: Invocation, services: Services) -> Reply:
    return which(invocation, services, QUESTIONS)(invocation, services)


def _act(invocation: Invocation, services: Services) -> Reply:
    message, action = remediate.confirm(
        services, actor=invocation.actor, action_id=invocation.args[0], place=invocation.place
    )
    late = message is not None and action.status is not ActionStatus.PROPOSED
    return Reply(message=message, jobs=() if message else (action.job,), refused=late)


Answers = Callable[[Invocation, Services], Reply]
QUESTIONS: Mapping[str, Answers] = {"act": _act, "rev": review.confirm}
"""What an id begins with → who answers."""


def which(invocation: Invocation, services: Services, questions: Mapping[str, Answers]) -> Answers:
    """Return who answers for the id that was pressed or typed. Raises BadArgument, UnknownName."""
    if not invocation.args:
        raise BadArgument("which_question", usage=f"/hang {invocation.verb} ID")
    word = invocation.args[0]
    answers = questions.get(word.partition("_")[0])
    if answers is None:
        raise remediate.forged(services, invocation.actor, word)
    return answers
