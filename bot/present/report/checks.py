"""How did nobody notice, and which probe would have told sooner."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from bot.domain import postmortem
from bot.domain.clues import Fact
from bot.domain.postmortem import Postmortem, Sooner, Waits
from bot.domain.timeline import TimelineEvent
from bot.present.alert_words import GIB, HTTP_PROBLEMS
from bot.present.report import markdown as md
from bot.present.report.words import length, seconds

SAID = {"good": "nothing wrong", "bad": "wrong", "unknown": "could not tell"}


def unnoticed(it: Postmortem, zone: ZoneInfo) -> list[str]:
    del zone
    lines = ["## How did nobody notice?", ""]
    fired, times = it.fired, it.times
    if fired is None:
        return [
            *lines,
            "No alert of mine belongs to this incident: I noticed nothing. Which check should have is for the review.",
        ]
    lines.append(
        f"The first bad sample came at {times.began:%H:%M:%S} UTC; I told it {length(times.to_detect_s, 'at a time I do not know')} later."
    )
    if times.last_good is not None:
        unseen = length((times.began - times.last_good).total_seconds())
        lines.append(f"Nobody looked in the {unseen} before that sample: it began somewhere in there.")
    rows = [*_read(fired), *_rules(fired)]
    lines += ["", "What each check said when I told it:", "", *md.table(("Check", "Said"), rows)]
    lines += ["", _content(fired)]
    return lines


def _content(fired: TimelineEvent) -> str:
    """Return which checks saw nothing wrong, and what nobody checked."""
    said = postmortem.checks(fired)
    saw = [name for name, state in said.items() if state == "bad"]
    quiet = [name for name, state in said.items() if state == "good"]
    content = ["The service manager called it active."] if fired.facts.get("unit") == "active" else []
    content += [f"{_named(quiet)} saw nothing wrong."] if quiet else []
    found = [f"{_named(saw)} saw it."] if saw else []
    blind = "No probe reads the service's log or asks it from outside, so what these would have said is not known."
    return " ".join([*found, *content, blind])


def _named(rules: list[str]) -> str:
    named = [md.code(one) for one in rules]
    return ", ".join(named[:-1]) + f" and {named[-1]}" if len(named) > 1 else named[0]


def _read(fired: TimelineEvent) -> list[tuple[str, str]]:
    """Return what the round read of the service and its machine; what it did not read is left out."""
    facts = fired.facts
    rows: list[tuple[str, str]] = []
    if facts.get("unit"):
        rows.append(("Its unit", md.text(str(facts["unit"]))))
    if facts.get("processes"):
        rows.append(("Its processes", f"{facts['processes']} alive"))
    why = str(facts.get("why") or "")
    if why.startswith("http_"):
        problem = why.removeprefix("http_")
        rows.append(
            (
                "Its health URL",
                f"answers {problem}" if problem.isdigit() else HTTP_PROBLEMS.get(problem, md.text(problem)),
            )
        )
    backlog = facts.get("backlog")
    if isinstance(backlog, int):
        rows.append(("Its accept queue", f"{backlog} waiting"))
    cores = facts.get("cpu_cores")
    if isinstance(cores, int | float):
        rows.append(("CPU of its processes", f"{cores:.2f} cores"))
    return rows + _machine(facts)


def _machine(facts: Mapping[str, Fact]) -> list[tuple[str, str]]:
    def number(name: str) -> float | None:
        value = facts.get(name)
        return float(value) if isinstance(value, int | float) else None

    rows = []
    load, cores = number("load1"), number("cores")
    if load is not None:
        rows.append(("Load of the host", f"{load:.2f}" + (f" on {cores:g} cores" if cores else "")))
    pressure = number("psi_cpu_some_avg10")
    if pressure is not None:
        rows.append(("CPU pressure", f"{pressure:.1f} % of the last 10 s"))
    free, total = number("mem_available_bytes"), number("mem_total_bytes")
    if free is not None and total:
        rows.append(("Memory available", f"{free / GIB:.1f} of {total / GIB:.1f} GiB"))
    return rows


def _rules(fired: TimelineEvent) -> list[tuple[str, str]]:
    told_by = fired.facts.get("rule")
    rows = []
    for name, state in postmortem.checks(fired).items():
        words = SAID.get(state, state)
        if name == told_by:
            words += ", and told it"
        elif state == "bad":
            words += ", and had not waited long enough, or tells nobody"
        rows.append((f"Rule {md.code(name)}", words))
    return rows


def probe(it: Postmortem, zone: ZoneInfo) -> list[str]:
    del zone
    lines = ["## Which probe, sooner?", ""]
    waits = postmortem.waits(it.fired)
    if waits is None:
        return [*lines, "The numbers that the alert waited by are not recorded, so I cannot compute it."]
    due = postmortem.told_after_s(waits)
    lines.append(
        f"{md.code(waits.rule)} waits for {waits.attempts} bad round{'s' if waits.attempts > 1 else ''} in a row and "
        f"for {seconds(waits.for_s)}; a host is looked at every {seconds(waits.interval_s)}, after a bad round again in {seconds(waits.gap_s)}. "
        f"By these numbers it tells {length(due)} after the first bad sample, and here it took {length(it.times.to_detect_s, 'an unknown time')}."
    )
    if not it.sooner:
        return [*lines, "None of these numbers would have told it noticeably sooner."]
    rows = [(setting(one), _saved(one)) for one in it.sooner]
    return [*lines, "", *md.table(("Setting", "Would have told"), rows), "", _price(waits)]


def setting(one: Sooner) -> str:
    """Return a changed number as the config would have it."""
    where = "`rules`: `for`" if one.key == "for" else f"`probes`: `{one.key}`"
    return f"{where} {seconds(one.value_s)} instead of {seconds(one.instead_of_s)}"


def _saved(one: Sooner) -> str:
    most = "up to " if one.at_most else ""
    return f"{most}{length(one.saved_s)} sooner"


def _price(waits: Waits) -> str:
    floor = (waits.attempts - 1) * waits.gap_s
    return f"The price is noise: whatever lasts {length(floor)} or a little more, such as a reload, would be told as well."
