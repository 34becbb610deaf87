"""What the tests of incidents share: asking, reading what was said, a diagnosis to find."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.domain.clues import clue
from bot.domain.diagnosis import Cause, Diagnosis, Finding, Inspection, Place, Verdict
from bot.domain.evidence import Process
from bot.domain.incidents import Incident
from bot.domain.invocations import Actor, Invocation
from bot.domain.jobs import Job, JobKind
from bot.domain.messages import (
    Bullets,
    Button,
    Buttons,
    Context,
    FieldRow,
    Mention,
    Message,
    Notification,
    Operation,
    Paragraph,
    flat,
)
from bot.domain.targets import Target
from bot.domain.timeline import EventKind, TimelineEvent
from bot.flows import findings
from bot.ports import Store
from tests.flows.watch.night import ANA, START, Night

SHOP = Target(host="web1", service="shop")
GET = Place(
    file="/srv/shop/session.py", line=37, function="Settings.get", source="return self.inherited(tenant, key)"
)
INHERITED = Place(
    file="/srv/shop/session.py", line=41, function="Settings.inherited", source="return self.get(parent, key)"
)
THEME = Place(
    file="/srv/shop/views.py", line=17, function="theme", source='return SETTINGS.get(tenant, "theme")'
)


def shown(message: Message) -> str:
    """Return all that a message shows, without its buttons."""
    found = [message.text, flat(message.title)]
    for section in message.sections:
        if isinstance(section, Paragraph | Context):
            found.append(f"{getattr(section, 'label', '')} {flat(section.line)}".strip())
        elif isinstance(section, FieldRow):
            found += [f"{label} {flat(line)}" for label, line in section.fields]
        elif isinstance(section, Bullets):
            found += [flat(line) for line in section.lines]
    return "\n".join(found)


def buttons(message: Message) -> dict[str, Any]:
    return {
        one.action: one
        for row in message.sections
        if isinstance(row, Buttons)
        for one in row.buttons
        if isinstance(one, Button)
    }


def loud(message: Message) -> list[str]:
    """Return the people whom a message rings."""
    spans: list[Any] = list(message.title)
    for section in message.sections:
        spans += getattr(section, "line", ())
        spans += [
            span
            for line in getattr(section, "lines", ())
            for span in (line if isinstance(line, tuple) else ())
        ]
        spans += [span for _, line in getattr(section, "fields", ()) for span in line]
    return [span.id for span in spans if isinstance(span, Mention) and not span.quiet]


def of(said: Sequence[Notification], incident: Incident) -> list[Notification]:
    return [one for one in said if one.subject == incident.subject]


def card(said: Sequence[Notification], incident: Incident) -> Message:
    """Return the incident's message as it was said last."""
    return [one for one in of(said, incident) if one.operation is not Operation.REPLY][-1].message


def events(store: Store, kind: EventKind | None = None) -> list[TimelineEvent]:
    found = store.events(since=START.replace(year=2020), targets=[Target(host="web1")])
    return [one for one in found if kind in (None, one.kind)]


def asked(bot: Night, actor: Actor = ANA, *, thread_ts: str | None = None, number: int = 1) -> Invocation:
    return Invocation(
        id=f"t{number}", actor=actor, verb="note", channel="C1", thread_ts=thread_ts, at=bot.clock.now()
    )


def looked(
    at: datetime, *, identity: str = "ins_0001", verdict: Verdict = Verdict.HUNG, line: int = 41
) -> Inspection:
    """Return what a look at the shop found."""
    finding = Finding(
        cause=Cause.INFINITE_RECURSION,
        confidence=0.97 if verdict is Verdict.HUNG else 0.4,
        culprit=replace(INHERITED, line=line),
        called_from=THEME,
        cycle=(GET, INHERITED),
        threads=("MainThread",),
        because=(
            clue("cycle", functions="`get` and `inherited`", deepest=984),
            clue("starts_again", function="theme", place="views.py line 17", loop=14),
        ),
        suggest=clue("end_the_recursion", function="inherited"),
    )
    return Inspection(
        id=identity,
        target=SHOP,
        at=at,
        diagnosis=Diagnosis(verdict=verdict, findings=(finding,)),
        process=Process(
            pid=4021, started_at=START.replace(hour=1), command="python shop.py", runtime="python 3.12"
        ),
        next=None,
        longest_pause_ms=9.0,
        duration_s=2.3,
        snippet=(
            (39, "    def inherited(self, tenant, key):"),
            (40, "        parent = PARENTS[tenant]"),
            (41, "        return self.get(parent, key)"),
        ),
        stacks="Thread 1\n",
    )


def inspected(bot: Night, inspection: Inspection, *, by: Actor | None = None) -> None:
    """Let the bot have found this, as a worker's job that ends now."""
    bot.store.commit(inspections=[inspection])
    now = bot.clock.now()
    job = Job(
        id=f"job_{inspection.id}",
        kind=JobKind.INSPECT,
        key=f"inspect:{inspection.id}",
        payload={
            "inspection": inspection.id,
            "evidence": "channel",
            "asker": by.id if by else None,
            "by": by.name if by else None,
        },
        created_at=now,
        due_at=now,
    )
    bot.store.commit(jobs=[job])
    findings.tell(inspection, job, bot.services)
