"""`inspect HOST [SERVICE] [pid N]`: evidence and diagnosis, in a thread that fills itself."""

from bot.domain.errors import BadArgument, UnknownName
from bot.domain.invocations import Invocation, Reply, Via
from bot.flows import inspect, suspects
from bot.ports import Services
from handlers.named import target_and_pid


def handle(invocation: Invocation, services: Services) -> Reply:
    alert = None
    pid = None
    if invocation.via is Via.BUTTON:
        alert = services.store.alert(invocation.args[0]) if invocation.args else None
        if alert is None:
            raise UnknownName(kind="alert", word=" ".join(invocation.args))
        target, pid = alert.target, suspects.named_by(alert, services)
    else:
        target, pid = target_and_pid(invocation.args, services, usage=inspect.USAGE)
    notifications, job = inspect.request(services, target=target, pid=pid, invocation=invocation, alert=alert)
    services.store.commit(notifications=notifications, jobs=[job])
    if services.store.job(job.id) is None:
        raise BadArgument("already_looking", word=str(target), usage="")
    return Reply(jobs=(job.id,))
