"""A command that speaks as monitoring plugins do: exit code 0 to 3, a line of text, numbers behind `|`.

https://www.monitoring-plugins.org/doc/guidelines.html: `'label'=value[UOM];[warn];[crit];[min];[max]`. Any other exit code, a
signal and a deadline are UNKNOWN.
"""

import re

from bot.domain.checks import CheckSpec, Grade, Reply, Said
from bot.ports import Script

SCRIPT = Script(
    name="check-command",
    version=1,
    # $1… the argv
    text='PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin:/usr/lib/nagios/plugins; exec "$@" </dev/null',
)
GRADES = {0: Grade.OK, 1: Grade.WARNING, 2: Grade.CRITICAL, 3: Grade.UNKNOWN}
NUMBER = re.compile(
    r"(?P<label>'(?:[^']|'')+'|[^\s='|]+)=(?P<value>-?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)(?P<unit>[a-zA-Z%]*)"
)
SCALE = {
    "us": 1e-6,
    "ms": 1e-3,
    "KB": 1e3,
    "MB": 1e6,
    "GB": 1e9,
    "TB": 1e12,
    "%": 0.01,
    "KiB": 2.0**10,
    "MiB": 2.0**20,
    "GiB": 2.0**30,
}
"""To base units: seconds, bytes, shares."""
MOST_NUMBERS = 32
SIGNALLED = 128


def args(spec: CheckSpec) -> tuple[str, ...]:
    return spec.argv


def parse(reply: Reply, spec: CheckSpec) -> Said:
    del spec
    text = reply.text.decode("utf-8", errors="replace")
    first = text.partition("\n")[0].partition("|")[0].strip()
    if reply.exit not in GRADES:
        why = (
            "it was ended by a signal"
            if reply.exit is None or reply.exit > SIGNALLED
            else f"it ended with {reply.exit}"
        )
        return Said(grade=Grade.UNKNOWN, text=f"{why}{f': {first}' if first else ''}")
    return Said(
        grade=GRADES[reply.exit],
        text=first or f"it says nothing, and ended with {reply.exit}",
        metrics=numbers(text),
    )


def numbers(text: str) -> dict[str, float]:
    """Return the performance data, in base units: behind the `|` of the first line, and of the long text behind it."""
    first, _, rest = text.partition("\n")
    parts = [first.partition("|")[2], rest.partition("|")[2]]
    found: dict[str, float] = {}
    for match in NUMBER.finditer(" ".join(parts)):
        label = match["label"].strip("'").replace("''", "'")
        if len(found) < MOST_NUMBERS:
            found[label[:60]] = float(match["value"]) * SCALE.get(match["unit"], 1.0)
    return found
