"""Verbs of the full grammar that this version does not have: each tells what to type by hand instead."""

import shlex

from bot.domain.errors import NotYetBuilt, UnknownName
from bot.domain.invocations import Invocation, Via
from bot.domain.targets import HostSpec, ServiceSpec
from bot.ports import Services

VERBS = ("dump", "top", "logs", "history", "restart", "run", "incident", "note", "timeline", "diff", "review", "report", "who",
         "doctor")  # fmt: skip


def refusal(verb: str, invocation: Invocation, services: Services) -> NotYetBuilt:
    """Return the refusal of an unbuilt verb; for a restart it carries the exact command, from the config."""
    return NotYetBuilt(verb=verb, instead=_restart_by_hand(invocation, services) if verb == "restart" else "")


def _restart_by_hand(invocation: Invocation, services: Services) -> str:
    fleet = services.settings.fleet
    try:
        if invocation.via is Via.BUTTON:
            alert = services.store.alert(invocation.args[0]) if invocation.args else None
            if alert is None or alert.target.service is None:
                return ""
            host = fleet.host(alert.target.host)
            return _command(host, fleet.service_on(host, alert.target.service))
        if not invocation.args:
            return ""
        host = fleet.host(invocation.args[0])
        on_host = fleet.services_on(host)
        service = (
            fleet.service_on(host, invocation.args[1])
            if len(invocation.args) > 1
            else next(iter(on_host), None)
        )
    except UnknownName:
        return ""
    return _command(host, service) if service else ""


def _command(host: HostSpec, service: ServiceSpec) -> str:
    command = (
        shlex.join(service.restart)
        if service.restart
        else f"sudo systemctl restart {service.unit}"
        if service.unit
        else ""
    )
    return f"ssh -p {host.port} {host.user}@{host.address} {command}" if command else ""
