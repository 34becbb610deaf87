"""What happened, in words: one line for each kind of event, and an incident's timeline as a message."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from posixpath import basename
from zoneinfo import ZoneInfo

from bot.domain.clues import Fact
from bot.domain.incidents import Incident
from bot.domain.messages import (
    Attachment,
    Bullets,
    Context,
    Line,
    Mention,
    Message,
    bold,
    code,
    flat,
    say,
)
from bot.domain.timeline import Entry, EventKind, TimelineEvent
from bot.present.alert_words import CAUSES, TROUBLES, Trouble, moment, span
from bot.present.diagnosis import certainty

MOST_LINES = 20
"""More than that is no glance any more: the middle goes into a file."""


def message(
    incident: Incident, entries: Sequence[Entry], *, now: datetime, zone: ZoneInfo, whole: bool = False
) -> Message:
    """Return an incident's timeline; of a long one, unless `whole`, the first and the last lines, and all as a file."""
    state = "open" if incident.open else "resolved"
    head = f"{incident.key} ({state}): {incident.title}"
    lines = [dated(entry, now=now, zone=zone) for entry in entries]
    long = len(lines) > MOST_LINES and not whole
    shown = lines
    if long:
        left_out = len(lines) - MOST_LINES
        shown = [*lines[:8], say(f"… {left_out} more, all in the file …"), *lines[8 - MOST_LINES :]]
    sections = (Bullets(lines=tuple(shown)),) if shown else (Context(line=say("Nothing has happened yet.")),)
    return Message(
        text=f"{head}. {len(lines)} entr{'y' if len(lines) == 1 else 'ies'}.",
        title=say(bold(head)),
        sections=sections,
        attachment=_file(incident, entries, zone=zone) if long else None,
    )


def dated(entry: Entry, *, now: datetime, zone: ZoneInfo) -> Line:
    """Return an entry with its moment in front."""
    at = moment(entry.event.at, now=now, zone=zone, seconds=True)
    return (at, *say("  "), *line(entry, now=now, zone=zone))


def line(entry: Entry, *, now: datetime, zone: ZoneInfo) -> Line:
    """Return an entry in words, without its moment."""
    event = entry.event
    words = WORDS[event.kind](event, now, zone)
    if entry.again and entry.last_at is not None:
        last = moment(entry.last_at, now=now, zone=zone, seconds=True)
        words = (
            *words,
            *say(f"; the same {entry.again} more time{'s' if entry.again > 1 else ''}, last "),
            last,
        )
    if event.kept_quiet and event.kind in (EventKind.FIRED, EventKind.REOPENED):
        words = (*words, *say(" (kept, told to nobody)"))
    return words


def _file(incident: Incident, entries: Sequence[Entry], *, zone: ZoneInfo) -> Attachment:
    rows = []
    for entry in entries:
        at = entry.event.at
        shown = flat(line(entry, now=at, zone=zone))
        rows.append(f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}  {shown}")
    name = f"timeline-{incident.key}.txt"
    content = f"{incident.key}: {incident.title}\nTimes are {zone.key}.\n\n" + "\n".join(rows) + "\n"
    return Attachment(name=name, content=content, title=f"Timeline of {incident.key}")


# --- one sentence for each kind

Words = Callable[[TimelineEvent, datetime, ZoneInfo], Line]


def _who(event: TimelineEvent) -> Line:
    if not event.by and not event.name:
        return say("somebody")
    return say(Mention(id=event.by or event.name, name=event.name))


def _what(event: TimelineEvent) -> str:
    return str(event.target) if event.target else "it"


def trouble_of(event: TimelineEvent) -> Trouble:
    """Return the words for the trouble an event of an alert is about."""
    rule = str(event.facts.get("rule") or "")
    for name in (str(event.facts.get("code") or ""), rule):
        if name in TROUBLES:
            return TROUBLES[name]
    return Trouble(title=f"sets off {rule}", state=f"in {rule}", end=f"is over {rule}", was=f"in {rule}")


def _until(event: TimelineEvent, now: datetime, zone: ZoneInfo) -> Line:
    at = moment_in(event.facts.get("until"))
    return say(" until ", moment(at, now=now, zone=zone)) if at else ()


def moment_in(fact: Fact) -> datetime | None:
    """Return the moment that a fact holds as ISO 8601 or as seconds since 1970, if it does."""
    if not isinstance(fact, str):
        return None
    try:
        at = datetime.fromisoformat(fact)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def _seconds(event: TimelineEvent, name: str) -> str:
    value = event.facts.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return ""
    return f"{value:.1f} s" if value < 60 else span(timedelta(seconds=value))


def _first_bad(event: TimelineEvent, now: datetime, zone: ZoneInfo) -> Line:
    del now, zone
    return say("first bad sample: ", bold(_what(event)), f" {trouble_of(event).title}")


def _fired(event: TimelineEvent, now: datetime, zone: ZoneInfo) -> Line:
    del now, zone
    facts = event.facts
    grave = f", {facts['severity']}" if facts.get("severity") else ""
    named = say(" (", code(str(facts["rule"])), f"{grave})") if facts.get("rule") else ()
    return (*say("alert: ", bold(_what(event)), f" {trouble_of(event).title}"), *named)


def _reopened(event: TimelineEvent, now: datetime, zone: ZoneInfo) -> Line:
    del now, zone
    return say(bold(_what(event)), f" is {trouble_of(event).state} again")


def _worsened(event: TimelineEvent, now: datetime, zone: ZoneInfo) -> Line:
    del now, zone
    grave = event.facts.get("severity") or "worse"
    return say(f"now {grave}: ", bold(_what(event)), f" {trouble_of(event).title}")


def _resolved(event: TimelineEvent, now: datetime, zone: ZoneInfo) -> Line:
    del now, zone
    began, good = moment_in(event.facts.get("since")), moment_in(event.facts.get("good_at"))
    lasted = f", after {span(good - began)}" if began and good else ""
    return say(bold(_what(event)), f" {trouble_of(event).end}{lasted}")


def _acknowledged(event: TimelineEvent, now: datetime, zone: ZoneInfo) -> Line:
    return (*_who(event), *say(" acknowledged ", bold(_what(event))), *_until(event, now, zone))


def _silenced(event: TimelineEvent, now: datetime, zone: ZoneInfo) -> Line:
    reason = event.facts.get("reason")
    because = say(f": {reason}") if reason else ()
    return (*_who(event), *say(" silenced ", bold(_what(event))), *_until(event, now, zone), *because)


def _unsilenced(event: TimelineEvent, now: datetime, zone: ZoneInfo) -> Line:
    del now, zone
    return (*_who(event), *say(" ended the silence of ", bold(_what(event))))


def _escalated(event: TimelineEvent, now: datetime, zone: ZoneInfo) -> Line:
    del now, zone
    seconds, to = event.facts.get("after_s"), str(event.facts.get("to"))
    after = span(timedelta(seconds=seconds)) if isinstance(seconds, int | float) else "a while"
    whom = {"oncall": "those on call were called again", "page": "it was paged"}.get(to, f"{to} was called")
    return say("nobody acknowledged ", bold(_what(event)), f" for {after}: {whom}")


def _deployed(event: TimelineEvent, now: datetime, zone: ZoneInfo) -> Line:
    facts = event.facts
    version = f" {facts['version']}" if facts.get("version") else ""
    what = event.target.service if event.target and event.target.service else _what(event)
    by = f" by {event.name}" if event.name else ""
    done = DONE.get(str(facts.get("kind")), str(facts.get("kind")))
    quiet = (*say("; quiet"), *_until(event, now, zone)) if facts.get("until") else ()
    return (*say(bold(what), f"{version} {done}{by}"), *quiet)


DONE = {
    "deploy": "deployed",
    "restart": "restarted",
    "reboot": "rebooted",
    "rollback": "rolled back",
    "maintenance": "in maintenance",
}
"""What came from outside, as it is told; other kinds are told as they are called."""


def place_in(facts: Mapping[str, Fact]) -> Line:
    """Return `inherited`, session.py line 41; nothing where no place is known."""
    if not facts.get("file"):
        return ()
    function = str(facts.get("function") or "?").rpartition(".")[2]
    return say(
        code(function),
        ", ",
        code(basename(str(facts["file"]))),
        f" line {facts['line']}" if facts.get("line") else "",
    )


def _inspected(event: TimelineEvent, now: datetime, zone: ZoneInfo) -> Line:
    del now, zone
    facts = event.facts
    asked = (*_who(event), *say(" asked for a look: ")) if event.by else say("a look: ")
    target, verdict, cause = _what(event), facts.get("verdict"), str(facts.get("cause") or "")
    if facts.get("outcome") not in (None, "ok"):
        reason = str(facts["outcome"]).replace("_", " ")
        return (*asked, *say(bold(target), f" could not be looked at ({reason})"))
    if verdict == "healthy":
        doing = "busy, and getting on" if cause == "slow_progress" else "waiting for work"
        return (*asked, *say(bold(target), f" is not stuck: {doing}"))
    if verdict != "hung":
        return (*asked, *say("no cause to be named for ", bold(target)))
    confidence = facts.get("confidence")
    sure = f" ({certainty(confidence).lower()})" if isinstance(confidence, int | float) else ""
    place = place_in(facts)
    stuck = (*say(" is stuck in "), *place, *say(": ")) if place else say(" is stuck: ")
    return (*asked, *say(bold(target)), *stuck, *say(f"{CAUSES.get(cause, cause)}{sure}"))


def _verb(event: TimelineEvent) -> str:
    return str(event.facts.get("verb") or "restart")


def _command(event: TimelineEvent, before: str = ": ") -> Line:
    command = event.facts.get("command")
    return say(before, code(str(command))) if command else ()


def _act_asked(event: TimelineEvent, now: datetime, zone: ZoneInfo) -> Line:
    del now, zone
    return (*_who(event), *say(f" asked for: {_verb(event)} of ", bold(_what(event))), *_command(event))


def _act_approved(event: TimelineEvent, now: datetime, zone: ZoneInfo) -> Line:
    del now, zone
    return (*_who(event), *say(f" said yes to the {_verb(event)} of ", bold(_what(event))), *_command(event))


def _act_cancelled(event: TimelineEvent, now: datetime, zone: ZoneInfo) -> Line:
    del now, zone
    return (*_who(event), *say(f" cancelled the {_verb(event)} of ", bold(_what(event))))


def _act_expired(event: TimelineEvent, now: datetime, zone: ZoneInfo) -> Line:
    del now, zone
    return say(f"nobody said yes to the {_verb(event)} of ", bold(_what(event)), " in time: nothing was done")


def _act_done(event: TimelineEvent, now: datetime, zone: ZoneInfo) -> Line:
    del now, zone
    ended = event.facts.get("exit")
    how = "an exit code that nobody knows" if ended is None else f"exit code {ended}"
    took = _seconds(event, "seconds")
    after = f" after {took}" if took else ""
    return (*say(f"{_verb(event)} of ", bold(_what(event)), f" ended with {how}{after}"), *_command(event))


def _act_verified(event: TimelineEvent, now: datetime, zone: ZoneInfo) -> Line:
    del now, zone
    down, pid = _seconds(event, "down_s"), event.facts.get("after_pid")
    away = f", {down} away" if down else ""
    new = f", new process {pid}" if pid not in (None, "") else ""
    return say(f"verified: after the {_verb(event)} ", bold(_what(event)), f" answers again{away}{new}")


def _act_not_verified(event: TimelineEvent, now: datetime, zone: ZoneInfo) -> Line:
    del now, zone
    line = event.facts.get("line")
    return say(
        f"the {_verb(event)} was done, and ",
        bold(_what(event)),
        " still does not answer",
        *((": stuck at ", code(str(line)), " again") if line else ()),
    )


def _act_unknown(event: TimelineEvent, now: datetime, zone: ZoneInfo) -> Line:
    del now, zone
    return say(
        f"nobody can tell whether the {_verb(event)} of ", bold(_what(event)), " was done", *_reason(event)
    )


def _act_not_done(event: TimelineEvent, now: datetime, zone: ZoneInfo) -> Line:
    del now, zone
    return say(f"the {_verb(event)} of ", bold(_what(event)), " was not done", *_reason(event))


def _reason(event: TimelineEvent) -> Line:
    reason = event.facts.get("reason")
    return say(f": {str(reason).replace('_', ' ')}") if reason else ()


def _act_held(event: TimelineEvent, now: datetime, zone: ZoneInfo) -> Line:
    del now, zone
    watched = _seconds(event, "watched_s")
    how = f", watched for {watched}" if watched else ""
    return say(f"the {_verb(event)} of ", bold(_what(event)), f" held{how}")


def _act_relapsed(event: TimelineEvent, now: datetime, zone: ZoneInfo) -> Line:
    del now, zone
    lasted = _seconds(event, "lasted_s")
    return say(
        f"the {_verb(event)} did not last: ",
        bold(_what(event)),
        " fell silent again" + (f" after {lasted}" if lasted else ""),
    )


def _noted(event: TimelineEvent, now: datetime, zone: ZoneInfo) -> Line:
    del now, zone
    return (*_who(event), *say(f": {event.facts.get('text') or ''}"))


def _incident_opened(event: TimelineEvent, now: datetime, zone: ZoneInfo) -> Line:
    del now, zone
    title = f": {event.facts['title']}" if event.facts.get("title") else ""
    return (*_who(event), *say(f" opened {event.facts.get('key') or 'the incident'}{title}"))


def _incident_resolved(event: TimelineEvent, now: datetime, zone: ZoneInfo) -> Line:
    del now, zone
    text = f": {event.facts['text']}" if event.facts.get("text") else ""
    return (*_who(event), *say(f" resolved {event.facts.get('key') or 'the incident'}{text}"))


def _review(done: str) -> Words:
    def words(event: TimelineEvent, now: datetime, zone: ZoneInfo) -> Line:
        at = moment_in(event.facts.get("start"))
        when = say(": ", moment(at, now=now, zone=zone)) if at else ()
        return (*_who(event), *say(f" {done} the review"), *when)

    return words


WORDS: Mapping[EventKind, Words] = {
    EventKind.FIRST_BAD: _first_bad,
    EventKind.FIRED: _fired,
    EventKind.REOPENED: _reopened,
    EventKind.WORSENED: _worsened,
    EventKind.RESOLVED: _resolved,
    EventKind.ACKNOWLEDGED: _acknowledged,
    EventKind.SILENCED: _silenced,
    EventKind.UNSILENCED: _unsilenced,
    EventKind.ESCALATED: _escalated,
    EventKind.DEPLOYED: _deployed,
    EventKind.INSPECTED: _inspected,
    EventKind.ACT_ASKED: _act_asked,
    EventKind.ACT_APPROVED: _act_approved,
    EventKind.ACT_CANCELLED: _act_cancelled,
    EventKind.ACT_EXPIRED: _act_expired,
    EventKind.ACT_DONE: _act_done,
    EventKind.ACT_VERIFIED: _act_verified,
    EventKind.ACT_NOT_VERIFIED: _act_not_verified,
    EventKind.ACT_UNKNOWN: _act_unknown,
    EventKind.ACT_NOT_DONE: _act_not_done,
    EventKind.ACT_HELD: _act_held,
    EventKind.ACT_RELAPSED: _act_relapsed,
    EventKind.NOTED: _noted,
    EventKind.INCIDENT_OPENED: _incident_opened,
    EventKind.INCIDENT_RESOLVED: _incident_resolved,
    EventKind.REVIEW_BOOKED: _review("booked"),
    EventKind.REVIEW_MOVED: _review("moved"),
    EventKind.REVIEW_CANCELLED: _review("cancelled"),
}
