"""The one message of an act: the question, what is going on, how it ended. Edited for its whole life, with few replies."""

from collections.abc import Mapping
from datetime import datetime
from shlex import join
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.actions import Action, ActionStatus
from bot.domain.clues import Clue
from bot.domain.messages import (
    Button,
    Buttons,
    CodeBlock,
    CodeLine,
    Context,
    Line,
    Mention,
    Message,
    Metadata,
    Paragraph,
    Section,
    Tone,
    bold,
    code,
    flat,
    say,
)
from bot.present.action_reasons import LOST, REASONS, REFUSED
from bot.present.alert_words import moment, span
from bot.present.clues import sentence

MOST_LINES = 12
ENDS = ("?", ".", "…")
TONES: Mapping[ActionStatus, Tone] = {
    ActionStatus.HELD: Tone.GOOD,
    ActionStatus.RELAPSED: Tone.CRITICAL,
    ActionStatus.NOT_VERIFIED: Tone.CRITICAL,
    ActionStatus.NOT_DONE: Tone.WARNING,
    ActionStatus.UNKNOWN: Tone.BLIND,
}
LOOKS: Mapping[str, str] = {"idle": "idle", "slow_progress": "busy and getting on"}


def message(action: Action, *, now: datetime, zone: ZoneInfo, evidence: bool = True) -> Message:
    """Return the act's message as it should stand now; without `evidence` nothing that the host itself said."""
    title, sections = _body(action, now=now, zone=zone)
    if not evidence:
        sections = tuple(one for one in sections if not isinstance(one, CodeBlock))
    head = (Context(line=say(f"{action.asked.name}: ", code(action.line[:120]))),) if action.line else ()
    spoken = " ".join(flat(one.line) for one in sections if isinstance(one, Paragraph))
    return Message(
        text=f"{flat(title)}{'' if flat(title)[-1:] in ENDS else '.'} {spoken}".strip(),
        title=title,
        tone=_tone(action),
        sections=(*head, *sections),
        metadata=metadata(action),
    )


def metadata(action: Action) -> Metadata:
    payload: dict[str, Any] = {
        "id": action.id,
        "status": action.status.value,
        "verb": action.verb,
        "host": action.target.host,
        "service": action.target.service,
    }
    return Metadata(event_type="hangbot_action", payload=payload)


def plain(action: Action) -> Message:
    """Return the short reply that an end deserves which somebody must hear of: an edit notifies nobody."""
    line = _reason(action)
    if action.status is ActionStatus.RELAPSED:
        line = say(bold(f"It lasted {_lasted(action)}."), " ", *line)
    elif action.status is ActionStatus.NOT_VERIFIED:
        line = say(bold(f"{action.target} was restarted, and does not answer."), " ", *line)
    elif action.status is ActionStatus.SENT:
        line = say(bold(_unsure(action)), " I look again, and do not send it a second time.")
    else:
        title, sections = _body(action, now=action.updated_at, zone=ZoneInfo("UTC"))
        rest = [one.line for one in sections if isinstance(one, Paragraph)]
        line = say(*title, " ", *(rest[0] if rest else ()))
    return Message(
        text=flat(line), tone=_tone(action), sections=(Paragraph(line=line),), metadata=metadata(action)
    )


def asking(action: Action) -> Message:
    """Say that the evidence comes first; only who asked sees it."""
    what = "checking it first" if action.hurried else "storing the stacks first"
    line = say("Restart ", bold(str(action.target)), f": {what}, then I ask you for a yes.")
    return Message(text=flat(line), sections=(Paragraph(line=line),))


def thanks(action: Action) -> Message:
    """Answer a yes that is not enough yet."""
    left = action.needed - len({one.by for one in action.approvals})
    line = say(f"Your yes counts. {left} more {'operator' if left == 1 else 'operators'} must say yes.")
    return Message(text=flat(line), sections=(Paragraph(line=line),))


def how_to_confirm(action: Action) -> str:
    """Return what to type at a terminal, which has no buttons."""
    return f"hangbot say '/hang confirm {action.id}'  (or: cancel {action.id})"


def too_late(action: Action, *, now: datetime, zone: ZoneInfo) -> Message:
    """Say why a click changes nothing any more, and what to do instead."""
    again = say(" Ask again: ", code(_again(action)))
    by = action.approvals[-1].name if action.approvals else ""
    if action.status is ActionStatus.EXPIRED:
        line = say("That question has expired.", *again)
    elif action.status is ActionStatus.CANCELLED:
        line = say(_cancelled(action), *again)
    elif action.status is ActionStatus.PREPARING:
        line = say("I am still storing the evidence; the question comes in a moment.")
    elif action.status is ActionStatus.NOT_DONE and not action.approvals:
        line = say("Nothing was done. ", *_reason(action), *again)
    else:
        at = moment(action.approvals[-1].at, now=now, zone=zone, seconds=True) if action.approvals else ""
        line = say(f"{by} was quicker: said yes at ", at, ". It is done once; its message tells how it went.")
    return Message(text=flat(line), sections=(Paragraph(line=line),))


def outcome(action: Action) -> str:
    """Return the contract's word for how it went."""
    if action.status in (ActionStatus.WATCHED, ActionStatus.HELD):
        return "verified"
    if action.status is ActionStatus.UNKNOWN or action.unsure_at is not None:
        return "unknown"
    refused = action.status in (ActionStatus.CANCELLED, ActionStatus.EXPIRED) or (
        action.status is ActionStatus.NOT_DONE and action.reason is not None and action.reason.code in REFUSED
    )
    return "refused" if refused else "not_verified"


def document(action: Action) -> dict[str, Any]:
    """Return the act as `restart --json` prints it."""
    return {
        "action": action.id,
        "inspection": action.inspection or None,
        "command": list(action.command),
        "outcome": outcome(action),
        "down_s": action.down_s,
        "before": action.before.pid if action.before else None,
        "after": action.after.pid if action.after else None,
    }


# --- the body, by status


Body = tuple[Line, tuple[Section, ...]]


def _body(action: Action, *, now: datetime, zone: ZoneInfo) -> Body:
    status = action.status
    if status is ActionStatus.PROPOSED:
        return _question(action, now=now)
    if status is ActionStatus.APPROVED or (
        status is ActionStatus.SENT and not (action.done_at or action.lost)
    ):
        return _running(action)
    if status is ActionStatus.SENT:
        return _looking(action, now=now, zone=zone)
    if status in (ActionStatus.WATCHED, ActionStatus.HELD):
        return _answers(action)
    return _ended(action)


def _question(action: Action, *, now: datetime) -> Body:
    risk = say("I will run ", code(join(action.command)), ". Open requests are lost", *_usually(action), ". ")
    buttons = (
        Button(action="confirm", label="Restart", value=action.id, style="danger"),
        Button(action="cancel", label="Cancel", value=action.id),
    )
    sections: list[Section] = [Paragraph(line=risk + _evidence(action))]
    if action.needed > 1:
        yes = ", ".join(dict.fromkeys(one.name for one in action.approvals))
        sofar = f" So far: {yes}." if yes else ""
        sections.append(Paragraph(line=say(f"{action.needed} operators must say yes.{sofar}")))
    left = span(action.expires_at - now)
    who = Mention(id=action.asked.by, name=action.asked.name)
    sections.append(Buttons(buttons=buttons))
    sections.append(Context(line=say("for ", who, f" · expires in {left} · {action.id}")))
    return say(bold(f"Restart {action.target}?")), tuple(sections)


def _usually(action: Action) -> Line:
    """Return `; it took 4 s the last three times`, nothing where it is the first time."""
    times = [f"{max(1.0, seconds):.0f}" for seconds in action.usual_s]
    if not times:
        return ()
    if len(set(times)) == 1:
        count = {1: "last time", 2: "the last two times", 3: "the last three times"}[len(times)]
        return say(f"; it took {times[0]} s {count}")
    return say(f"; it took {', '.join(times[:-1])} and {times[-1]} s the last times")


def _evidence(action: Action) -> Line:
    if action.inspection and action.no_evidence is None:
        return say(f"The stacks are saved ({action.inspection}).")
    why = sentence(action.no_evidence) if action.no_evidence else "nothing was looked at"
    return say(bold("No stacks are saved: "), why, ".")


def _running(action: Action) -> Body:
    yes = [Mention(id=one.by, name=one.name) for one in action.approvals]
    line = say(code(join(action.command)), " · said yes: ")
    for number, who in enumerate(yes):
        line += say(", " if number else "", who)
    return say(bold(f"Restarting {action.target} …")), (Paragraph(line=line), _footnote(action))


def _looking(action: Action, *, now: datetime, zone: ZoneInfo) -> Body:
    """Return it while it is not clear yet how it went."""
    if action.unsure_at is not None:
        line = say(
            *_said(action.lost), " It is not sent a second time. I go on looking since ",
            moment(action.unsure_at, now=now, zone=zone), f". Look yourself: {_by_hand(action)}",
        )  # fmt: skip
        return say(bold(_unsure(action))), (Paragraph(line=line), _footnote(action))
    if action.answered_at is not None:
        line = say(f"It answers after {action.down_s} s. I make sure that it stays.")
    elif action.done_at is not None:
        line = say("The command is through", _exit(action), ". I wait for an answer.")
    else:
        line = say(*_said(action.lost), " I look at what became of it, and do not send it a second time.")
    return say(bold(f"Restarting {action.target} …")), (Paragraph(line=line), _footnote(action))


def _answers(action: Action) -> Body:
    held = action.status is ActionStatus.HELD
    cut_short = held and action.reason is not None
    blind = cut_short and action.reason is not None and action.reason.code == "unseen_at_the_end"
    after = ", and then I lost sight of it" if blind else "" if held else ", watching it for 5 min"
    title = say(bold(f"{action.target} answers again"), after)
    facts = [f"{action.down_s} s down"]
    if action.after and action.after.pid:
        facts.append(f"new process {action.after.pid}")
    if action.look:
        facts.append(f"fresh stacks look {LOOKS.get(action.look, action.look.replace('_', ' '))}")
    if held and not cut_short:
        facts.append("it held for 5 min")
    line = say(", ".join(facts), ".")
    if action.exit:
        line += say(f" The command itself ended with {action.exit}.")
    if action.lost is not None:
        line += say(" ", *_said(action.lost), " What runs there now shows that it was done, once.")
    if cut_short:
        line += say(" ", *_reason(action))
    return title, (Paragraph(line=line), _footnote(action))


def _ended(action: Action) -> Body:
    sections: list[Section] = [Paragraph(line=_reason(action))]
    said = action.reason is not None and action.reason.code == "sudo_refused"
    if action.output and not said and action.status in (ActionStatus.NOT_DONE, ActionStatus.NOT_VERIFIED):
        lines = action.output.splitlines()[-MOST_LINES:]
        sections.append(CodeBlock(lines=tuple(CodeLine(text=line) for line in lines)))
    sections.append(_footnote(action))
    return say(bold(_title(action))), tuple(sections)


def _title(action: Action) -> str:
    if action.status is ActionStatus.RELAPSED:
        return f"{action.target} was restarted, and it lasted {_lasted(action)}"
    if action.status is ActionStatus.NOT_VERIFIED:
        died = action.reason is not None and action.reason.code in ("died", "gone")
        return (
            f"{action.target}: restarted, then died"
            if died
            else f"{action.target}: restarted, and still silent"
        )
    if action.status is ActionStatus.UNKNOWN:
        return _unsure(action)
    return f"{action.target} was not restarted"


def _unsure(action: Action) -> str:
    if action.done_at is not None:
        return f"{action.target} was restarted, and I cannot see whether it answers."
    return f"I do not know whether {action.target} was restarted."


def _tone(action: Action) -> Tone:
    lost_sight = action.status is ActionStatus.HELD and action.reason is not None
    if lost_sight or (action.status is ActionStatus.SENT and action.unsure_at is not None):
        return Tone.BLIND
    return TONES.get(action.status, Tone.PLAIN)


def _footnote(action: Action) -> Context:
    yes = ", ".join(dict.fromkeys(one.name for one in action.approvals))
    facts = [f"yes: {yes}"] if yes and action.status is not ActionStatus.APPROVED else []
    facts += [f"before: {action.inspection}"] if action.inspection else []
    facts += [f"after: {action.again}"] if action.again else []
    return Context(line=say(" · ".join([*facts, action.id])))


def _lasted(action: Action) -> str:
    began, end = action.answered_at, action.fell_at or action.ended_at
    return span(end - began) if began and end else "a moment"


def _exit(action: Action) -> str:
    return f" (it ended with {action.exit})" if action.exit else ""


def _again(action: Action) -> str:
    return f"/hang {action.verb} {action.target.host} {action.target.service or ''}".rstrip()


def _by_hand(action: Action) -> str:
    return f"/hang probe {action.target.host}"


def _cancelled(action: Action) -> str:
    who = str(action.reason.facts.get("name") or "") if action.reason else ""
    return f"{who or 'Somebody'} cancelled it."


def _reason(action: Action) -> Line:
    clue = action.reason
    if clue is None:
        return ()
    words = REASONS.get(clue.code)
    return words(clue.facts) if words else say(clue.code.replace("_", " "), ".")


def _said(clue: Clue | None) -> Line:
    words = LOST.get(clue.code) if clue else None
    return words(clue.facts) if words and clue else ()
