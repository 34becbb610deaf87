"""The list of rules that the app broke."""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.sandbox.errors import Json

KEPT = 1000


@dataclass(kw_only=True)
class Violations:
    """Keeps the last KEPT of them."""

    _rows: deque[Json] = field(default_factory=lambda: deque(maxlen=KEPT))

    def add(self, *, now: float, method: str, error: str, pointer: str | None, detail: str = "") -> None:
        """Note one; `at` is told in ISO 8601, `detail` in words."""
        at = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._rows.append({"at": at, "method": method, "error": error, "pointer": pointer, "detail": detail})

    def listed(self) -> list[Json]:
        """Give them, oldest first."""
        return list(self._rows)
