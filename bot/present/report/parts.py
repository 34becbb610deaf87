"""The parts of the report that tell what happened: summary, times, impact, timeline, acts, actions, notes."""

from datetime import UTC
from zoneinfo import ZoneInfo

from bot.domain import postmortem, redaction
from bot.domain.actions import Action
from bot.domain.postmortem import Postmortem
from bot.domain.timeline import EventKind
from bot.present import timeline as entry_words
from bot.present.alert_words import trouble
from bot.present.report import checks, regression
from bot.present.report import markdown as md
from bot.present.report.line import headline
from bot.present.report.words import after, between, both, foreign, length, redacted

TIMES = {2: "twice", 3: "three times"}
RESULTS = {
    "preparing": "not done yet",
    "proposed": "waits for a yes",
    "approved": "not done yet",
    "sent": "under way",
    "watched": "answers again, still watched",
    "held": "verified, and it held",
    "relapsed": "verified, and it fell silent again",
    "not_verified": "done, and it did not help",
    "unknown": "nobody can tell whether it was done",
    "not_done": "not done",
    "cancelled": "cancelled",
    "expired": "nobody said yes in time",
}


def summary(it: Postmortem, zone: ZoneInfo) -> list[str]:
    del zone
    said = [_what(it)]
    if (others := len(it.alerts) - 1) > 0:
        said.append(
            f"{others} more alert{'s' if others > 1 else ''} belong{'' if others > 1 else 's'} to it."
        )
    if stuck := md.line(headline(it)):
        said.append(f"It was stuck in {stuck}.")
    elif it.alerts:
        said.append("The line was not found.")
    times = it.times
    if times.to_detect_s is not None:
        quiet = it.fired is not None and it.fired.kept_quiet
        told = "It fired" if quiet else "I told it"
        late = ", and was held back then" if quiet else ""
        said.append(f"{told} {length(times.to_detect_s)} after its first bad sample{late}.")
    if times.to_acknowledge_s is not None:
        said.append(f"It was acknowledged {length(times.to_acknowledge_s)} after that.")
    helped = [one for one in it.actions if times.mitigated and one.answered_at == times.mitigated]
    said += [f"A {md.text(one.verb)}, asked for by {md.text(one.asked.name)}, ended it." for one in helped]
    if it.incident.resolved_at is not None:
        said.append(f"{md.text(it.incident.resolved_name)} resolved the incident.")
    else:
        said.append(f"The incident is open as of {it.as_of.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC.")
    return [" ".join(said)]


def _what(it: Postmortem) -> str:
    began = f"{it.times.began.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if not it.alerts:
        old = "Its alerts are so old that they are no longer kept."
        none = old if it.incident.alerts else "No alert of mine belongs to it."
        return f"{foreign(it.incident.title)}, since {began}. {none}"
    first = it.alerts[0]
    was = f"{md.text(str(first.target))} was {trouble(first).was}"
    spans = postmortem.episodes(first, it.entries)
    seconds = postmortem.lasted_s(spans)
    again = f"{TIMES.get(len(spans), f'{len(spans)} times')}, " if len(spans) > 1 else ""
    if seconds is None:
        return f"{was} {again}since {began}, and still was when this was written."
    return f"{was} {again}for {length(seconds)}{' in all' if again else ''}, since {began}."


def times(it: Postmortem, zone: ZoneInfo) -> list[str]:
    known = it.times
    first, alert = "the first bad sample", "the alert"
    rows = [
        ("Last good answer", known.last_good, after(between(known.began, known.last_good), first)),
        ("Began: the first bad sample", known.began, ""),
        ("Alerted", known.alerted, _delay(known.to_detect_s, first)),
        ("Acknowledged", known.acknowledged, after(known.to_acknowledge_s, alert)),
        ("Diagnosed", known.diagnosed, after(between(known.alerted, known.diagnosed), alert)),
        ("Mitigated: an act that was verified", known.mitigated, after(known.to_mitigate_s, alert)),
        ("Recovered: the first good answer", known.recovered, after(known.lasted_s, first)),
        ("Resolved by a person", known.resolved, after(between(known.began, known.resolved), first)),
    ]
    shown = [(name, *both(at, zone), how_long) for name, at, how_long in rows]
    return ["## Times", "", *md.table(("What", "UTC", zone.key, "How long"), shown)]


def _delay(seconds: float | None, what: str) -> str:
    shown = after(seconds, what)
    return f"**{shown}**: the detection delay" if shown else ""


def impact(it: Postmortem, zone: ZoneInfo) -> list[str]:
    del zone
    lines = ["## Impact", ""]
    for one in it.alerts:
        spans = postmortem.episodes(one, it.entries)
        each = " and ".join(f"for {length(between(start, end))}" for start, end in spans if end)
        still = "and still was when this was written" if any(end is None for _, end in spans) else ""
        lasted = ", ".join(filter(None, (each, still)))
        target = md.text(str(one.target))
        lines.append(f"- {target} was {trouble(one).was} {lasted} ({md.code(one.rule)}, {one.severity}).")
    backlog = it.fired.facts.get("backlog") if it.fired else None
    if isinstance(backlog, int) and backlog > 0:
        waited = "connection waited" if backlog == 1 else "connections waited"
        lines.append(f"- {backlog} {waited} to be accepted when I told it.")
    lines.append("- How many people it touched, and what it cost them, I cannot see: please add it.")
    return lines


def timeline(it: Postmortem, zone: ZoneInfo) -> list[str]:
    rows = []
    for entry in it.entries:
        at = entry.event.at
        shown = md.line(redacted(entry_words.line(entry, now=at, zone=zone)))
        rows.append((*both(at, zone), shown))
    if not rows:
        return ["## Timeline", "", "Nothing was recorded."]
    return ["## Timeline", "", *md.table(("UTC", zone.key, "What"), rows)]


def acts(it: Postmortem, zone: ZoneInfo) -> list[str]:
    del zone
    if not it.actions:
        return ["## Acts", "", "No act of mine. What people did by hand I know only where they noted it."]
    head = ("Asked (UTC)", "Command", "Asked by", "Confirmed by", "Exit", "Away", "Result")
    return ["## Acts", "", *md.table(head, (_act(one) for one in it.actions))]


def _act(act: Action) -> tuple[str, ...]:
    exit_code = "not known" if act.exit is None else str(act.exit)
    away = between(act.sent_at, act.answered_at)
    return (
        f"{act.asked.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        md.code(redaction.command(" ".join(act.command))),
        md.text(act.asked.name),
        ", ".join(md.text(one.name) for one in act.approvals) or "nobody",
        exit_code if act.sent_at else "",
        length(away),
        RESULTS.get(act.status.value, act.status.value),
    )


def actions(it: Postmortem, zone: ZoneInfo) -> list[str]:
    del zone
    mend = regression.action(it.inspection) if it.evidence else ""
    rows = (
        [
            ("prevent", mend, "", ""),
            ("prevent", "The test above, finished, failing before the change", "", ""),
        ]
        if mend
        else []
    )
    rows += [("detect", f"{checks.setting(one)}, if the noise is worth it", "", "") for one in it.sooner[:1]]
    rows.append(("", "", "", ""))
    return ["## Actions", "", *md.table(("Kind", "What", "Owner", "Due"), rows)]


def notes(it: Postmortem, zone: ZoneInfo) -> list[str]:
    lines = []
    for entry in it.entries:
        if entry.event.kind is not EventKind.NOTED:
            continue
        at = f"{entry.event.at.astimezone(zone):%Y-%m-%d %H:%M}"
        words = foreign(str(entry.event.facts.get("text") or ""))
        lines.append(f"- {at} {md.text(entry.event.name)}: {words}")
    none = "Nobody wrote a note. `/hang note TEXT` does, in the thread of the incident or of its alert."
    return ["## Notes", "", *(lines or [none])]


def made(it: Postmortem, zone: ZoneInfo) -> list[str]:
    looks = ", ".join(md.code(one) for one in postmortem.looked(it.entries)) or "none"
    alerts = ", ".join(md.code(one.id) for one in it.alerts) or "none"
    how = (
        f"By hangbot, from its own records: incident {md.code(it.incident.id)}; alerts: {alerts}; looks: {looks}. "
        f"Each line was written when it happened. Moments are the bot's clock, in UTC and in {zone.key}, the config's zone. "
        "Secrets were taken out by their shape and by the names they are given to; look once more before you send it on. "
        "What is empty, nobody has told me."
    )
    return ["## How this document was made", "", how]
