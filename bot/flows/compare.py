"""Several hosts are to be laid beside each other: all that a pattern names, or one that hangs and one that is well."""

from dataclasses import replace
from fnmatch import fnmatchcase

from bot.domain.clues import Fact
from bot.domain.diagnosis import Inspection
from bot.domain.errors import BadArgument, UnknownName
from bot.domain.invocations import Invocation, Via
from bot.domain.jobs import Job
from bot.domain.messages import Notification, Operation, Posted
from bot.domain.observations import ServiceState
from bot.domain.targets import Target
from bot.flows import compared, inspect, peers
from bot.ports import Services
from bot.present import comparison as words

USAGE = "/hang inspect HOST… [SERVICE], such as web*"
MOST, MOST_WELL = 8, 3
PATTERN = "*?[,"


def is_pattern(word: str) -> bool:
    return any(sign in word for sign in PATTERN)


def meant(services: Services, pattern: str, named: str | None) -> list[Target]:
    """Return the targets that `web*`, `web[12]` or `web1,web2` names, in the order of the config.

    Raises UnknownName where no host is called so, and BadArgument where it is not clear which service is meant.
    """
    fleet = services.settings.fleet
    patterns = [one.strip().lower() for one in pattern.split(",") if one.strip()]
    hosts = [
        host for name, host in fleet.hosts.items() if any(fnmatchcase(name.lower(), one) for one in patterns)
    ]
    if not hosts:
        raise UnknownName(kind="host", word=pattern, known=tuple(fleet.hosts))
    if named:
        known = {name.lower(): name for host in hosts for name in host.services}
        service = known.get(named.lower()) or fleet.service_on(hosts[0], named).name
    else:
        common = [name for name in hosts[0].services if all(name in host.services for host in hosts)]
        if len(common) != 1:
            every = sorted({name for host in hosts for name in host.services})
            code = "which_service" if every else "no_service"
            raise BadArgument(code, word=pattern, usage=USAGE, known=", ".join(every))
        service = common[0]
    return [Target(host=host.name, service=service) for host in hosts if service in host.services]


def chosen(targets: list[Target], services: Services) -> list[Target]:
    """Return those that are looked at, where they are many: the ones in trouble first, and some that are well."""
    if len(targets) <= MOST:
        return targets
    alerted = {one.target for one in services.store.alerts(unresolved=True)}
    seen = services.store.observations()

    def answers(target: Target) -> bool:
        observation = seen.get(target.host)
        reading = observation.services.get(target.service or "") if observation else None
        return reading is not None and reading.state is ServiceState.ANSWERING and target not in alerted

    fit = [one for one in targets if answers(one)]
    unfit = [one for one in targets if one not in fit]
    room = MOST - min(MOST_WELL, len(fit))
    return [*unfit[:room], *fit[: MOST - len(unfit[:room])]]


def request(services: Services, *, targets: list[Target], invocation: Invocation) -> list[Job]:
    """Keep, and return, one inspection for each of the targets; the last one to end tells of all."""
    group, looked = services.ids.new("cmp"), chosen(targets, services)
    asked = [
        inspect.request(services, target=one, pid=None, invocation=invocation, alert=None)[1]
        for one in looked
    ]
    members = tuple(str(job.payload["inspection"]) for job in asked)
    jobs = [
        _joined(
            job, group, members, key=f"{group}/{job.payload['host']}", left_out=len(targets) - len(looked)
        )
        for job in asked
    ]
    names = [str(one) for one in looked]
    services.store.commit(notifications=_root(group, names, invocation, services), jobs=jobs)
    return jobs


def beside(earlier: Inspection, services: Services, *, invocation: Invocation) -> Job:
    """Keep, and return, the inspection of a peer that is well, whose outcome is laid beside an earlier one.

    Raises BadArgument where no other host has the service, or none is well.
    """
    peer = peers.well(earlier.target.service, services, besides=earlier.target.host)
    if peer is None:
        raise BadArgument("no_peer", word=str(earlier.target), usage="/hang inspect HOST* [SERVICE]")
    _, job = inspect.request(services, target=peer, pid=None, invocation=invocation, alert=None)
    group, mine = f"{earlier.id}.{job.payload['inspection']}", str(job.payload["inspection"])
    thread = _thread(invocation, services)
    job = _joined(job, group, (earlier.id, mine), key=f"compare:{earlier.id}", thread=thread)
    root = [] if thread else _root(group, [str(earlier.target), str(peer)], invocation, services)
    services.store.commit(notifications=root, jobs=[job])
    if services.store.job(job.id) is None:
        raise BadArgument("already_looking", word=str(peer), usage="")
    return job


def _joined(
    job: Job, group: str, members: tuple[str, ...], *, key: str, left_out: int = 0, thread: str = ""
) -> Job:
    """Return an inspection as a part of a comparison. `thread`: the subject whose thread it is told in, else one of its own."""
    facts: dict[str, Fact] = {
        "group": group,
        "members": " ".join(members),
        "left_out": left_out,
        "thread": thread,
        "said": False,
    }
    return replace(job, key=key, payload={**job.payload, **facts})


def _root(group: str, names: list[str], invocation: Invocation, services: Services) -> list[Notification]:
    """Return the message whose thread tells of a comparison; a person at a terminal needs none."""
    if invocation.actor.local:
        return []
    message = words.started(names, group, by=invocation.actor.name, line=invocation.text)
    row = compared.row(f"out_{group}.root", f"comparison:{group}", Operation.POST, message, services)
    return [
        replace(row, channel=invocation.channel or services.settings.channel, thread_ts=invocation.thread_ts)
    ]


def _thread(invocation: Invocation, services: Services) -> str:
    """Return the subject of the thread in which a button was pressed, empty where it was none of ours."""
    if invocation.via is not Via.BUTTON or not invocation.thread_ts:
        return ""
    return services.store.subject_at(Posted(channel=invocation.channel, ts=invocation.thread_ts)) or ""
