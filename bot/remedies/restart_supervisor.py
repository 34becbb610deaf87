"""supervisord restarts the service's program (supervisord.org/running.html#supervisorctl-actions)."""

from bot.domain.targets import HostSpec, ServiceSpec


def plan(host: HostSpec, service: ServiceSpec) -> tuple[str, ...] | None:
    """Return the command that restarts the program, None where supervisord does not keep the service."""
    if not service.supervisor or service.supervisor.startswith("-"):
        return None
    return (*host.as_root, "supervisorctl", "restart", service.supervisor)
