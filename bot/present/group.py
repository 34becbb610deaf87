"""The message that tells of many alerts at once: how many, which ones, and what they have in common."""

import re
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.alerts import Alert, Severity, Worth
from bot.domain.common_cause import CommonCause
from bot.domain.groups import Group, Standing
from bot.domain.messages import (
    Button,
    Buttons,
    Context,
    FieldRow,
    Line,
    Mention,
    Menu,
    Message,
    Metadata,
    Paragraph,
    Section,
    Tone,
    bold,
    say,
)
from bot.domain.routes import PageEvent
from bot.present.alert import SILENCES, TONES, held_back, mentions, worth_buttons
from bot.present.alert_words import Trouble, clock, moment, stuck, trouble

NAMED, MOST_IDS = 20, 400
NUMBERS = re.compile(r"([0-9]+)")
MOST_FINDINGS, ROOM_FOR_LOOKS = 3, 120
LONGEST_TEXT = 3950
"""All names stand in the text, as far as an edited message holds them: Slack takes 4,000 characters there."""
CAUSES = {"zone": "in zone {}", "jump": "behind bastion {}", "label": "with {}", "network": "in {}"}


def card(
    group: Group,
    stands: Standing,
    *,
    cause: CommonCause | None,
    oncall: Sequence[str],
    now: datetime,
    zone: ZoneInfo,
) -> Message:
    """Return the group's message as it should stand now; `oncall` are the ids that it may mention."""
    loud = oncall if stands.firing and not stands.acknowledged else ()
    title, count = _title(group, stands)
    return Message(
        text=_text(group, stands, cause, loud, now=now, zone=zone),
        title=say(bold(title)),
        tone=_tone(group, stands),
        sections=tuple(_sections(group, stands, cause, loud, count, now=now, zone=zone)),
        metadata=metadata(group, stands),
    )


def metadata(group: Group, stands: Standing) -> Metadata:
    """Return what programs read: `id` is the group's; beyond some hundreds of `members`, `count` alone says how many."""
    status = "resolved" if not stands.firing else "acknowledged" if stands.acknowledged else "firing"
    payload = {
        "id": group.id,
        "status": status,
        "alert": group.kind.rule,
        "host": stands.members[0].target.host if len(stands.members) == 1 else None,
        "service": group.kind.service,
        "members": [one.id for one in stands.members[:MOST_IDS]],
        "count": len(stands.members),
    }
    return Metadata(event_type="hangbot_alert", payload=payload)


def brief(alerts: Sequence[Alert], *, now: datetime, zone: ZoneInfo) -> Line:
    """Return the alerts of a group in a line of a list."""
    first, words = alerts[0], trouble(alerts[0])
    since = min((one.since for one in alerts if one.since), default=None)
    what = (
        f"{first.target.service} on {len(alerts)} hosts" if first.target.service else f"{len(alerts)} hosts"
    )
    when = say(" since ", moment(since, now=now, zone=zone)) if since else ()
    names = _names(_hosts(alerts), ROOM_FOR_LOOKS)
    return (*say(f"{first.severity.upper()} ", bold(what), f" {words.state}"), *when, *say(f": {names}"))


def page(
    group: Group,
    stands: Standing,
    event: PageEvent,
    *,
    now: datetime,
    zone: ZoneInfo,
    cause: CommonCause | None,
) -> Message:
    """Return what is paged of a group."""
    text = _text(group, stands, cause, (), now=now, zone=zone)
    told, since = metadata(group, stands).payload, _since(stands)
    payload = {
        **told,
        "host": ", ".join(one.target.host for one in stands.members[:NAMED]),
        "event": event.value,
        "severity": group.kind.severity.value,
        "since": since.isoformat() if since else None,
        "subject": group.subject,
    }
    return Message(
        text=text,
        sections=(Context(line=say(f"{group.kind.rule} · {group.id}")),),
        metadata=Metadata(event_type="hangbot_page", payload=payload),
    )


def all_well(stands: Standing, *, now: datetime, zone: ZoneInfo) -> Message:
    """Return what is said in the thread once nothing of it is left."""
    words = _words(stands)
    since = clock(_since(stands) or now, now=now, zone=zone)
    text = f"{_all(len(stands.members))}: {words.end}. It began at {since}."
    return Message(text=text, tone=Tone.GOOD, sections=(Paragraph(line=say(text)),))


def again(stands: Standing, oncall: Sequence[str]) -> Message:
    """Return what is said in the thread where it comes back."""
    count, words = len(stands.firing), _words(stands)
    shown = say(f"{count} of {len(stands.members)} are {words.state} again.")
    return Message(
        text=" ".join(
            [f"{count} of {len(stands.members)} are {words.state} again.", *(f"@{one}" for one in oncall)]
        ),
        sections=(Paragraph(line=(*shown, *mentions(oncall, before=" "))),),
    )


# --- its parts


def _words(stands: Standing) -> Trouble:
    return trouble(stands.members[0])


def _all(count: int) -> str:
    return "It is over" if count == 1 else f"All {count} are over"


def _since(stands: Standing) -> datetime | None:
    return min((one.since for one in stands.members if one.since), default=None)


def _subject(group: Group, alerts: Sequence[Alert]) -> str:
    """Return who is in trouble: one by its name, several by their number."""
    if len(alerts) == 1:
        return str(alerts[0].target)
    hosts = f"{len(alerts)} hosts"
    return f"{group.kind.service} on {hosts}" if group.kind.service else hosts


def _title(group: Group, stands: Standing) -> tuple[str, int]:
    words, members = _words(stands), stands.members
    if not stands.firing:
        return f"{_subject(group, members)}: {words.end}", len(members)
    return f"{_subject(group, stands.firing)}: {words.state}", len(stands.firing)


def _text(
    group: Group,
    stands: Standing,
    cause: CommonCause | None,
    oncall: Sequence[str],
    *,
    now: datetime,
    zone: ZoneInfo,
) -> str:
    words, shown = _words(stands), stands.firing or stands.members
    since = _since(stands)
    when = f" since {clock(since, now=now, zone=zone)}" if since and stands.firing else ""
    why = f", {_cause(cause)}" if cause and stands.firing else ""
    state = words.state if stands.firing else words.end
    level = group.kind.severity.upper() if stands.firing else "RESOLVED"
    over = f" ({len(stands.resolved)} more are over)" if stands.firing and stands.resolved else ""
    head = f"{level} {_subject(group, shown)} {state}{when}{why}{over}"
    mark = shown[0].acknowledged
    tail = f" Acknowledged by {mark.name}." if stands.acknowledged and mark else ""
    room = LONGEST_TEXT - len(head) - len(tail) - sum(len(one) + 2 for one in oncall)
    names = "" if len(shown) == 1 else f": {_names(_hosts(shown), room)}"
    return " ".join([f"{head}{names}.{tail}", *(f"@{one}" for one in oncall)])


def _hosts(alerts: Sequence[Alert]) -> list[str]:
    """Return the hosts of alerts as people count them: web2 before web10."""
    return sorted(
        (one.target.host for one in alerts),
        key=lambda name: [part.zfill(12) if part.isdigit() else part for part in NUMBERS.split(name)],
    )


def _names(names: Sequence[str], room: int) -> str:
    """Return as many names as there is room for, and how many more there are."""
    kept, length = 0, 0
    room -= len(f" and {len(names)} more") if sum(len(name) + 2 for name in names) > room else 0
    for name in names:
        if length + len(name) + 2 > room:
            break
        kept, length = kept + 1, length + len(name) + 2
    more = f" and {len(names) - kept} more" if kept < len(names) else ""
    return ", ".join(names[:kept]) + more


def _cause(cause: CommonCause) -> str:
    """Return `all in zone eu`, and how many others of it are well."""
    where = CAUSES[cause.kind].format(cause.name)
    if cause.affected == cause.having:
        return f"all {where}, where there is no other"
    return f"all {where} ({cause.affected} of {cause.having} there)"


def _tone(group: Group, stands: Standing) -> Tone:
    if not stands.firing:
        return Tone.GOOD
    if stands.acknowledged:
        return Tone.ACKNOWLEDGED
    blind = group.kind.rule == "host_unreachable" and group.kind.severity is not Severity.CRITICAL
    return Tone.BLIND if blind else TONES[group.kind.severity]


def _sections(
    group: Group,
    stands: Standing,
    cause: CommonCause | None,
    oncall: Sequence[str],
    count: int,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> list[Section]:
    shown = stands.firing or stands.members
    found: list[Section] = []
    mark = shown[0].acknowledged
    if stands.acknowledged and mark is not None:
        until = moment(mark.until, now=now, zone=zone)
        found.append(
            Context(line=say("acknowledged by ", Mention(id=mark.by, name=mark.name), " until ", until))
        )
    if stands.silence is not None:
        found.append(Context(line=held_back(stands.silence, now=now, zone=zone)))
    names = _hosts(shown)
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    found.append(Paragraph(line=say(", ".join(names[:NAMED]) + more + ".")))
    if stands.firing:
        found += [Paragraph(label=label, line=line) for label, line in _looked_into(stands)]
        found.append(FieldRow(fields=tuple(_fields(group, stands, cause, oncall, count, now=now, zone=zone))))
        found.append(Buttons(buttons=_buttons(group, stands)))
    else:
        worth, name = stands.worth
        if worth is not Worth.UNSAID:
            found.append(Context(line=say(f"{name} says it was {worth}")))
        review = Button(action="review", label="Plan review", value=stands.members[0].id)
        found.append(Buttons(buttons=(review, *worth_buttons(worth, group.id))))
    found.append(Context(line=say(f"{group.kind.rule} · {group.id} · one message for all of them")))
    return found


def _looked_into(stands: Standing) -> list[tuple[str, Line]]:
    """Return what was found on those that were looked at, each thing once, and which ones those were."""
    seen: dict[tuple[str, Line], list[str]] = {}
    for one in stands.members:
        if one.culprit is not None:
            seen.setdefault(stuck(one.culprit), []).append(one.target.host)
    shown = [
        (label, (*line, *say(f" (on {_names(hosts, ROOM_FOR_LOOKS)})")))
        for (label, line), hosts in list(seen.items())[:MOST_FINDINGS]
    ]
    named = next((one.looked_at for one in stands.members if one.looked_at), ())
    if named:
        shown.append(("Looked at", say("I looked at ", bold(", ".join(named)), "; this thread tells.")))
    return shown


def _fields(
    group: Group,
    stands: Standing,
    cause: CommonCause | None,
    oncall: Sequence[str],
    count: int,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> list[tuple[str, Line]]:
    since = _since(stands)
    fields: list[tuple[str, Line]] = []
    if since:
        fields.append(("Since", say(moment(since, now=now, zone=zone, seconds=True))))
    over = f", {len(stands.resolved)} are over" if stands.resolved else ""
    fields.append(("Now", say(f"{count}{over}")))
    if cause:
        fields.append(("In common", say(_cause(cause))))
    fields.append(("Severity", say(group.kind.severity.value)))
    if oncall:
        fields.append(("On call", mentions(oncall)))
    return fields


def _buttons(group: Group, stands: Standing) -> tuple[Button | Menu, ...]:
    first = stands.firing[0].id
    options = tuple((label, f"{length}|{group.id}") for label, length in SILENCES)
    seen = stands.acknowledged
    return (
        Button(action="ack", label="Acknowledge all", value=group.id, style="default" if seen else "primary"),
        Button(action="inspect", label="Inspect one", value=first),
        Menu(action="silence", label="Silence all", options=options),
        Button(action="incident", label=stands.firing[0].incident or "Open incident", value=first),
    )
