"""What may be done to a service: `plan(host, service) -> argv`, from the config alone. Chat words never get here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.domain.acting import FENCE_S
from bot.domain.actions import Action, Standing
from bot.domain.targets import HostSpec, ServiceSpec
from bot.ports import Host
from bot.remedies import restart_container, restart_supervisor, restart_unit, run_command, sending, standing
from bot.remedies.sending import Sent

Plan = Callable[[HostSpec, ServiceSpec], tuple[str, ...] | None]

REMEDIES: Mapping[str, Plan] = {
    "run_command": run_command.plan,
    "restart_unit": restart_unit.plan,
    "restart_supervisor": restart_supervisor.plan,
    "restart_container": restart_container.plan,
}
"""In this order: a service's own command goes before all others."""


@dataclass(frozen=True, kw_only=True)
class Planned:
    """Which remedy, and the exact command that will run."""

    remedy: str
    command: tuple[str, ...]


def plan(host: HostSpec, service: ServiceSpec) -> Planned | None:
    """Return how the service is restarted there, None where the config does not say."""
    for name, make in REMEDIES.items():
        if command := make(host, service):
            return Planned(remedy=name, command=tuple(command))
    return None


def look(host: Host, service: ServiceSpec, *, mark: str, act: str = "") -> Standing:
    """Look at what runs of the service, and whether the command of that act does. Raises HostFailure."""
    return standing.look(host, service, mark=mark, act=act)


def perform(host: Host, action: Action, *, before: Standing) -> Sent:
    """Send the action's command, once; the host itself refuses to begin it half a minute after the look `before`.

    Raises HostFailure where it is not known what became of it.
    """
    return sending.send(
        host,
        action.remedy,
        action.command,
        token=f"{sending.NAMED}{action.id}",
        boot=before.boot,
        latest_s=before.uptime_s + FENCE_S,
    )


__all__ = ["REMEDIES", "Plan", "Planned", "Sent", "look", "perform", "plan"]
