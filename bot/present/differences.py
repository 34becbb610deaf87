"""What changed about a service, or is other than on another host, as people read it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from posixpath import basename

from bot.domain.changes import Change, ChangeKind, Wellness
from bot.domain.differences import (
    HIDDEN,
    Altered,
    Apart,
    Beside,
    FileBefore,
    KeyDifference,
    Listing,
    Since,
    Versions,
)
from bot.domain.messages import (
    Attachment,
    Bullets,
    CodeBlock,
    CodeLine,
    Context,
    Line,
    Message,
    Paragraph,
    Section,
    bold,
    code,
    flat,
    say,
)
from bot.domain.redaction import path
from bot.domain.targets import Target
from bot.present.alert_words import span
from bot.present.changed import what

MOST_CHANGES, MOST_KEYS, MOST_NAMES, MOST_VERSIONS = 12, 16, 8, 12
LONGEST_KEY, LONGEST_VALUE = 60, 30
VALUES = "A value is shown only where it cannot be a secret."
SEEN = "Looked at: the files of its unit, those its command line names, its folders in /etc, settings and code below its own folder, packages and deploys."


def nowhere(target: Target) -> Message:
    line = say("I see no ", bold(str(target)), ": neither a unit nor a process of it is there.")
    return Message(
        text=f"I see no {target}: neither a unit nor a process of it is there.",
        sections=(Paragraph(line=line),),
    )


# --- since it was last well


def since(found: Since, target: Target, wellness: Wellness, *, now: datetime) -> Message:
    """Return what changed, newest first, and setting by setting where something of before is left to compare with."""
    head = f"What changed for {target} {_period(found, wellness, now=now)}"
    sections: list[Section] = []
    if found.is_nothing:
        sections.append(Paragraph(line=say(f"Nothing that I can see. {SEEN}")))
    if found.changes.found:
        sections.append(
            Bullets(lines=tuple(_change(one, now=now) for one in found.changes.found[:MOST_CHANGES]))
        )
        sections += _more(len(found.changes.found) - MOST_CHANGES, "change")
    for one in found.files:
        sections += _settings(one, now=now)
    sections += _rest(found)
    notes = [VALUES] if any(one.keys for one in found.files) else []
    notes += [] if found.running else [f"{target.service} is not running, so I looked at its unit's files."]
    notes += ["The look was cut short by its time limit."] if found.cut_short else []
    sections += [Context(line=say(" ".join(notes)))] if notes else []
    count = len(found.changes.found)
    brief = "nothing changed that I can see" if found.is_nothing else f"{count} change{'s' * (count != 1)}"
    return Message(
        text=f"{target}: {brief}.",
        title=say(bold(f"{head}.")),
        sections=tuple(sections),
        attachment=_file(
            [(one.path, one.keys) for one in found.files], target, again=f"{target.host} {target.service}"
        ),
    )


def _period(found: Since, wellness: Wellness, *, now: datetime) -> str:
    length = span(timedelta(seconds=found.seconds))
    if wellness.last_good_at is None:
        return f"in the last {length}"
    ago = span(max(timedelta(seconds=1), now - wellness.last_good_at))
    return (
        f"in the last {length}; it was last seen well {ago} ago"
        if wellness.bad_since
        else f"in the last {length}; it is well"
    )


def _change(one: Change, *, now: datetime) -> Line:
    full = one.name if one.kind in (ChangeKind.CONFIG, ChangeKind.UNIT, ChangeKind.CODE) else ""
    where = say(" in ", code(full.rpartition("/")[0] or "/")) if full else ()
    said = (*what(one), *where)
    comma = "" if flat(said).endswith(",") else ","
    return (*said, *say(f"{comma} {span(max(timedelta(seconds=1), now - one.at))} ago."))


def _settings(one: FileBefore, *, now: datetime) -> list[Section]:
    ago = span(max(timedelta(seconds=1), now - one.at))
    beside = {
        Beside.RELEASE: f"the release before, {one.name}",
        Beside.ETCKEEPER: f"what etckeeper kept {ago} ago",
        Beside.COPY: f"{one.name} of {ago} ago",
    }[one.beside]
    if not one.keys:
        line = say(code(basename(one.path)), f" has the same settings as {beside}.")
        return [Paragraph(line=line)]
    return [
        Paragraph(line=say(code(basename(one.path)), f" beside {beside}:")),
        CodeBlock(lines=tuple(CodeLine(text=row) for row in _rows(one.keys, before="", after=""))),
    ]


def _rest(found: Since) -> list[Section]:
    sections: list[Section] = []
    if found.gone:
        sections.append(Paragraph(label="Gone", line=_names(found.gone)))
    if found.altered:
        sections.append(Paragraph(label="Not as their package brought them", line=_altered(found.altered)))
    if found.changes.not_reloaded:
        line = say("systemd has not read its unit's files since: ", code("systemctl daemon-reload"), ".")
        sections.append(Paragraph(line=line))
    if found.changes.restarts:
        times = found.changes.restarts
        sections.append(
            Paragraph(line=say(f"systemd started it again by itself {times} time{'s' * (times != 1)}."))
        )
    return sections


def _altered(found: Sequence[Altered]) -> Line:
    parts = [
        say(code(one.path), f" ({one.package}{', gone' if one.missing else ''})")
        for one in found[:MOST_NAMES]
    ]
    return _joined(parts, len(found) - MOST_NAMES)


# --- beside another host


def beside(
    found: Apart,
    keys: Mapping[str, Sequence[KeyDifference]] | None,
    target: Target,
    other: str,
    *,
    here: Listing,
    there: Listing,
) -> Message:
    """Return what is other on two hosts; settings one by one, files of code and packages by name.

    `keys` is None where the hosts told their files, and then not the settings in them.
    """
    host = target.host
    told = {name: several for name, several in (keys or {}).items() if several}
    sections: list[Section] = []
    facts = [
        say(f"{word}: ", code(ours or "none"), f" on {host}, ", code(theirs or "none"), f" on {other}.")
        for word, ours, theirs in (
            ("Deploy", here.deploy, there.deploy),
            ("Program", here.interpreter, there.interpreter),
        )
        if ours != theirs
    ]
    sections += [Bullets(lines=tuple(facts))] if facts else []
    for name, several in told.items():
        title = "The environment of the process" if name.startswith("@env") else _named(name, here)
        sections.append(Paragraph(line=say(code(title) if title[0] in "/~" else title, ":")))
        rows = _rows(several, before=other, after=host)
        sections.append(CodeBlock(lines=tuple(CodeLine(text=row) for row in rows)))
    plain = [name for name in found.differing if name not in told]
    for label, names, where in (
        ("Other content", plain, here),
        (f"Only on {host}", found.only_here, here),
        (f"Only on {other}", found.only_there, there),
    ):
        if names:
            sections.append(Paragraph(label=label, line=_names([_named(name, where) for name in names])))
    for label, versions in (
        ("Python packages", found.python_packages),
        ("System packages", found.system_packages),
    ):
        sections += _versions(label, versions, host, other)
    nothing = not sections
    if nothing:
        sections.append(Paragraph(line=say(f"Nothing differs that I can see. {SEEN}")))
    notes = [VALUES] if told else []
    notes += (
        ["The settings in them I could not ask for any more."] if keys is None and found.differing else []
    )
    notes += [
        f"{target.service} is not running on {name}."
        for name, one in ((host, here), (other, there))
        if not one.running
    ]
    sections += [Context(line=say(" ".join(notes)))] if notes else []
    count = sum(len(several) for several in told.values())
    brief = (
        "nothing differs that I can see"
        if nothing
        else f"{count} setting{'s' * (count != 1)} and {len(plain)} other file{'s' * (len(plain) != 1)} differ"
    )
    return Message(
        text=f"{target} beside {other}: {brief}.",
        title=say(bold(f"{target.service} on {host} beside {other}.")),
        sections=tuple(sections),
        attachment=_file(
            [(_named(name, here), several) for name, several in told.items()],
            target,
            again=f"{host} {target.service} {other}",
        ),
    )


def _named(name: str, listing: Listing) -> str:
    return name.replace("@home", listing.home, 1) if name.startswith("@home/") else name


def _versions(label: str, found: Sequence[Versions], here: str, there: str) -> list[Section]:
    both = [one for one in found if one.here and one.there]
    lines = [
        say(code(one.name), f" {one.here} on {here}, {one.there} on {there}") for one in both[:MOST_VERSIONS]
    ]
    sections: list[Section] = (
        [Paragraph(label=label, line=say("other versions:")), Bullets(lines=tuple(lines))] if lines else []
    )
    sections += _more(len(both) - MOST_VERSIONS, "version")
    for host, names in (
        (here, [one.name for one in found if not one.there]),
        (there, [one.name for one in found if not one.here]),
    ):
        if names:
            sections.append(Paragraph(label=f"{label} only on {host}", line=_names(names)))
    return sections


# --- both


def _rows(keys: Sequence[KeyDifference], *, before: str, after: str, most: int = MOST_KEYS) -> list[str]:
    """Return a table of settings; `before` and `after` name hosts, or nothing where it is two times."""
    shown = keys[:most]
    width = max((min(LONGEST_KEY, len(one.key)) for one in shown), default=0)
    rows = [f"{_cut(one.key, LONGEST_KEY):<{width}}  {_moved(one, before, after)}" for one in shown]
    if len(keys) > most:
        rows.append(f"… {len(keys) - most} more")
    return rows


def _moved(one: KeyDifference, before: str, after: str) -> str:
    if before and after:
        if one.before == one.after == HIDDEN:
            return "differs"
        there, here = (
            "not there" if it is None else "set" if it == HIDDEN else _value(it)
            for it in (one.before, one.after)
        )
        return f"{after} {here} · {before} {there}"
    if one.before is None:
        return "new" if one.after == HIDDEN else f"new: {_value(one.after)}"
    if one.after is None:
        return "gone" if one.before == HIDDEN else f"gone, was {_value(one.before)}"
    if one.before == one.after == HIDDEN:
        return "changed"
    return f"{_value(one.before)} → {_value(one.after)}"


def _value(text: str | None) -> str:
    return _cut(text, LONGEST_VALUE) if text else "(empty)"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _names(names: Sequence[str]) -> Line:
    return _joined([say(code(path(name))) for name in names[:MOST_NAMES]], len(names) - MOST_NAMES)


def _joined(parts: Sequence[Line], more: int) -> Line:
    joined: list[Line] = []
    for part in parts:
        joined += [say(", "), part] if joined else [part]
    if more > 0:
        joined.append(say(f" and {more} more"))
    return (*(one for part in joined for one in part), *say("."))


def _more(count: int, noun: str) -> list[Section]:
    return [Context(line=say(f"And {count} more {noun}{'s' * (count != 1)}."))] if count > 0 else []


def _file(
    tables: Iterable[tuple[str, Sequence[KeyDifference]]], target: Target, *, again: str
) -> Attachment | None:
    """Return all settings as a file, where a table was too long to be shown whole."""
    found = list(tables)
    if not any(len(keys) > MOST_KEYS for _, keys in found):
        return None
    rows = [
        row
        for path, keys in found
        if keys
        for row in ("", path, *(f"  {one}" for one in _rows(keys, before="", after="", most=len(keys))))
    ]
    return Attachment(
        name=f"{target.host}-{target.service}-settings.txt",
        content="\n".join(rows).strip(),
        title=f"Settings of {target}",
        again=f"/hang diff {again}",
    )
