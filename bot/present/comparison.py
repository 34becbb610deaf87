"""Several hosts beside each other: who hangs, who does not, and what is different about those that do."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from bot.domain import comparison
from bot.domain.clues import Clue
from bot.domain.diagnosis import Inspection, Verdict
from bot.domain.messages import (
    Bullets,
    Context,
    Line,
    Message,
    Metadata,
    Paragraph,
    Section,
    Tone,
    bold,
    code,
    italic,
    say,
)
from bot.present import diagnosis
from bot.present.alert_words import span

ALIKE = {"runtime": "the runtime", "command": "the command line", "peers": "the connections"}
MOST_SICK = 3


def started(names: Sequence[str], group: str, *, by: str, line: str) -> Message:
    listed = ", ".join(names)
    return Message(
        text=f"{by} asked: looking at {listed} …",
        sections=(_asked(by, line), Paragraph(line=say("Looking at ", bold(listed), " …"))),
        metadata=_metadata(group, "looking"),
    )


def underway(done: Sequence[Inspection], count: int, group: str, *, by: str, line: str) -> Message:
    return Message(
        text=f"Looking: {len(done)} of {count} …",
        sections=(_asked(by, line), _states(done), Paragraph(line=say(italic(f"{len(done)} of {count} …")))),
        metadata=_metadata(group, "looking"),
    )


def finished(inspections: Sequence[Inspection], group: str, *, by: str, line: str) -> Message:
    """Return the end: a line for each host; what differs stands in the thread."""
    return Message(
        text=_headline(inspections),
        tone=Tone.PLAIN,
        sections=(
            _asked(by, line),
            Paragraph(line=say(bold(_headline(inspections)))),
            _states(inspections),
            Context(line=say("What differs stands in the thread.")),
        ),
        metadata=_metadata(group, "done", inspections),
    )


def message(
    inspections: Sequence[Inspection], group: str, *, left_out: int = 0, evidence: bool = True
) -> Message:
    """Return what differs; without `evidence` only who hangs where."""
    sections: list[Section] = [_states(inspections)]
    sections += _differences(inspections) if evidence else []
    if not evidence:
        sections.append(
            Context(line=say("What was read on the hosts is shown as ", code("access.evidence"), " says."))
        )
    if left_out:
        more = (
            f"{left_out} more {'host is' if left_out == 1 else 'hosts are'} named by that and not looked at."
        )
        sections.append(Context(line=say(more)))
    return Message(
        text=_headline(inspections),
        title=say(bold(_headline(inspections))),
        tone=Tone.PLAIN,
        sections=tuple(sections),
        metadata=_metadata(group, "compared", inspections),
    )


def _headline(inspections: Sequence[Inspection]) -> str:
    sick = [one.target.host for one in comparison.sick(inspections)]
    services = {one.target.service for one in inspections}
    what = (
        f"{min(filter(None, services), default='')} on "
        if len(services) == 1 and None not in services
        else ""
    )
    fine = sum(one.diagnosis.verdict is Verdict.HEALTHY for one in inspections)
    unclear = len(inspections) - len(sick) - fine
    doubt = f"; of {unclear} I cannot tell" if unclear else ""
    if not sick:
        hosts = _listed([one.target.host for one in inspections])
        return f"{what}{hosts}: {'none of them hangs' if not unclear else 'none is seen to hang'}{doubt}."
    rest = f", {fine} {'other does' if fine == 1 else 'others do'} not" if fine else ""
    return f"{what}{_listed(sick)} {'hangs' if len(sick) == 1 else 'hang'}{rest}{doubt}."


def _states(inspections: Sequence[Inspection]) -> Bullets:
    return Bullets(
        lines=tuple(say(bold(one.target.host), f": {diagnosis.state(one)}.") for one in inspections)
    )


def _differences(inspections: Sequence[Inspection]) -> list[Section]:
    sick, well = comparison.sick(inspections), comparison.well(inspections)
    if not sick:
        unsure = [one for one in inspections if one.process and one.diagnosis.verdict is Verdict.UNKNOWN]
        sick = unsure[:1] if len(well) > len(unsure[:1]) else []
        well = [one for one in well if one not in sick]
    if not sick:
        return []
    if not well:
        return [Paragraph(line=say("All of them hang: there is none that is well to compare with."))]
    sections: list[Section] = []
    for one in sick[:MOST_SICK]:
        sections += _of_one(one, well)
    return sections


def _of_one(one: Inspection, well: Sequence[Inspection]) -> list[Section]:
    beside = _listed([peer.target.host for peer in well])
    found = comparison.differences(one, well)
    alike = [ALIKE[name] for name in comparison.alike(one, well)]
    same = f"Alike: {_listed(alike)}." if alike else ""
    if not found:
        return [
            Paragraph(
                label=f"{one.target.host} beside {beside}",
                line=say(f"nothing differs of what I can see. {same}"),
            )
        ]
    lines = tuple(_sentence(clue) for clue in found)
    sections: list[Section] = [
        Paragraph(label=f"Only {one.target.host}", line=say(f"beside {beside}:")),
        Bullets(lines=lines),
    ]
    return [*sections, Context(line=say(same))] if same else sections


Words = Callable[[Clue], Line]


def _fact(clue: Clue, name: str) -> str:
    return str(clue.facts[name])


def _changed(clue: Clue) -> Line:
    kind, _, rest = _fact(clue, "what").partition(" ")
    name, _, after = rest.partition(" ")
    return say(f"{kind} ", code(name), f" {after}".rstrip())


def _counted(noun: str) -> Words:
    return lambda it: say(f"{_fact(it, 'here')} {noun}; the others have {_fact(it, 'there')}.")


SENTENCES: dict[str, Words] = {
    "only_here_changed": lambda it: say(*_changed(it), " changed there in the last day, and on no other."),
    "only_there_changed": lambda it: say(*_changed(it), " changed on all others in the last day, and not there."),
    "other_runtime": lambda it: say(f"it runs {_fact(it, 'here')}; the others {_fact(it, 'there')}."),
    "other_command": lambda it: say("its command line has ", code(_fact(it, "here") or "nothing"), " where that of the others has ",
                                    code(_fact(it, "there") or "nothing"), "."),
    "only_here_connected": lambda it: say("it is connected to ", code(_fact(it, "peer")), f" ({_fact(it, 'count')}); no other is."),
    "only_there_connected": lambda it: say("all others are connected to ", code(_fact(it, "peer")), "; it is not."),
    "more_connections": lambda it: say(f"{_fact(it, 'here')} connections to ", code(_fact(it, "peer")), f"; the others have {_fact(it, 'there')}."),
    "other_log": lambda it: say(f"{_fact(it, 'here')} errors in the last lines of its log; the others {_fact(it, 'there')}."),
    "other_cpu": lambda it: say(f"it uses {_fact(it, 'here')} % of a core; the others {_fact(it, 'there')} %."),
    "more_swap": lambda it: say(f"{_fact(it, 'here')} MiB of it are swapped out; of the others {_fact(it, 'there')}."),
    "other_clients": _counted("connections of clients"),
    "other_threads": _counted("threads"),
    "other_open_files": _counted("open files"),
    "other_age": lambda it: say(f"it runs since {_span(it, 'here_s')}; the others since {_span(it, 'there_s')} and more."),
}  # fmt: skip


def _span(clue: Clue, name: str) -> str:
    return span(timedelta(seconds=float(_fact(clue, name))))


def _sentence(clue: Clue) -> Line:
    return SENTENCES[clue.code](clue)


def _listed(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _asked(by: str, line: str) -> Context:
    return Context(line=say(f"{by}: ", code(line[:120])))


def _metadata(group: str, status: str, inspections: Sequence[Inspection] = ()) -> Metadata:
    first = next(iter(comparison.sick(inspections)), None)
    found = diagnosis.metadata(first).payload if first else {}
    hosts = ",".join(one.target.host for one in inspections)
    return Metadata(
        event_type="hangbot_inspection", payload={**found, "id": group, "status": status, "hosts": hosts}
    )
