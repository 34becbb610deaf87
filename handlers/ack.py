"""`ack [ALERT or HOST]`: somebody looks after it."""

from bot.domain.alerts import Alert, AlertStatus, is_acknowledged
from bot.domain.errors import BadArgument, UnknownName
from bot.domain.groups import Group
from bot.domain.invocations import Invocation, Reply
from bot.flows import respond
from bot.ports import Services

OPEN = (AlertStatus.FIRING, AlertStatus.RECOVERING)


def handle(invocation: Invocation, services: Services) -> Reply:
    word = invocation.args[0] if invocation.args else ""
    group = (
        services.store.group(word) if word.startswith("grp_") else _only_group(services) if not word else None
    )
    if group is not None:
        return Reply(message=respond.acknowledge_group(services, actor=invocation.actor, group=group))
    alert = _which(invocation.args, services)
    return Reply(message=respond.acknowledge(services, actor=invocation.actor, alert=alert))


def _only_group(services: Services) -> Group | None:
    """Return the group that tells of everything that fires, if one does."""
    firing = [one for one in services.store.alerts(unresolved=True) if one.status in OPEN and one.told]
    groups = {one.group for one in firing}
    return services.store.group(groups.pop()) if len(groups) == 1 and firing[0].group else None


def _which(args: tuple[str, ...], services: Services) -> Alert:
    """Return the alert that is meant: named by its id or its host, or the only one that nobody looks after."""
    now = services.clock.now()
    firing = [
        alert for alert in services.store.alerts(unresolved=True) if alert.status in OPEN and alert.told
    ]
    if not args:
        waiting = [alert for alert in firing if not is_acknowledged(alert, now=now)]
        return _only(waiting or firing, "")
    word = args[0]
    if word.startswith("alr_"):
        alert = services.store.alert(word)
        if alert is None:
            raise UnknownName(kind="alert", word=word, known=tuple(one.id for one in firing))
        return alert
    host = services.settings.fleet.host(word.partition("/")[0])
    service = word.partition("/")[2] or (args[1] if len(args) > 1 else "")
    on_host = [
        one
        for one in firing
        if one.target.host == host.name and (not service or one.target.service == service)
    ]
    return _only(on_host, host.name)


def _only(alerts: list[Alert], where: str) -> Alert:
    if not alerts:
        raise BadArgument("nothing_fires", word=where, usage="/hang alerts")
    if len(alerts) > 1:
        named = ", ".join(f"{alert.target}: /hang ack {alert.id}" for alert in alerts[:5])
        raise BadArgument("which_alert", word=where, usage=named)
    return alerts[0]
