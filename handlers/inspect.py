"""`inspect HOST [SERVICE] [pid N]`: evidence and diagnosis, in a thread that fills itself."""

from bot.domain.errors import BadArgument, UnknownName
from bot.domain.invocations import Invocation, Reply, Via
from bot.domain.targets import Target
from bot.flows import inspect, suspects
from bot.ports import Services


def handle(invocation: Invocation, services: Services) -> Reply:
    alert = None
    pid = None
    if invocation.via is Via.BUTTON:
        alert = services.store.alert(invocation.args[0]) if invocation.args else None
        if alert is None:
            raise UnknownName(kind="alert", word=" ".join(invocation.args))
        target, pid = alert.target, suspects.named_by(alert, services)
    else:
        target, pid = _read(invocation.args, services)
    notifications, job = inspect.request(services, target=target, pid=pid, invocation=invocation, alert=alert)
    services.store.commit(notifications=notifications, jobs=[job])
    if services.store.job(job.id) is None:
        raise BadArgument("already_looking", word=str(target), usage="")
    return Reply(jobs=(job.id,))


def _read(args: tuple[str, ...], services: Services) -> tuple[Target, int | None]:
    rest = list(args)
    pid = _pid(rest)
    if not rest:
        raise BadArgument("missing_host", usage=inspect.USAGE)
    fleet = services.settings.fleet
    word, _, named = rest.pop(0).partition("/")
    host = fleet.host(word)
    if rest and not named:
        named = rest.pop(0)
    if rest:
        raise BadArgument("too_many_words", word=rest[0], usage=inspect.USAGE)
    return inspect.meant(services, host, named or None, pid=pid), pid


def _pid(rest: list[str]) -> int | None:
    """Take `pid N`, `pid=N` or `--pid N` out of the words."""
    for at, word in enumerate(rest):
        bare = word.lower().lstrip("-")
        if bare == "pid" or bare.startswith("pid="):
            number = bare.partition("=")[2] or (rest[at + 1] if at + 1 < len(rest) else "")
            if not number.isascii() or not number.isdecimal() or not 0 < int(number) < 2**22 + 1:
                raise BadArgument("no_pid", word=number, usage=inspect.USAGE)
            del rest[at : at + (1 if "=" in bare else 2)]
            return int(number)
    return None
