"""When the bot itself was away: stopped, killed, or on a machine that slept. Said once, so that a silent night is not taken for a quiet one."""

from datetime import datetime, timedelta

from bot.domain.messages import Notification, Operation
from bot.ports import Services
from bot.present import away as words

LEAST = timedelta(minutes=3)
"""Sooner it is an update, and of no interest; a dead man's switch would not have gone off either."""
PRIORITY = 4


def after_start(services: Services) -> None:
    """Say for how long nobody looked before this bot began."""
    hosts = services.settings.fleet.hosts
    seen = [at for name, at in services.store.seen_at().items() if name in hosts]
    if seen:
        say_since(max(seen), services)


def say_since(since: datetime, services: Services) -> None:
    """Say that nobody looked since then, if that is long."""
    now, settings = services.clock.now(), services.settings
    hosts, policy = settings.fleet.hosts, settings.probes
    if not policy.enabled or not hosts or now - since < max(LEAST, timedelta(seconds=3 * policy.interval_s)):
        return
    key = services.ids.new("out")
    row = Notification(
        id=key,
        subject=f"away:{key}",
        operation=Operation.POST,
        message=words.away(since, hosts=len(hosts), now=now, zone=settings.timezone),
        created_at=now,
        channel=settings.channel,
        priority=PRIORITY,
    )
    services.store.commit(notifications=[row])
