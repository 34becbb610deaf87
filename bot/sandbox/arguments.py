"""A call's arguments, however they came: form fields, a JSON body or the query."""

import json
from collections.abc import Mapping
from typing import Any

from bot.sandbox.errors import Flaw, SlackError


def sound(value: Any) -> Any:
    """Give decoded JSON with half surrogate pairs replaced: JSON can write them, but nothing can send them on."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [sound(item) for item in value]
    if isinstance(value, dict):
        return {sound(name): sound(item) for name, item in value.items()}
    return value


class Arguments:
    """Reads values leniently where Slack does: `1` and `"true"` are true, JSON may be a string."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def text(self, name: str, default: str = "") -> str:
        """Give a string; numbers are written out."""
        value = self._values.get(name)
        if value is None:
            return default
        if isinstance(value, bool | dict | list):
            raise SlackError(
                "invalid_arguments", flaws=[Flaw(pointer=f"/{name}", problem="must be a string")]
            )
        return str(value)

    def needed(self, name: str, error: str = "invalid_arguments") -> str:
        """Give a string that must be there; else raises SlackError with `error`."""
        value = self.text(name)
        if not value:
            raise SlackError(
                error, flaws=[Flaw(pointer=f"/{name}", problem=f"missing required field: {name}")]
            )
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Give a truth value."""
        value = self._values.get(name)
        if value is None:
            return default
        return value if isinstance(value, bool) else str(value).lower() in {"1", "true", "on", "yes"}

    def number(self, name: str, default: int) -> int:
        """Give a whole number; raises SlackError invalid_arguments."""
        value = self._values.get(name)
        if value is None or value == "":
            return default
        try:
            return int(value)
        except (TypeError, ValueError) as error:
            flaw = Flaw(pointer=f"/{name}", problem="must be an integer")
            raise SlackError("invalid_arguments", flaws=[flaw]) from error

    def json(self, name: str, error: str = "invalid_arguments") -> Any:
        """Give a JSON value, decoded where it came as a string; None when absent."""
        value = self._values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return sound(json.loads(value))
        except ValueError as problem:
            raise SlackError(
                error, flaws=[Flaw(pointer=f"/{name}", problem="must be valid JSON")]
            ) from problem

    def names(self, name: str) -> list[str]:
        """Give a list of strings, from a JSON list or a comma-separated one."""
        value = self._values.get(name)
        if value is None:
            return []
        if isinstance(value, list):
            return [str(item) for item in value]
        return [part.strip() for part in str(value).split(",") if part.strip()]
