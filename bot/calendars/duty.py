"""ports.Duty from calendars that a team keeps anyway: whoever the present event names is on call.

A name is a Slack id, a mail address, or what somebody is called in the chat: in the event's attendees, else in its title.
Recurring events are worked out by recurring_ical_events (RFC 5545); it and icalendar are imported when first needed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from http.client import HTTPException
from threading import Lock
from typing import Any
from urllib.request import Request, urlopen

from bot.ports import Clock, People, Telemetry

WITHIN_S, MOST_BYTES = 10.0, 4 << 20
KNOWN_FOR = timedelta(seconds=60)
MOST_PEOPLE = 10
LONGEST = 200
ID = re.compile(r"\b[UW][A-Z0-9]{6,}\b")
MAIL = re.compile(r"[^\s@<>\":;,]+@[^\s@<>\":;,]+")
APART = re.compile(
    r"\s*(?:,|;|&|/|\band\b|\bon[- ]call\b|\bprimary\b|\bsecondary\b|:|\s-\s|\(|\))\s*", re.IGNORECASE
)
Fetch = Callable[[str], str]


def fetched(url: str) -> str:
    """Return what stands at an address. Raises OSError, HTTPException, ValueError."""
    request = Request(url, headers={"User-Agent": "hangbot"})  # noqa: S310 — the config lets http and https in alone
    with urlopen(request, timeout=WITHIN_S) as answer:  # noqa: S310
        content: bytes = answer.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"the calendar is larger than {MOST_BYTES >> 20} MiB")
    return content.decode("utf-8", "replace")


class Calendars:
    """Reads the calendars when told to; answers from what it read last, also where one cannot be read any more."""

    def __init__(
        self,
        urls: Mapping[str, str],
        *,
        people: People,
        clock: Clock,
        telemetry: Telemetry,
        fetch: Fetch = fetched,
    ) -> None:
        self._urls, self._people, self._clock = urls, people, clock
        self._telemetry, self._fetch = telemetry, fetch
        self._lock = Lock()
        self._read: dict[str, Any] = {}
        self._known: dict[str, tuple[datetime, tuple[str, ...]]] = {}

    def refresh(self) -> Mapping[str, str]:
        """Read all calendars again, and who they name now; return what is wrong with those that cannot be read."""
        troubles: dict[str, str] = {}
        for team, url in self._urls.items():
            try:
                self._read[team] = _parsed(self._fetch(url))
            except (OSError, HTTPException, ValueError) as error:
                self._telemetry.failure("on-call calendar unread", error, team=team)
                troubles[team] = " ".join(str(error).split())[:LONGEST] or type(error).__name__
                continue
            self._now(team)
        return troubles

    def standing(self, team: str) -> int:
        if team not in self._read:
            return 0
        try:
            return sum(1 for _ in self._events(self._read[team], self._clock.now()))
        except Exception as error:  # noqa: BLE001 — a calendar of somebody else's: whatever is wrong in it, doctor goes on
            self._telemetry.failure("on-call calendar unread", error, team=team)
            return 0

    def ids(self, team: str) -> tuple[str, ...]:
        with self._lock:
            known = self._known.get(team)
        if known is None or abs(self._clock.now() - known[0]) < KNOWN_FOR or team not in self._read:
            return known[1] if known else ()
        return self._now(team)

    def _now(self, team: str) -> tuple[str, ...]:
        now = self._clock.now()
        try:
            found = tuple(dict.fromkeys(self._ids(self._read[team], now)))[:MOST_PEOPLE]
        except Exception as error:  # noqa: BLE001 — a calendar of somebody else's: who was on call stays so
            self._telemetry.failure("on-call calendar unread", error, team=team)
            with self._lock:
                return self._known.get(team, (now, ()))[1]
        with self._lock:
            self._known[team] = (now, found)
        return found

    @staticmethod
    def _events(calendar: Any, now: datetime) -> Iterable[Any]:
        import recurring_ical_events  # type: ignore[import-untyped]  # noqa: PLC0415 — lean at rest

        found: Iterable[Any] = recurring_ical_events.of(calendar).at(now)
        return found

    def _ids(self, calendar: Any, now: datetime) -> Iterator[str]:
        for event in self._events(calendar, now):
            named = [found for word in _attendees(event) if (found := self._person(word))]
            title = f"{event.get('SUMMARY', '')}"
            yield from named or ID.findall(title) or self._of_title(title)

    def _of_title(self, title: str) -> list[str]:
        words = [title, *APART.split(title)]
        return [found for word in words if (found := self._person(word.strip(" @-")))]

    def _person(self, word: str) -> str:
        if not word:
            return ""
        if ID.fullmatch(word):
            return word
        person = self._people.named(word)
        return person.id if person and not person.barred else ""


def _parsed(text: str) -> Any:
    import icalendar  # noqa: PLC0415 — lean at rest

    return icalendar.Calendar.from_ical(text)


def _attendees(event: Any) -> Iterator[str]:
    """Yield the mail address of each attendee, else what they are called."""
    found = event.get("ATTENDEE") or []
    for one in found if isinstance(found, list) else [found]:
        mail = MAIL.search(str(one).removeprefix("mailto:").removeprefix("MAILTO:"))
        if mail:
            yield mail[0]
        elif name := str(getattr(one, "params", {}).get("CN", "")):
            yield name
