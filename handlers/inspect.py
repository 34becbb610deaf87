"""`inspect HOST [SERVICE] [pid N]`: evidence and diagnosis, in a thread that fills itself."""

from bot.domain.errors import BadArgument, UnknownName
from bot.domain.invocations import Invocation, Reply, Via
from bot.domain.observations import ServiceState
from bot.domain.targets import HostSpec, Target
from bot.flows import inspect
from bot.ports import Services

USAGE = "/hang inspect HOST [SERVICE] [pid N]"
UNWELL = (ServiceState.SILENT, ServiceState.DEGRADED, ServiceState.DOWN)


def handle(invocation: Invocation, services: Services) -> Reply:
    alert = None
    pid = None
    if invocation.via is Via.BUTTON:
        alert = services.store.alert(invocation.args[0]) if invocation.args else None
        if alert is None:
            raise UnknownName(kind="alert", word=" ".join(invocation.args))
        target = alert.target
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
        raise BadArgument("missing_host", usage=USAGE)
    fleet = services.settings.fleet
    word, _, named = rest.pop(0).partition("/")
    host = fleet.host(word)
    if rest and not named:
        named = rest.pop(0)
    if rest:
        raise BadArgument("too_many_words", word=rest[0], usage=USAGE)
    service = fleet.service_on(host, named).name if named else _likely(host, services)
    if service is None and pid is None:
        raise BadArgument("which_service" if host.services else "no_service", word=host.name, usage=USAGE,
                          known=", ".join(host.services))  # fmt: skip
    return Target(host=host.name, service=service), pid


def _pid(rest: list[str]) -> int | None:
    """Take `pid N`, `pid=N` or `--pid N` out of the words."""
    for at, word in enumerate(rest):
        bare = word.lower().lstrip("-")
        if bare == "pid" or bare.startswith("pid="):
            number = bare.partition("=")[2] or (rest[at + 1] if at + 1 < len(rest) else "")
            if not number.isascii() or not number.isdecimal() or not 0 < int(number) < 2**22 + 1:
                raise BadArgument("no_pid", word=number, usage=USAGE)
            del rest[at : at + (1 if "=" in bare else 2)]
            return int(number)
    return None


def _likely(host: HostSpec, services: Services) -> str | None:
    """Return the service that is meant where none is named: the only one, or the only one that is unwell."""
    if len(host.services) == 1:
        return host.services[0]
    observation = services.store.observations().get(host.name)
    readings = observation.services if observation else {}
    unwell = [name for name, reading in readings.items() if reading.state in UNWELL]
    return unwell[0] if len(unwell) == 1 else None
