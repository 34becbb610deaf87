"""systemd restarts the service's unit."""

from bot.domain.targets import HostSpec, ServiceSpec


def plan(host: HostSpec, service: ServiceSpec) -> tuple[str, ...] | None:
    """Return the command that restarts the service's unit, None where it has none."""
    if not service.unit or service.unit.startswith("-"):
        return None
    return (*host.as_root, "systemctl", "restart", service.unit)
