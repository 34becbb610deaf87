"""The grammar of `when:`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.expressions import ExpressionError, compile_expression

METRICS = {
    "load1": 8.0,
    "cores": 4.0,
    "cpu_busy_ratio": 0.5,
    "mem_available_bytes": 4 * 2.0**30,
    "uptime_seconds": 90.0,
}


def truth(text: str) -> bool | None:
    return compile_expression(text).truth(METRICS.get)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("load1 > 4", True),
        ("load1 / cores > 2", False),
        ("load1 / cores >= 2", True),
        ("load1 - 2 * cores == 0", True),
        ("(load1 - 2) * cores == 24", True),
        ("8 - load1 - 1 == -1", True),  # from the left
        ("load1 / 2 / 2 == 2", True),
        ("4 < load1 < 9", True),
        ("4 < load1 < 8", False),
        ("-load1 < --2", True),
        ("not load1 > 4", False),
        ("not load1 > 4 or cores == 4", True),
        ("load1 > 4 or load1 > 9 and load1 > 9", True),  # `and` binds closer
        ("not (load1 > 9 or cores > 9)", True),
        ("cpu_busy_ratio == 50%", True),
        ("mem_available_bytes < 5GiB", True),
        ("mem_available_bytes > 4GB", True),
        ("uptime_seconds == 1.5m", True),
        ("uptime_seconds < 1h", True),
    ],
)
def test_it_reckons_and_compares_as_people_expect(text: str, expected: bool) -> None:
    assert truth(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("psi_cpu_some_avg10 > 60", None),
        ("load1 + psi_cpu_some_avg10 > 0", None),
        ("not psi_cpu_some_avg10 > 60", None),
        ("psi_cpu_some_avg10 > 60 and load1 > 9", False),
        ("psi_cpu_some_avg10 > 60 and load1 > 4", None),
        ("psi_cpu_some_avg10 > 60 or load1 > 4", True),
        ("psi_cpu_some_avg10 > 60 or load1 > 9", None),
        ("9 < load1 < psi_cpu_some_avg10", False),
        ("load1 / (cores - 4) > 1", None),
        ("load1 / (cores - 4) > 1 or load1 > 4", True),
        ("load1 * 1e300 * 1e300 > 0", None),
    ],
)
def test_what_was_not_read_is_unknown_unless_the_rest_decides(text: str, expected: bool | None) -> None:
    assert truth(text) is expected


@pytest.mark.parametrize(
    ("text", "position", "part"),
    [
        ("load11 > 3", 0, "unknown metric `load11`; did you mean load1?"),
        ("load1 > 3 and service.answer > 1", 14, "did you mean service.answer_ms?"),
        ("load1 > 3 and zzz > 1", 14, "known are load1"),
        ("load1", 0, "compare it"),
        ("load1 and cores", 0, "compare it"),
        ("", 0, "too early"),
        ("load1 >", 7, "too early"),
        ("(load1 > 3", 10, "`)`"),
        ("load1 > 3)", 9, "did not expect `)`"),
        ("load1 = 3", 6, "write `==`"),
        ("load1 > 3 & cores > 1", 10, "write `and`"),
        ("load1 > 5parsecs", 9, "unknown unit `parsecs`"),
        ("load1 > (cores > 2)", 8, "cannot be reckoned"),
        ("1 < 2", 0, "no metric"),
        ("__import__('os') > 1", 11, "did not expect `'`"),
        ("load1.__class__ > 1", 0, "unknown metric"),
        ("load1 > 1e999", 8, "too large"),
        ("(" * 60 + "load1 > 1", 41, "too deep"),
        ("load1 > 1" + " " * 600, 500, "longer"),
    ],
)
def test_an_error_says_what_is_wrong_and_where(text: str, position: int, part: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text)
    assert part in caught.value.message
    assert caught.value.position == position


@given(
    st.text(alphabet="load1 cores.<>=!()+-*/andornt%5GiBse_'\"\\\n\x00", max_size=60) | st.text(max_size=60)
)
def test_any_text_compiles_or_is_refused_and_never_crashes(text: str) -> None:
    try:
        found = compile_expression(text)
    except ExpressionError as error:
        found = error
    if isinstance(found, ExpressionError):
        assert 0 <= found.position <= len(text)
    else:
        assert found.truth(METRICS.get) in (True, False, None)
        assert found.truth(lambda _: None) in (True, False, None)


def test_it_knows_which_metrics_it_looks_at() -> None:
    expression = compile_expression("service.answer_ms > 2000 and load1 > load1 / cores")
    assert expression.names == ("service.answer_ms", "load1", "cores")
    assert expression.about_service
