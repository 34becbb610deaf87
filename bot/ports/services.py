"""Everything a handler or a flow is handed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.routes import PagePath
from bot.domain.settings import Settings
from bot.domain.usual import Bounds
from bot.ports.chat import Calendar, ChatOut, Nobody, NoCalendar, People
from bot.ports.history import History, NoHistory
from bot.ports.hosts import Hosts
from bot.ports.looks import AnyLooks, Looks
from bot.ports.paging import Duty, NoDuty, Pager
from bot.ports.store import Store
from bot.ports.world import AnyNetwork, Clock, Ids, Network, Telemetry


@dataclass(kw_only=True)
class Services:
    """Everything a handler or a flow is handed. All of it stays as it was made, but for `settings`: where an inventory
    changes, they are replaced as a whole, so read them anew for each thing you do.
    """

    settings: Settings
    clock: Clock
    ids: Ids
    hosts: Hosts
    store: Store
    chat: ChatOut
    telemetry: Telemetry
    people: People = field(default_factory=Nobody)
    calendar: Calendar = field(default_factory=NoCalendar)
    looks: Looks = field(default_factory=AnyLooks)
    history: History = field(default_factory=NoHistory)
    sampler: Mapping[str, bytes] = field(default_factory=dict)
    """Machine (`x86_64`) → the sampler's binary, verified, for hosts that have none."""
    pagers: Mapping[PagePath, Pager] = field(default_factory=dict)
    """The ways to page of the config, ready to be used."""
    duty: Duty = field(default_factory=NoDuty)
    network: Network = field(default_factory=AnyNetwork)
    usual: dict[tuple[str, str, int], Bounds | None] = field(default_factory=dict)
    """What is usual for a host's readings in an hour, as far as it was asked for."""

    def oncall(self, team: str) -> tuple[str, ...]:
        """Return the ids of who is on call for a team now."""
        return tuple(dict.fromkeys((*self.settings.oncall(team), *self.duty.ids(team))))
