"""What listens on a host, as services for the config: looked at, asked, and written down for a person to read."""

from bot import collectors
from bot.domain import discovery
from bot.domain.discovery import Discovered
from bot.domain.errors import HostFailure
from bot.domain.observations import ProbeOutcome
from bot.domain.targets import HostSpec
from bot.flows import marks
from bot.ports import Services


def host(spec: HostSpec, services: Services) -> Discovered:
    """Propose services for a host. Raises HostFailure."""
    there = services.hosts.get(spec.name)
    listeners, unseen = collectors.listening(there, mark=marks.new(services))
    found = discovery.proposals(listeners)
    asked = discovery.questions(found)
    if asked:
        sample = there.sample(asked)
        if sample.outcome is not ProbeOutcome.OK:
            raise HostFailure(sample.outcome, sample.reason)
        found = discovery.answered(found, sample.answers)
    return Discovered(host=spec.name, proposals=found, unseen=tuple(unseen))
