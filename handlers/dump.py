"""`dump HOST [SERVICE] [pid N]`: the raw stacks, redacted, as a file."""

from bot.domain.errors import BadArgument
from bot.domain.invocations import Invocation, Reply
from bot.flows import inspect, looks
from bot.ports import Services
from handlers.named import target_and_pid

USAGE = "/hang dump HOST [SERVICE] [pid N]"


def handle(invocation: Invocation, services: Services) -> Reply:
    target, pid = target_and_pid(invocation.args, services, usage=USAGE)
    looks.audience(services, invocation.actor, verb="dump", target=str(target))
    notifications, job = inspect.request(
        services, target=target, pid=pid, invocation=invocation, alert=None, dump=True
    )
    services.store.commit(notifications=notifications, jobs=[job])
    if services.store.job(job.id) is None:
        raise BadArgument("already_looking", word=str(target))
    return Reply(jobs=(job.id,))
