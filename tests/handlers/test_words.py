"""What people type on a phone at 4 AM, and what the verbs make of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import BadArgument
from handlers.arguments import duration_s, parse


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("inspect web1", ("inspect", ("web1",))),
        ("  INSPECT   web1\tshop ", ("inspect", ("web1", "shop"))),
        ("/hang inspect web1", ("inspect", ("web1",))),
        ("inspect “web1”", ("inspect", ("web1",))),
        ("inspect ‘web1’", ("inspect", ("web1",))),
        ("inspect web1 —pid 12", ("inspect", ("web1", "--pid", "12"))),
        ("inspect web1 –pid=12", ("inspect", ("web1", "--pid=12"))),
        ("inspect <http://web1.example.org|web1.example.org>", ("inspect", ("web1.example.org",))),
        ("inspect <https://web1.example.org/>", ("inspect", ("web1.example.org",))),
        ("ack <@U024BE7LH|ana>", ("ack", ("@U024BE7LH",))),
        ("ack <#C024BE7LH|ops>", ("ack", ("#C024BE7LH",))),
        ("inspect web\u200b1", ("inspect", ("web1",))),
        ("inspect\u00a0web1", ("inspect", ("web1",))),
        ("inspect ｗｅｂ１", ("inspect", ("web1",))),
        ("silence web1 2h a &lt; b &amp; c", ("silence", ("web1", "2h", "a", "<", "b", "&", "c"))),
        ("", ("", ())),
        ("/hang", ("", ())),
        ("   ", ("", ())),
        ("inspect web1\x00\x1b[31m", ("inspect", ("web1[31m",))),
    ],
)
def test_typed_words_are_read_as_they_are_meant(typed: str, meant: tuple[str, tuple[str, ...]]) -> None:
    assert parse(typed) == meant


def test_a_line_longer_than_any_command_is_refused() -> None:
    with pytest.raises(BadArgument) as refused:
        parse("inspect " + "x" * 8000)
    assert refused.value.facts["length"] == "8008"


@given(st.text(max_size=300))
def test_no_text_of_any_kind_breaks_the_reading(text: str) -> None:
    verb, args = parse(text)
    assert verb == verb.lower()
    assert all(word and not any(c.isspace() for c in word) for word in args)


@pytest.mark.parametrize(
    ("word", "seconds"),
    [
        ("30s", 30),
        ("30m", 1800),
        ("2h", 7200),
        ("1h30m", 5400),
        ("1d", 86400),
        ("2H", 7200),
        ("1.5h", 5400),
        ("45min", 2700),
        ("2hours", 7200),
        ("1hr", 3600),
        ("90sec", 90),
        ("10minutes", 600),
        ("1day", 86400),
    ],
)
def test_a_duration_is_read(word: str, seconds: float) -> None:
    assert duration_s(word) == seconds


@pytest.mark.parametrize("word", ["", "2", "h", "2 h", "-2h", "2h!", "2ho", "3month", "web1", "1e9h", "٢h"])
def test_what_is_no_duration_is_not_taken_for_one(word: str) -> None:
    assert duration_s(word) is None
