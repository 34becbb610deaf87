"""Which of the changes of the last day may be why a service is no longer well."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.changes import Change, ChangeKind, Changes, Wellness, clues, gathered
from bot.present.changed import sentence

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def config(ago: timedelta, name: str = "/srv/shop/settings.yaml") -> Change:
    return Change(kind=ChangeKind.CONFIG, name=name, at=NOW - ago)


def told(
    *found: Change, bad: timedelta | None = None, good: timedelta | None = None, started: timedelta = 9 * HOUR
) -> list[str]:
    wellness = Wellness(
        bad_since=None if bad is None else NOW - bad, last_good_at=None if good is None else NOW - good
    )
    said = clues(Changes(found=found), wellness, started_at=NOW - started, now=NOW)
    return [sentence(one) for one in said]


def test_a_change_shortly_before_the_silence_is_told() -> None:
    assert told(config(14 * MINUTE), bad=10 * MINUTE) == [
        "settings.yaml changed 4 min before it stopped being well."
    ]


@pytest.mark.parametrize(
    ("ago", "started"),
    [(5 * MINUTE, 9 * HOUR), (3 * HOUR, 9 * HOUR), (5 * HOUR, 4 * HOUR)],
    ids=["after_it_began", "long_before_it_began", "long_run_on_it"],
)
def test_what_cannot_be_why_is_not_told(ago: timedelta, started: timedelta) -> None:
    assert told(config(ago), bad=10 * MINUTE, started=started) == []


def test_an_old_change_that_the_process_was_only_now_started_on_is_told() -> None:
    assert told(config(5 * HOUR), bad=10 * MINUTE, started=15 * MINUTE) == [
        "settings.yaml changed 4 h 50 min before it stopped being well, and it was started on that."
    ]


def test_where_nobody_says_since_when_the_last_hour_and_what_came_after_it_was_well_is_told() -> None:
    assert told(config(20 * MINUTE)) == ["settings.yaml changed 20 min ago."]
    assert told(config(2 * HOUR)) == []
    assert told(config(2 * HOUR), good=3 * HOUR) == [
        "settings.yaml changed 2 h ago, after it was last seen well."
    ]
    assert told(config(2 * HOUR), good=HOUR) == []


def test_two_are_told_at_most_the_nearest_first() -> None:
    found = [config(ago * MINUTE, name=f"/etc/shop/{ago}.conf") for ago in (40, 30, 20)]
    assert [one.split()[0] for one in told(*found, bad=10 * MINUTE)] == ["20.conf", "30.conf"]


def test_many_files_at_once_are_a_deploy() -> None:
    files = [
        Change(kind=ChangeKind.CODE, name=f"/srv/shop/{n}.py", at=NOW - timedelta(seconds=n))
        for n in range(9)
    ]
    (one,) = gathered(files, home="/srv/shop")
    assert (one.kind, one.name, one.count) == (ChangeKind.DEPLOY, "/srv/shop", 9)
    assert told(one, bad=-MINUTE) == ["/srv/shop got 9 new files 1 min before it stopped being well."]


def test_packages_of_one_run_are_told_as_one_and_versions_are_named() -> None:
    moved = [
        Change(kind=ChangeKind.PACKAGE, name=name, at=NOW - timedelta(seconds=at), before="1.1", after="1.2")
        for at, name in ((1, "zlib"), (2, "openssl"))
    ]
    (one,) = gathered(moved)
    assert told(one, bad=-MINUTE) == [
        "Package zlib went from 1.1 to 1.2, with 1 more package, 1 min before it stopped being well."
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": ChangeKind.PACKAGE, "name": "requests", "after": "2.32"}, "Package requests 2.32 was installed"),
        ({"kind": ChangeKind.PACKAGE, "name": "tz", "before": "1"}, "Package tz 1 was removed"),
        ({"kind": ChangeKind.DEPLOY, "name": "/srv/shop", "before": "abc", "after": "def"}, "/srv/shop was moved from abc to def"),
        ({"kind": ChangeKind.CODE, "name": "/srv/shop/a.py", "count": 3}, "a.py, with 2 more files of code, changed"),
        ({"kind": ChangeKind.CONFIG, "name": "/etc/shop.conf", "owner": "shop"}, "shop.conf (of package shop) changed"),
    ],
    ids=["installed", "removed", "moved", "code", "owned"],
)  # fmt: skip
def test_each_kind_has_its_words(change: dict[str, object], words: str) -> None:
    one = Change(at=NOW - MINUTE, **change)  # type: ignore[arg-type]
    assert told(one) == [f"{words} 1 min ago."]
