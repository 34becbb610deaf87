"""The service's own restart command, as the config has it."""

from bot.domain.targets import HostSpec, ServiceSpec


def plan(host: HostSpec, service: ServiceSpec) -> tuple[str, ...] | None:
    """Return the argv of the service's `restart`, None where the config has none."""
    del host
    return service.restart
