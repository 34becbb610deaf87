"""Those who were paged answer where they were paged: who looks after it there looks after it here."""

from datetime import datetime

from bot.domain.alerts import ACKNOWLEDGED_FOR, is_acknowledged
from bot.domain.errors import BadArgument
from bot.domain.invocations import Actor
from bot.domain.paged import PageAnswer
from bot.flows import respond
from bot.ports import Services


def take(answer: PageAnswer, services: Services) -> bool:
    """Put who answered in charge; False where that is no news: sent again, long past, over meanwhile, or none of our pages.

    Raises StoreFault where it cannot be kept: then it is to be sent again.
    """
    now = services.clock.now()
    if now - answer.at > ACKNOWLEDGED_FOR or _is_in_charge(answer, services, now=now):
        return False
    actor = Actor(id=answer.by, name=answer.name)
    try:
        if (alert := services.store.alert(answer.key)) is not None:
            respond.acknowledge(services, actor=actor, alert=alert)
        elif (group := services.store.group(answer.key)) is not None:
            respond.acknowledge_group(services, actor=actor, group=group)
    except BadArgument:  # it is over
        return False
    return _is_in_charge(answer, services, now=now)


def _is_in_charge(answer: PageAnswer, services: Services, *, now: datetime) -> bool:
    """Return whether who answered looks after it already, or after some of its group."""
    alert = services.store.alert(answer.key)
    members = [alert] if alert is not None else services.store.alerts(group=answer.key, unresolved=True)
    marks = [one.acknowledged for one in members if is_acknowledged(one, now=now)]
    return any(mark is not None and mark.by == answer.by for mark in marks)
