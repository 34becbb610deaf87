"""Pressure stall information: the share of the last 10 s (in percent) in which tasks waited (docs.kernel.org/accounting/psi.html)."""

import re
from collections.abc import Mapping

ROW = re.compile(r"^(cpu|memory|io):(some|full) avg10=([\d.]+)", re.MULTILINE)
WANTED = {
    "cpu_some",
    "memory_some",
    "memory_full",
    "io_some",
    "io_full",
}  # `full` means nothing for the CPU of a host


def parse(sections: Mapping[str, str]) -> dict[str, float]:
    """Return `psi_cpu_some_avg10` and the like; nothing on kernels without PSI."""
    rows = ROW.findall(sections.get("psi", ""))
    return {
        f"psi_{what}_{kind}_avg10": float(value) for what, kind, value in rows if f"{what}_{kind}" in WANTED
    }
