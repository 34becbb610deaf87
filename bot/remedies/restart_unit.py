"""systemd restarts the service's unit."""

from bot.domain.targets import HostSpec, ServiceSpec, Transport


def plan(host: HostSpec, service: ServiceSpec) -> tuple[str, ...] | None:
    """Return the command that restarts the service's unit, None where it has none.

    `sudo -n` where the host's `sudo` is on and the account is not root: it never asks for a password.
    """
    if not service.unit or service.unit.startswith("-"):
        return None
    root = host.user == "root" and host.transport is Transport.SSH
    sudo = ("sudo", "-n") if host.sudo and not root else ()
    return (*sudo, "systemctl", "restart", service.unit)
