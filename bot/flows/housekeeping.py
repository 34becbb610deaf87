"""What keeps the house small: old rows go, in one transaction each, by the store's own rules."""

from bot.ports import Services


def sweep(services: Services) -> None:
    """Remove what nobody needs any more: sent messages, resolved alerts and delivery keys past their time;
    roll up what was read.
    """
    services.store.prune(now=services.clock.now())
    services.history.roll_up(now=services.clock.now())
