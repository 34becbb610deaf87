"""Other hosts that run the same service, and are well."""

from bot.domain.observations import ServiceState
from bot.domain.targets import Target
from bot.ports import Services


def well(service: str | None, services: Services, *, besides: str = "") -> Target | None:
    """Return a host on which a service answers and nothing is alerted, the same one each time as long as it does."""
    unwell = {one.target.host for one in services.store.alerts(unresolved=True)}
    for name, seen in sorted(services.store.observations().items()):
        reading = seen.services.get(service or "")
        if reading and reading.state is ServiceState.ANSWERING and name not in unwell and name != besides:
            return Target(host=name, service=service)
    return None
