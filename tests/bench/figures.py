"""What a benchmark's runs add up to: shares with their intervals, bands of confidence, percentiles."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tests.victims.judging import Judgement

BANDS = ((0.9, 1.01), (0.75, 0.9), (0.6, 0.75))
Z_95 = 1.959964


@dataclass(frozen=True, kw_only=True)
class Run:
    """One look at one program. `cause` is what is true of it, None for an honest one."""

    name: str
    python: str
    busy: bool
    cause: str | None
    judgement: Judgement
    told: str
    wall_s: float
    evidence_bytes: int
    left_as_found: bool
    pause_ms: float


@dataclass(frozen=True, kw_only=True)
class Share:
    """`right` of `of`, with the interval in which the true share lies 95 times of 100 (Wilson, 1927)."""

    right: int
    of: int

    @property
    def interval(self) -> tuple[float, float]:
        if not self.of:
            return 0.0, 1.0
        share, n = self.right / self.of, self.of
        middle = (share + Z_95**2 / (2 * n)) / (1 + Z_95**2 / n)
        half = Z_95 / (1 + Z_95**2 / n) * math.sqrt(share * (1 - share) / n + Z_95**2 / (4 * n * n))
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        if not self.of:
            return "none"
        low, high = self.interval
        return f"{self.right / self.of:6.1%}  ({self.right} of {self.of}; 95 %: {low:.1%} to {high:.1%})"


def share(runs: Iterable[Run], right: Callable[[Run], bool]) -> Share:
    answers = [right(run) for run in runs]
    return Share(right=sum(answers), of=len(answers))


def percentile(values: Sequence[float], of: float) -> float:
    """Return the value that a share of all values does not exceed (nearest rank); 0 of none."""
    if not values:
        return 0.0
    return sorted(values)[max(0, math.ceil(of * len(values)) - 1)]


def calibration(runs: Sequence[Run]) -> list[tuple[str, Share]]:
    """Return each band of confidence, and how much of what was said in it is true."""
    rows = []
    for low, high in BANDS:
        inside = [run for run in runs if low <= run.judgement.confidence < high]
        label = f"{low:g} and more" if high > 1 else f"{low:g} to {high:g}"
        rows.append((label, share(inside, lambda run: run.judgement.right)))
    return rows


def summary(runs: Sequence[Run]) -> list[str]:
    """Return the table, a line each."""
    hung = [run for run in runs if run.cause is not None]
    placed = [run for run in hung if run.judgement.culprit is not None]
    honest = [run for run in runs if run.cause is None]
    wrong = [run for run in runs if run.judgement.confidently_wrong]
    walls = [run.wall_s for run in runs]
    sizes = [run.evidence_bytes for run in runs]
    lines = [
        f"programs                   {len({run.name for run in runs})}, looks {len(runs)}",
        f"cause right                {share(runs, lambda run: run.judgement.cause)}",
        f"  of those that hang       {share(hung, lambda run: run.judgement.cause)}",
        f"  honest ones left alone   {share(honest, lambda run: run.judgement.cause)}",
        f"culprit right              {share(placed, lambda run: bool(run.judgement.culprit))}",
        f"confidently wrong          {len(wrong)}",
        f"left as found              {share(runs, lambda run: run.left_as_found)}",
        f"wall time, s               median {percentile(walls, 0.5):.1f}, worst {max(walls, default=0):.1f}",
        f"evidence, KiB              median {percentile(sizes, 0.5) / 1024:.0f}, worst {max(sizes, default=0) / 1024:.0f}",
        "confidence                 right",
    ]
    lines += [f"  {label:<25}{found}" for label, found in calibration(runs)]
    return lines


def failures(runs: Sequence[Run]) -> list[str]:
    """Return what was not right, the confidently wrong ones first."""
    order = sorted(
        (run for run in runs if not run.judgement.right or not run.left_as_found),
        key=lambda run: (not run.judgement.confidently_wrong, run.name),
    )
    return [
        f"{'WRONG' if run.judgement.confidently_wrong else 'unsure'} {run.name} on {run.python}: "
        f"{run.cause or 'honest'}; {run.told}"
        for run in order
    ]


def matrix(runs: Sequence[Run]) -> list[str]:
    """Return a Markdown table: programs down, Pythons across."""
    versions = list(dict.fromkeys(run.python for run in runs))
    cells: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        cells.setdefault((run.name, run.python), []).append(run)
    lines = [
        "| program | is | " + " | ".join(versions) + " |",
        "|---|---|" + "---|" * len(versions),
    ]
    for name in dict.fromkeys(run.name for run in runs):
        cause = next(run.cause for run in runs if run.name == name)
        row = [_cell(cells.get((name, version), [])) for version in versions]
        lines.append(f"| {name} | {cause or 'honest'} | " + " | ".join(row) + " |")
    return lines


def _cell(runs: Sequence[Run]) -> str:
    if not runs:
        return "–"
    if any(run.judgement.confidently_wrong for run in runs):
        return "**wrong**"
    if all(run.judgement.right for run in runs):
        return "right"
    return "line" if all(run.judgement.cause for run in runs) else "unsure"
