"""A reading over time, drawn with characters: the same in a chat, on a terminal and in a document."""

from collections.abc import Sequence
from datetime import datetime
from math import ceil, log10
from zoneinfo import ZoneInfo

from bot.domain.history import Series, lower_is_worse

HEIGHT = 6
EIGHTHS = " ▁▂▃▄▅▆▇█"
UNSEEN = "·"
KIB, MIB, GIB = 2**10, 2**20, 2**30


def draw(found: Series, marks: Sequence[datetime], *, zone: ZoneInfo) -> list[str]:
    """Return the chart's rows: the columns over an axis with times, and below it the numbers of `marks`.

    A column shows its peak; `·` stands where nothing was seen.
    """
    top = ceiling(found)
    labels = {HEIGHT: value(found.name, top), HEIGHT // 2: value(found.name, top / 2)}
    base = value(found.name, 0.0) if found.name.endswith(".up") else "0"
    margin = max(len(label) for label in (*labels.values(), base))
    rows = []
    for row in range(HEIGHT, 0, -1):
        cells = "".join(_cell(column, row, top) for column in found.columns)
        rows.append(f"{labels.get(row, ''):>{margin}} │{cells}".rstrip())
    rows.append(f"{base:>{margin}} └{'─' * len(found.columns)}")
    rows.append(f"{'':>{margin}}  {_times(found, zone)}".rstrip())
    if marks:
        rows.append(f"{'':>{margin}}  {_marks(found, marks)}".rstrip())
    return rows


def sparkline(found: Series) -> str:
    """Return the columns in one row."""
    top = ceiling(found)
    return "".join(
        UNSEEN if one is None else EIGHTHS[max(1, min(8, ceil(one / top * 8)))] for one in found.columns
    )


def _cell(column: float | None, row: int, top: float) -> str:
    if column is None:
        return UNSEEN if row == 1 else " "
    filled = min(column / top, 1.0) * HEIGHT - (row - 1)
    return EIGHTHS[max(1 if row == 1 and column > 0 else 0, min(8, round(filled * 8)))]


def ceiling(found: Series) -> float:
    """Return the top of the scale: 1 for shares, else the next of 1, 2, 5 above the highest column."""
    highest = max((one for one in found.columns if one is not None), default=0.0)
    if found.name.endswith(".up") or "_ratio" in found.name:
        return 1.0
    if highest <= 0:
        return 1.0
    unit = _unit(found.name, highest)
    size = 10.0 ** ceil(log10(highest / unit) - 1e-9)
    return unit * next(step * size for step in (0.1, 0.2, 0.5, 1.0) if step * size >= highest / unit - 1e-12)


def _unit(name: str, highest: float) -> float:
    if not name.partition(":")[0].endswith("_bytes"):
        return 1.0
    return next((float(size) for size in (GIB, MIB, KIB) if highest >= size), 1.0)


def value(name: str, number: float) -> str:
    """Return a reading as people say it."""
    bare = name.partition(":")[0]
    if bare.endswith(".up"):
        return {0.0: "silent", 0.5: "degraded", 1.0: "answers"}.get(number, f"{number:.0%}")
    if bare.endswith("_ratio"):
        return f"{number:.0%}"
    if bare.endswith("_bytes"):
        for size, unit in ((GIB, "GiB"), (MIB, "MiB"), (KIB, "KiB")):
            if number >= size:
                return f"{number / size:.3g} {unit}"
        return f"{number:.0f} B"
    if bare.endswith("_ms"):
        return f"{number / 1000:.3g} s" if number >= 1000 else f"{number:.3g} ms"
    if bare.startswith("psi_"):
        return f"{number:.3g} %"
    if bare.endswith("_cores"):
        return f"{number:.2g} cores"
    return f"{number:.3g}"


def extreme(name: str) -> str:
    return "lowest" if lower_is_worse(name) else "highest"


def _times(found: Series, zone: ZoneInfo) -> str:
    """Return the axis: when it begins, its middle, when it ends."""
    width = len(found.columns)
    days = (found.until - found.since).total_seconds() > 36 * 3600
    shown = "%d %b" if days else "%H:%M"
    middle = found.since + (found.until - found.since) / 2
    first, half, last = (one.astimezone(zone).strftime(shown) for one in (found.since, middle, found.until))
    row = list(first.ljust(width))
    for word, at in ((half, (width - len(half)) // 2), (last, width - len(last))):
        row[at : at + len(word)] = word
    return "".join(row)


def _marks(found: Series, marks: Sequence[datetime]) -> str:
    width, span = len(found.columns), (found.until - found.since).total_seconds()
    row = [" "] * width
    for number, at in enumerate(marks, 1):
        column = min(width - 1, max(0, int((at - found.since).total_seconds() / span * width)))
        row[column] = str(number) if number <= 9 else "▲"
    return "".join(row)
