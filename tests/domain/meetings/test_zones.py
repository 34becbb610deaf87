"""Zones by their names."""

import pytest

from bot.domain.meetings.zones import named_zone, one_clock


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/BERLIN", "Europe/Berlin"),
        ("berlin", "Europe/Berlin"),
        ("New  York", "America/New_York"),
        ("america/new york", "America/New_York"),
        ("lord_howe", "Australia/Lord_Howe"),
        ("nyc", "America/New_York"),
        ("utc", "UTC"),
    ],
)
def test_a_zone_goes_by_its_name_or_its_city_in_any_case(typed: str, name: str) -> None:
    zone = named_zone(typed)
    assert zone is not None
    assert zone.key == name


@pytest.mark.parametrize(
    "typed", ["", "/", "../../etc/passwd", "Etc/GMT+2", "christmas", "samoa", "Europe", "Europe/", "banana"]
)
def test_what_is_no_zone_or_more_often_something_else_is_none(typed: str) -> None:
    assert named_zone(typed) is None


def test_a_city_counts_only_where_all_zones_of_its_name_show_one_clock() -> None:
    assert one_clock(("Asia/Istanbul", "Europe/Istanbul")) is not None
    assert one_clock(("Europe/Berlin", "America/New_York")) is None
    assert one_clock(()) is None
