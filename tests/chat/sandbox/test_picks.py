"""What a person picks is found as they would say it."""

import pytest

from bot.sandbox.picks import PickError, option

MENU = {
    "type": "static_select",
    "options": [
        {"text": {"type": "plain_text", "text": text}, "value": value}
        for text, value in (
            ("30 m", "30m|alr_1"),
            ("2 h", "2h|alr_1"),
            ("Until tomorrow 9:00", "tomorrow|alr_1"),
        )
    ],
}


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("30m|alr_1", "30m|alr_1"),
        ("30 m", "30m|alr_1"),
        ("2H", "2h|alr_1"),
        ("until tomorrow 9:00", "tomorrow|alr_1"),
    ],
)
def test_an_option_is_found_by_its_value_or_its_words(said: str, value: str) -> None:
    assert option(MENU, said)["value"] == value


@pytest.mark.parametrize("said", ["", "3m", "tomorrow", None])
def test_what_is_not_offered_is_refused_with_what_is(said: str | None) -> None:
    with pytest.raises(PickError, match=r"tomorrow\|alr_1"):
        option(MENU, said)
