"""Memory and swap, from /proc/meminfo."""

from collections.abc import Mapping

KIB = 1024.0


def parse(sections: Mapping[str, str]) -> dict[str, float]:
    """Return bytes in all, available (kernels before 3.14 do not say) and of swap."""
    kib: dict[str, float] = {}
    for line in sections.get("meminfo", "").splitlines():
        name, _, rest = line.partition(":")
        words = rest.split()
        if words and words[0].isdecimal():
            kib[name] = float(words[0])
    found = {}
    for metric, name in (
        ("mem_total_bytes", "MemTotal"),
        ("mem_available_bytes", "MemAvailable"),
        ("swap_total_bytes", "SwapTotal"),
    ):
        if name in kib:
            found[metric] = kib[name] * KIB
    if "SwapTotal" in kib and "SwapFree" in kib:
        found["swap_used_bytes"] = (kib["SwapTotal"] - kib["SwapFree"]) * KIB
    return found
