"""`noise [ALERT]` and `real [ALERT]`, or the buttons under an alert that is over: whether it was worth being told."""

from bot.domain.alerts import Alert, AlertStatus, Worth
from bot.domain.errors import BadArgument, UnknownName
from bot.domain.invocations import Invocation, Reply
from bot.flows import respond
from bot.ports import Services


def handle(invocation: Invocation, services: Services) -> Reply:
    worth = Worth(invocation.verb)
    alert = _which(invocation, services)
    return Reply(message=respond.judge_worth(services, actor=invocation.actor, alert=alert, worth=worth))


def _which(invocation: Invocation, services: Services) -> Alert:
    """Return the alert that is named, else the newest one that is over."""
    if invocation.args:
        alert = services.store.alert(invocation.args[0])
        if alert is None:
            raise UnknownName(kind="alert", word=invocation.args[0])
        return alert
    over = [one for one in services.store.alerts() if one.status is AlertStatus.RESOLVED and one.told]
    if not over:
        raise BadArgument("nothing_over", usage="/hang alerts")
    return max(over, key=lambda one: one.resolved_at or one.updated_at)
