"""Two bots that each believe to be alone: of the same account, in the same channel, with a database each."""

from dataclasses import dataclass

from bot.domain.errors import ChatError
from bot.domain.messages import Notification, Operation
from bot.ports import Services
from bot.present import stranger as words

ALERT = "hangbot_alert"
EVERY_S, WITHIN_S = 600.0, 1500.0
"""Longer than a look every ten minutes needs, and far shorter than what was sent is remembered."""
PRIORITY = 2


@dataclass
class Strangers:
    """Looks for alerts in our channel that our account told and our database does not know; says so once."""

    services: Services
    told: bool = False

    def look(self) -> None:
        services, channel = self.services, self.services.settings.channel
        if self.told:
            return
        try:
            carried = services.chat.carried(channel, event_type=ALERT, within_s=WITHIN_S)
        except ChatError:  # the next look will do
            return
        unknown = services.store.unknown_notifications(list(carried))
        foreign = [one for one in unknown if not self._is_ours(carried[one])]
        if not foreign:
            return
        services.telemetry.event("another bot speaks here", channel=channel, alerts=len(foreign))
        key = services.ids.new("out")
        services.store.commit(
            notifications=[
                Notification(
                    id=key,
                    subject=f"stranger:{key}",
                    operation=Operation.POST,
                    message=words.stranger(len(foreign)),
                    created_at=services.clock.now(),
                    channel=channel,
                    priority=PRIORITY,
                )
            ]
        )
        self.told = True

    def _is_ours(self, told: str) -> bool:
        """Return whether we know what a message tells: a clock that is set on by weeks has us forget what we sent."""
        store = self.services.store
        return store.alert(told) is not None or store.group(told) is not None
