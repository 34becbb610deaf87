"""The readings of an incident's hosts, drawn, with its own moments marked."""

from zoneinfo import ZoneInfo

from bot.domain.postmortem import Postmortem
from bot.present.chart import draw, extreme, value
from bot.present.report import markdown as md


def readings(it: Postmortem, zone: ZoneInfo) -> list[str]:
    """Return a chart for each reading; nothing at all where none was kept."""
    if not it.charts:
        return []
    moments = [
        (it.times.began, "the first bad sample"),
        (it.times.alerted, "the alert"),
        (it.times.mitigated, "the act that helped"),
        (it.times.recovered, "the first good answer"),
    ]
    known = sorted(((at, said) for at, said in moments if at is not None), key=lambda one: one[0])
    said = ", ".join(f"{number} {words}" for number, (_, words) in enumerate(known, 1))
    rows = [
        "## What was read",
        "",
        f"Times are {md.text(zone.key)}; below the axis: {said}. `·`: nothing was read.",
    ]
    for host, found in it.charts:
        peak = f", {extreme(found.name)} {value(found.name, found.peak)}" if found.peak is not None else ""
        rows += ["", f"{md.code(found.name)} on {md.text(host)}{md.text(peak)}", ""]
        rows += md.fence(draw(found, [at for at, _ in known], zone=zone), language="text")
    return rows
