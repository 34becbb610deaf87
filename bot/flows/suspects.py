"""Which process an alert is about, where its reason names one."""

from bot.domain.alerts import Alert
from bot.ports import Services


def named_by(alert: Alert, services: Services) -> int | None:
    """Return the process that an alert's reason names, as long as the last round still saw it stuck."""
    if alert.suspect is None:
        return None
    seen = services.store.observations().get(alert.target.host)
    reading = seen.services.get(alert.target.service or "") if seen else None
    stuck = reading is not None and any(one.pid == alert.suspect for one in reading.strains)
    return alert.suspect if stuck else None
