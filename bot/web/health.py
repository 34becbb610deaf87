"""Whether the bot can do its work: the chat is connected, the scheduler advances, the database takes what is written."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.errors import StoreFault
from bot.ports import Services
from bot.web.asked import Asked
from bot.web.pages import Answer, Environ, document, said

READY, NOT_READY = 200, 503
STORE_WITHIN_S = 2.0
STORE_FRESH_S = 1.0
MOST_LAG_S = 30.0
"""The longest beat, a delivery to a chat that answers late, ends well before."""


def alive(environ: Environ) -> Answer:
    """Answer /healthz: that this is read at all is the answer."""
    del environ
    return said("alive")


@dataclass(frozen=True, kw_only=True)
class Vitals:
    """`chat` says why it is not connected, empty where it is; `lag` by how many seconds the latest beat is late."""

    chat: Callable[[], str]
    lag: Callable[[], float]


class Readiness:
    """Looks at everything when asked, and answers within seconds whatever hangs."""

    def __init__(self, services: Services, vitals: Vitals) -> None:
        self._vitals = vitals
        store, clock = services.store, services.clock
        self._written = Asked(
            lambda: store.prove_writable(now=clock.now()), within_s=STORE_WITHIN_S, fresh_s=STORE_FRESH_S
        )

    def page(self, environ: Environ) -> Answer:
        """Answer /readyz."""
        del environ
        reasons = self.reasons()
        return document({"ready": not reasons, "reasons": reasons}, status=NOT_READY if reasons else READY)

    def reasons(self) -> dict[str, str]:
        """Return what does not work, by part; empty where all is well."""
        found = {"chat": self._vitals.chat(), "scheduler": self._scheduler(), "store": self._store()}
        return {part: reason for part, reason in found.items() if reason}

    def _scheduler(self) -> str:
        lag = self._vitals.lag()
        return f"a beat is {lag:.0f} s late" if lag > MOST_LAG_S else ""

    def _store(self) -> str:
        try:
            self._written.now()
        except TimeoutError:
            return f"nothing could be written for {STORE_WITHIN_S:g} s: the database is locked or its disk is slow"
        except StoreFault as fault:
            return f"nothing can be written: {fault}"
        except Exception as error:  # noqa: BLE001 — whatever it is, it is not ready
            return f"nothing can be written: {type(error).__name__}"
        return ""
