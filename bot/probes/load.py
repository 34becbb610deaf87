"""Load averages and time since the boot."""

from collections.abc import Mapping


def parse(sections: Mapping[str, str]) -> dict[str, float]:
    """Return `load1`, `load5`, `load15` and `uptime_seconds`."""
    words = sections.get("loadavg", "").split()[:3]
    found = {
        name: number
        for name, word in zip(("load1", "load5", "load15"), words, strict=False)
        if (number := _number(word)) is not None
    }
    uptime = sections.get("uptime", "").split()
    if uptime and (seconds := _number(uptime[0])) is not None:
        found["uptime_seconds"] = seconds
    return found


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None
