"""`inspect HOST [SERVICE] [pid N]`: evidence and diagnosis, in a thread that fills itself; of several hosts with what differs."""

from dataclasses import replace

from bot.domain.alerts import Alert
from bot.domain.errors import BadArgument, UnknownName
from bot.domain.invocations import Invocation, Reply, Via
from bot.domain.targets import Target
from bot.flows import compare, inspect, suspects
from bot.ports import Services
from handlers.named import target_and_pid


def handle(invocation: Invocation, services: Services) -> Reply:
    alert = None
    pid = None
    if invocation.via is Via.BUTTON:
        alert, target, pid = _pressed(invocation, services)
        invocation = replace(invocation, text=f"inspect {target.host} {target.service or ''}".strip())
    elif invocation.args and compare.is_pattern(invocation.args[0]):
        return _several(invocation, services)
    else:
        target, pid = target_and_pid(invocation.args, services, usage=inspect.USAGE)
    notifications, job = inspect.request(services, target=target, pid=pid, invocation=invocation, alert=alert)
    services.store.commit(notifications=notifications, jobs=[job])
    if services.store.job(job.id) is None:
        raise BadArgument("already_looking", word=str(target), usage="")
    return Reply(jobs=(job.id,))


def _pressed(invocation: Invocation, services: Services) -> tuple[Alert | None, Target, int | None]:
    """Return what a button is about: an alert, or what was inspected before, the same process then."""
    word = invocation.args[0] if invocation.args else ""
    if alert := services.store.alert(word):
        return alert, alert.target, suspects.named_by(alert, services)
    if earlier := services.store.inspection(word):
        return None, earlier.target, None
    raise UnknownName(kind="alert", word=word)


def _several(invocation: Invocation, services: Services) -> Reply:
    pattern, *rest = invocation.args
    host, _, named = pattern.partition("/")
    named = named or (rest.pop(0) if rest else "")
    if rest:
        raise BadArgument("too_many_words", word=rest[0], usage=compare.USAGE)
    targets = compare.meant(services, host, named or None)
    jobs = compare.request(services, targets=targets, invocation=invocation)
    return Reply(jobs=tuple(job.id for job in jobs))
