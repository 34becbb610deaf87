"""Inventories that change while the bot runs: the fleet follows, everything else stays as it was at the start."""

from dataclasses import replace

from bot import config
from bot.app.parts import Start
from bot.domain.errors import ConfigFault
from bot.ports import Services


class Inventories:
    """Looks at the files now and then. One that is gone, or that cannot be read, changes nothing: a slip of the hand in a
    file must not leave hosts unwatched.
    """

    def __init__(self, start: Start, services: Services) -> None:
        self._start, self._services = start, services
        self._seen = config.signature(services.settings.sources)

    def look(self) -> None:
        now = config.signature(self._services.settings.sources)
        if now == self._seen:
            return
        before, self._seen = self._seen, now
        gone = [name for (name, was), (_, is_) in zip(before, now, strict=True) if was and not is_]
        if gone:
            self._warn(f"{gone[0]} is gone: its hosts stay until it is back, or the bot is started anew")
            return
        try:
            self._follow()
        except ConfigFault as fault:
            self._warn(f"the hosts stay as they were: {fault}")

    def _follow(self) -> None:
        services = self._services
        told = self._start.settings()
        old, new = services.settings.fleet, told.fleet
        services.hosts.change(new)
        services.settings = replace(services.settings, fleet=new, sources=told.sources)
        self._seen = config.signature(told.sources)
        added, removed = new.hosts.keys() - old.hosts.keys(), old.hosts.keys() - new.hosts.keys()
        services.telemetry.event(
            "inventory", hosts=len(new.hosts), added=sorted(added)[:20], removed=sorted(removed)[:20]
        )

    def _warn(self, warning: str) -> None:
        self._services.telemetry.event("inventory", warning=warning)
