"""CPU: the share of busy and waiting time between two looks at /proc/stat, and how many cores there are."""

from collections.abc import Mapping

Sections = Mapping[str, str]
IDLE, IOWAIT, COUNTED = (
    3,
    4,
    8,
)  # user nice system idle iowait irq softirq steal; guest times are in user already


def parse(sections: Sections) -> dict[str, float]:
    """Return `cores`, and `cpu_busy_ratio` and `cpu_iowait_ratio` (0…1) where there are two looks."""
    found: dict[str, float] = {}
    cores = sections.get("cores", "").split()
    if cores and cores[0].isdecimal():
        found["cores"] = float(cores[0])
    before = _ticks(sections.get("cpu_before") or sections.get("cpu", ""))
    after = _ticks(sections.get("cpu_again") or sections.get("cpu", ""))
    spent = [later - earlier for earlier, later in zip(before, after, strict=False)]
    total = sum(spent)
    if len(spent) == COUNTED and total > 0 and min(spent) >= 0:
        found["cpu_busy_ratio"] = round(1 - (spent[IDLE] + spent[IOWAIT]) / total, 4)
        found["cpu_iowait_ratio"] = round(spent[IOWAIT] / total, 4)
    return found


def _ticks(line: str) -> list[int]:
    words = line.split()[1 : 1 + COUNTED]
    return [int(word) for word in words] if all(word.isdecimal() for word in words) else []
