"""What changed on a host of late, in sentences."""

from datetime import timedelta
from posixpath import basename

from bot.domain.changes import ChangeKind
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
    return (*_what(clue), *say(WHEN[clue.code].format(ago=ago)))


def sentence(clue: Clue) -> str:
    """Return the same as plain text."""
    return flat(line(clue))


def _what(clue: Clue) -> Line:
    kind, name = ChangeKind(str(clue.facts["kind"])), str(clue.facts["name"])
    if kind is ChangeKind.PACKAGE:
        return _package(clue, name)
    if kind is ChangeKind.DEPLOY:
        return _deploy(clue, name)
    more = _more(clue, "file of code", "files of code") if kind is ChangeKind.CODE else ""
    owner = f" (of package {clue.facts['owner']})" if clue.facts["owner"] else ""
    return say(code(basename(name)), f"{owner}{more} changed")


def _package(clue: Clue, name: str) -> Line:
    before, after = str(clue.facts["before"]), str(clue.facts["after"])
    if before and after:
        moved = f" went from {before} to {after}"
    else:
        moved = f" {before} was removed" if before else f" {after}".rstrip() + " was installed"
    return say("Package ", code(name), moved + _more(clue, "package", "packages"))


def _deploy(clue: Clue, name: str) -> Line:
    before, after = str(clue.facts["before"]), str(clue.facts["after"])
    if before and after:
        return say(code(name), " was moved from ", code(before), " to ", code(after))
    return say(code(name), f" was pointed to {after}" if after else f" got {clue.facts['count']} new files")


def _more(clue: Clue, one: str, several: str) -> str:
    more = int(str(clue.facts["count"])) - 1
    return f", with {more} more {one if more == 1 else several}," if more else ""
