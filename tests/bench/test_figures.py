"""The benchmark's sums are checked by hand-made runs: what it prints is believed."""

import pytest

from tests.bench.figures import Run, Share, calibration, failures, matrix, percentile, summary
from tests.victims.judging import Judgement


def run(**changes: object) -> Run:
    judgement = Judgement(
        cause=bool(changes.pop("cause_right", True)),
        culprit=changes.pop("culprit", True),  # type: ignore[arg-type]
        confidently_wrong=bool(changes.pop("wrong", False)),
        confidence=float(changes.pop("confidence", 0.9)),  # type: ignore[arg-type]
    )
    fields: dict[str, object] = {
        "name": "pool4", "python": "3.11", "busy": False, "cause": "pool_exhausted", "told": "hung",
        "wall_s": 2.0, "evidence_bytes": 4096, "left_as_found": True, "pause_ms": 4.0,
    }  # fmt: skip
    return Run(judgement=judgement, **{**fields, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("right", "of", "low", "high"), [(10, 10, 0.722, 1.0), (95, 100, 0.888, 0.978), (0, 10, 0.0, 0.278)]
)
def test_an_interval_is_that_of_wilson(right: int, of: int, low: float, high: float) -> None:
    assert Share(right=right, of=of).interval == pytest.approx((low, high), abs=0.001)


def test_nothing_looked_at_says_nothing() -> None:
    assert str(Share(right=0, of=0)) == "none"
    assert percentile([], 0.95) == 0.0


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile([5.0, 1.0, 3.0, 2.0, 4.0], 0.5) == 3.0
    assert percentile([float(number) for number in range(1, 101)], 0.95) == 95.0


def test_honest_programs_and_those_without_a_place_do_not_count_for_the_culprit() -> None:
    runs = [run(), run(culprit=False), run(culprit=None), run(cause=None, culprit=None)]
    assert "culprit right               50.0%  (1 of 2" in "\n".join(summary(runs))


def test_what_is_said_in_a_band_is_right_only_with_its_line() -> None:
    runs = [run(), run(culprit=False), run(confidence=0.8), run(confidence=0.3, cause_right=False)]
    rows = dict(calibration(runs))
    assert (rows["0.9 and more"].right, rows["0.9 and more"].of) == (1, 2)
    assert (rows["0.75 to 0.9"].right, rows["0.75 to 0.9"].of) == (1, 1)
    assert rows["0.6 to 0.75"].of == 0


def test_the_confidently_wrong_are_told_first() -> None:
    runs = [run(name="a", cause_right=False), run(name="b", cause_right=False, wrong=True), run(name="c")]
    assert [line.split()[:2] for line in failures(runs)] == [["WRONG", "b"], ["unsure", "a"]]


def test_a_matrix_has_a_cell_for_each_python() -> None:
    runs = [
        run(),
        run(python="3.8", cause_right=False),
        run(name="idle", cause=None, python="3.8", wrong=True),
    ]
    assert matrix(runs)[2:] == [
        "| pool4 | pool_exhausted | right | unsure |",
        "| idle | honest | – | **wrong** |",
    ]
