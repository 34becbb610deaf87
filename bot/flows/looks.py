"""Looks that are answered at once: the busiest processes of a host, the end of a service's log. Nothing is stored."""

from bot import collectors
from bot.collectors import NoProcess
from bot.domain.access import shown_to
from bot.domain.clues import clue
from bot.domain.errors import HostFailure
from bot.domain.invocations import Actor, Audience
from bot.domain.logs import Log
from bot.domain.messages import Message
from bot.domain.settings import EvidenceAudience
from bot.domain.targets import HostSpec, Target
from bot.flows import marks
from bot.ports import Services
from bot.present import looks as words

MOST_LINES = 1000


def audience(services: Services, actor: Actor, *, verb: str, target: str) -> Audience:
    """Return who is shown what a host's processes and logs say. Raises NotAllowed where the asker is not."""
    shown = shown_to(actor, services.settings.access, verb=verb, target=target)
    return Audience.CHANNEL if shown is EvidenceAudience.CHANNEL else Audience.ASKER


def top(services: Services, host: HostSpec) -> Message:
    try:
        found = collectors.busiest(services.hosts.get(host.name), mark=marks.new(services))
    except HostFailure as failure:
        return words.not_asked(host.name, failure.outcome, failure.reason)
    return words.top(found)


def logs(services: Services, target: Target, *, seconds: float) -> Message:
    host = services.settings.fleet.hosts[target.host]
    service = services.settings.fleet.service_on(host, target.service or "")
    try:
        found = collectors.last_lines(
            services.hosts.get(host.name),
            service,
            mark=marks.new(services),
            seconds=seconds,
            lines=MOST_LINES,
        )
    except HostFailure as failure:
        return words.not_asked(host.name, failure.outcome, failure.reason)
    except NoProcess:
        found = Log(missing=clue("no_process", service=service.name))
    return words.log(found, target, seconds=seconds)
