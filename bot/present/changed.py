"""What changed on a host of late, in sentences."""

from datetime import datetime, timedelta
from posixpath import basename

from bot.domain.changes import Change, ChangeKind
from bot.domain.clues import Clue
from bot.domain.messages import Line, code, flat, say
from bot.present.alert_words import span

WHEN = {
    "changed_before": " {ago} before it stopped being well.",
    "changed_then_started": " {ago} before it stopped being well, and it was started on that.",
    "changed_since_well": " {ago} ago, after it was last seen well.",
    "changed_lately": " {ago} ago.",
}


def line(clue: Clue) -> Line:
    """Return one change, with how long before the trouble it came."""
    if clue.code == "not_reloaded":
        return say(
            "Its unit's files changed and systemd has not read them: ", code("systemctl daemon-reload"), "."
        )
    ago = span(timedelta(seconds=float(str(clue.facts["ago_s"]))))
    diff = str(clue.facts.get("diff", ""))
    more = say(" More: ", code(diff), ".") if diff else ()
    return (*what(_change(clue)), *say(WHEN[clue.code].format(ago=ago)), *more)


def sentence(clue: Clue) -> str:
    """Return the same as plain text."""
    return flat(line(clue))


def what(change: Change) -> Line:
    """Return what happened to what, without when."""
    if change.kind is ChangeKind.PACKAGE:
        return _package(change)
    if change.kind is ChangeKind.DEPLOY:
        return _deploy(change)
    more = _more(change, "file of code", "files of code") if change.kind is ChangeKind.CODE else ""
    owner = f" (of package {change.owner})" if change.owner else ""
    return say(code(basename(change.name)), f"{owner}{more} changed")


def _change(clue: Clue) -> Change:
    facts = {name: str(value) for name, value in clue.facts.items()}
    return Change(
        kind=ChangeKind(facts["kind"]),
        name=facts["name"],
        at=datetime.fromisoformat(facts["at"]),
        before=facts["before"],
        after=facts["after"],
        owner=facts["owner"],
        count=int(facts["count"]),
    )


def _package(change: Change) -> Line:
    before, after = change.before, change.after
    if before and after:
        moved = f" went from {before} to {after}"
    else:
        moved = f" {before} was removed" if before else f" {after}".rstrip() + " was installed"
    return say("Package ", code(change.name), moved + _more(change, "package", "packages"))


def _deploy(change: Change) -> Line:
    before, after = change.before, change.after
    if before and after:
        return say(code(change.name), " was moved from ", code(before), " to ", code(after))
    return say(code(change.name), f" was pointed to {after}" if after else f" got {change.count} new files")


def _more(change: Change, one: str, several: str) -> str:
    more = change.count - 1
    return f", with {more} more {one if more == 1 else several}," if more else ""
