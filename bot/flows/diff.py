"""What changed about a service since it was last well, or what is other than on another host. Nothing is stored."""

from collections.abc import Callable
from typing import TypeVar

from bot import collectors
from bot.collectors import Keys, NoProcess
from bot.collectors.differences import has_keys
from bot.domain.differences import KeyDifference, Listing, Since, apart, keys_apart
from bot.domain.errors import HostFailure
from bot.domain.messages import Message
from bot.domain.targets import ServiceSpec, Target
from bot.flows import marks
from bot.flows.lately import wellness
from bot.ports import Host, Services
from bot.present import differences as words
from bot.present import looks

T = TypeVar("T")
DAY_S, LONGEST_S, SLACK_S = 86400.0, 30 * 86400.0, 3600.0
ENVIRONMENT = "@environment"
MOST_FILES = 20


def since(services: Services, target: Target) -> Message:
    """Return what changed since the service was last seen well, a day at least and a month at most."""
    now = services.clock.now()
    known = wellness(target, services)
    well_s = (now - known.last_good_at).total_seconds() if known.last_good_at else None
    seconds = min(LONGEST_S, max(DAY_S, (well_s or 0.0) + SLACK_S))
    mark = marks.new(services)

    def ask(host: Host, service: ServiceSpec) -> Since:
        since = None if known.bad_since is None else well_s
        return collectors.since(host, service, mark=mark, at=now, seconds=seconds, well_s=since)

    found = _answer(services, target, ask)
    return found if isinstance(found, Message) else words.since(found, target, known, now=now)


def beside(services: Services, target: Target, other: str) -> Message:
    """Return what is other than on another host that runs the same service."""
    mark, salt = marks.new(services), services.ids.new("salt")
    peer = Target(host=other, service=target.service)

    def listing(host: Host, service: ServiceSpec) -> Listing:
        return collectors.listing(host, service, mark=mark)

    here, there = _answer(services, target, listing), _answer(services, peer, listing)
    if isinstance(here, Message):
        return here
    if isinstance(there, Message):
        return there
    found = apart(here, there)
    names = [name for name in found.differing if has_keys(name)][:MOST_FILES]
    if here.running and there.running:
        names.append(ENVIRONMENT)

    def settings(host: Host, service: ServiceSpec) -> Keys:
        return collectors.keys(host, service, names, mark=mark, salt=salt) if names else {}

    ours, theirs = _answer(services, target, settings), _answer(services, peer, settings)
    keys: dict[str, tuple[KeyDifference, ...]] | None = None
    if not (isinstance(ours, Message) or isinstance(theirs, Message)):
        keys = {
            name: keys_apart(ours[name], theirs[name]) for name in names if name in ours and name in theirs
        }
    return words.beside(found, keys, target, other, here=here, there=there)


def _answer(services: Services, target: Target, ask: Callable[[Host, ServiceSpec], T]) -> T | Message:
    """Ask a host; where that fails, return what is said of it."""
    host = services.settings.fleet.hosts[target.host]
    try:
        return ask(
            services.hosts.get(host.name), services.settings.fleet.service_on(host, target.service or "")
        )
    except HostFailure as failure:
        return looks.not_asked(host.name, failure.outcome, failure.reason)
    except NoProcess:
        return words.nowhere(target)
