"""What the stories need from the world. Adapters fulfil these; `app` alone knows which."""

from bot.ports.chat import Calendar, ChatOut, Nobody, NoCalendar, People
from bot.ports.history import History, NoHistory
from bot.ports.hosts import Ask, Completed, Host, Hosts, Limit, Sample, Script
from bot.ports.looks import AnyLooks, Looks
from bot.ports.paging import Duty, NoDuty, Pager
from bot.ports.services import Services
from bot.ports.store import OutboxEntry, Store
from bot.ports.world import AnyNetwork, Clock, Ids, Network, Telemetry

__all__ = [
    "AnyLooks",
    "AnyNetwork",
    "Ask",
    "Calendar",
    "ChatOut",
    "Clock",
    "Completed",
    "Duty",
    "History",
    "Host",
    "Hosts",
    "Ids",
    "Limit",
    "Looks",
    "Network",
    "NoCalendar",
    "NoDuty",
    "NoHistory",
    "Nobody",
    "OutboxEntry",
    "Pager",
    "People",
    "Sample",
    "Script",
    "Services",
    "Store",
    "Telemetry",
]
