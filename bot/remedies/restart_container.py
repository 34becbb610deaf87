"""The container runtime restarts the service's container (docs.docker.com/reference/cli/docker/container/restart)."""

from bot.domain.targets import HostSpec, ServiceSpec


def plan(host: HostSpec, service: ServiceSpec) -> tuple[str, ...] | None:
    """Return the command that restarts the container, None where the service is in none.

    With podman alone, and without its `docker`, the config says it: `restart: [podman, restart, NAME]`.
    """
    if not service.container or service.container.startswith("-"):
        return None
    return (*host.as_root, "docker", "restart", service.container)
