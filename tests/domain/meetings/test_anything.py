"""Whatever is typed: an answer, never a crash, and never a meeting in the past or years away."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.meetings import words
from bot.domain.meetings.reading import read_when, read_wish
from bot.domain.meetings.slot import Answer, Ask, Refused, Slot
from bot.domain.messages import flat
from bot.present import meetings as present
from tests.domain.meetings.test_phrases import ZONES, rows

YEAR = timedelta(days=365)
SEASONING = (
    "at", "on", "in", "for", "from", "with", "the", "a", "an", "and", "half", "past", "quarter", "to", "of", "next", "this",
    "week", "day", "days", "hours", "m", "h", "am", "pm", "noon", "midnight", "after", "-", "--", "+01:00", "-05:00", "UTC+2",
    "z", "pst", "cst", "bst", "et", "berlin", "new york", "Europe/Berlin", "@ben", "INC-12", "1", "2", "9", "12", "31", "2026",
    "2027", "10:00", "02:30", "3pm", "9am", "1h30", "45m", "10.12", "5/6", "1st", "3rd", "2026-12-01", "2026-12-01T09:00Z",
    "09:00-10:00", "10-11", "01.12.", "99999", "0", "00:00", "24:00", ",", "’", "“", "\u200b", "\ud83d", "🙂",
)  # fmt: skip
VOCABULARY = sorted(
    {*SEASONING, *words.KNOWN, *words.VAGUE, *words.GONE, *(row.phrase for row in rows() if row.phrase)}
)
SALADS = st.lists(st.sampled_from(VOCABULARY), max_size=7).map(" ".join)
ANYTHING = st.one_of(
    SALADS, SALADS, SALADS, st.text(max_size=40), st.from_regex(r"[0-9apm:./\-+ TZhrnd]{0,20}")
)
NOWS = st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2028, 12, 31))  # noqa: DTZ001
ZONE = st.sampled_from(ZONES).map(ZoneInfo)


def check(answer: Answer, now: datetime, zone: ZoneInfo) -> None:
    if isinstance(answer, Slot):
        start = answer.start.astimezone(UTC)
        assert now < start <= now + YEAR
        assert answer.minutes > 0
        assert str(answer.start.tzinfo) == answer.zone
        assert present.moment(answer)
        assert isinstance(present.document(answer)["start"], str)
    elif isinstance(answer, Ask):
        assert answer.options
        assert answer.code in present.QUESTIONS
        assert len(
            {(option.slot.start.astimezone(UTC), option.slot.zone) for option in answer.options}
        ) == len(answer.options)
        for option in answer.options:
            again = read_when(option.text, now=now, zone=zone)
            assert isinstance(again, Slot), option.text
            assert again.start.astimezone(UTC) == option.slot.start.astimezone(UTC)
            assert (again.zone, again.minutes_given) == (option.slot.zone, option.slot.minutes_given)
            assert present.label(option)
    else:
        assert isinstance(answer, Refused)
        assert answer.clue.code in present.REFUSALS
        assert flat(present.refused(answer.clue)).strip()


@settings(max_examples=2500, deadline=None)
@given(text=ANYTHING, naive=NOWS, zone=ZONE)
def test_a_word_salad_is_never_a_crash_nor_a_meeting_in_the_past(
    text: str, naive: datetime, zone: ZoneInfo
) -> None:
    now = naive.replace(tzinfo=UTC)
    check(read_when(text, now=now, zone=zone), now, zone)


@settings(max_examples=500, deadline=None)
@given(typed=st.lists(st.sampled_from(VOCABULARY), max_size=8), naive=NOWS, zone=ZONE)
def test_the_tail_of_a_review_is_never_a_crash(typed: list[str], naive: datetime, zone: ZoneInfo) -> None:
    now = naive.replace(tzinfo=UTC)
    wish = read_wish(typed, now=now, zone=zone)
    check(wish.when, now, zone)
    assert all(not name.startswith("@") for name in wish.people)


@settings(max_examples=500, deadline=None)
@given(
    naive=NOWS,
    zone=ZONE,
    other=ZONE,
    ahead=st.timedeltas(min_value=timedelta(minutes=2), max_value=YEAR - timedelta(days=1)),
)
def test_a_slot_in_iso_reads_back_as_the_same_moment(
    naive: datetime, zone: ZoneInfo, other: ZoneInfo, ahead: timedelta
) -> None:
    now = naive.replace(tzinfo=UTC)
    start = (now + ahead).replace(second=0, microsecond=0).astimezone(zone)
    for text in (start.isoformat(), start.isoformat(timespec="minutes"), start.astimezone(UTC).isoformat()):
        for own in (zone, other):
            again = read_when(text, now=now, zone=own)
            assert isinstance(again, Slot), text
            assert again.start.astimezone(UTC) == start.astimezone(UTC)
