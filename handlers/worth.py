"""`noise [ALERT]` and `real [ALERT]`, or the buttons under an alert that is over: whether it was worth being told."""

from bot.domain.alerts import Alert, AlertStatus, Worth
from bot.domain.errors import BadArgument, UnknownName
from bot.domain.groups import Group
from bot.domain.invocations import Invocation, Reply
from bot.flows import respond
from bot.ports import Services


def handle(invocation: Invocation, services: Services) -> Reply:
    worth, actor = Worth(invocation.verb), invocation.actor
    found = _which(invocation, services)
    if isinstance(found, Group):
        return Reply(message=respond.judge_worth_of_group(services, actor=actor, group=found, worth=worth))
    return Reply(message=respond.judge_worth(services, actor=actor, alert=found, worth=worth))


def _which(invocation: Invocation, services: Services) -> Alert | Group:
    """Return what is named, else what was over last: an alert, or the group in whose message it was told."""
    if invocation.args:
        word = invocation.args[0]
        found = services.store.group(word) if word.startswith("grp_") else services.store.alert(word)
        if found is None:
            raise UnknownName(kind="alert", word=word)
        return found
    over = [one for one in services.store.alerts() if one.status is AlertStatus.RESOLVED and one.told]
    if not over:
        raise BadArgument("nothing_over", usage="/hang alerts")
    last = max(over, key=lambda one: one.resolved_at or one.updated_at)
    return (services.store.group(last.group) if last.group else None) or last
