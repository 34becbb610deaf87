"""Who is on call, and what wakes them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.domain.messages import Bullets, Context, Line, Mention, Message, bold, code, flat, say
from bot.domain.routes import DEFAULT, ONCALL, PAGE
from bot.domain.settings import Settings
from bot.present.alert_words import moment, span
from bot.present.page import NAMES


class Member(Protocol):
    """Somebody on call, as the flow found them."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def group(self) -> str: ...
    @property
    def resting_until(self) -> datetime | None: ...


def message(
    teams: Mapping[str, Sequence[Member]], settings: Settings, *, names: Mapping[str, str], now: datetime
) -> Message:
    """Return who is on call in each team, how they are woken, and who is called when nobody comes (`names` by their id).
    Mentions nobody loudly.
    """
    zone = settings.timezone
    lines = [_team(name, members, settings, now=now, zone=zone) for name, members in teams.items()]
    text = "; ".join(flat(line) for line in lines)
    return Message(
        text=f"On call: {text}",
        title=say("On call"),
        sections=(
            Bullets(lines=tuple(lines)),
            *(Context(line=line) for line in _ways(settings, names)),
        ),
    )


def _team(name: str, members: Sequence[Member], settings: Settings, *, now: datetime, zone: ZoneInfo) -> Line:
    shown = say(bold(name), ": ")
    if not members:
        how = f"oncall: {{{name}: {{users: [U024BE7LH]}}}}"
        return (*shown, *say("nobody. In the config: ", code(how)))
    for at, one in enumerate(members):
        shown += say(", " if at else "", Mention(id=one.id, name=one.name))
        if one.resting_until is not None:
            shown += say(" (in Do Not Disturb until ", moment(one.resting_until, now=now, zone=zone), ")")
    where = _where(name, settings)
    return (*shown, *say(f" — {where}" if where else ""))


def _where(team: str, settings: Settings) -> str:
    """Return what goes to a team, as its routes say it."""
    routes = [one for one in settings.routes if one.oncall == team]
    shown = [
        ", ".join(f"{key} {value}" for key, value in one.match.items()) or "everything" for one in routes
    ]
    if team == DEFAULT:
        shown.append("all else" if settings.routes else "")
    return "; ".join(filter(None, shown))


def _ways(settings: Settings, names: Mapping[str, str]) -> Iterator[Line]:
    paths = ", ".join(NAMES[path] for path in settings.paging.paths)
    yield say(
        f"Critical alerts page by {paths}." if paths else "There is no way to page: Slack alone wakes nobody."
    )
    for step in settings.escalate:
        whom = {ONCALL: "they are called again", PAGE: "it is paged"}.get(step.to)
        after = span(timedelta(seconds=step.after_s))
        called = say(whom) if whom else say(Mention(id=step.to, name=names.get(step.to, "")), " is called")
        yield (*say(f"Unacknowledged for {after}: "), *called, *say("."))
