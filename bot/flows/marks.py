"""The mark of one look at a host: it parts the sections of the answer, and tells a look's own processes from others."""

from bot.ports import Services


def new(services: Services) -> str:
    """Return a mark that nothing on the host can know beforehand."""
    return f"hangbot-mark-{services.ids.new('m')}"
