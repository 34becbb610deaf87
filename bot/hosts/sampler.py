"""The sampler's binary, as it is uploaded to hosts that have none: pinned, checked before it leaves."""

import hashlib
import platform
import sysconfig
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

PINS = {  # py-spy 0.4.3, as in the wheels on PyPI
    "x86_64": "a41205d4925beafd108e1ace85e66c0a1a7adbfcbebcd4441f07848b608886c0",
    "aarch64": "ad6e22882e8dcaced4f0a76fef10d372645cc7b94c48a289ebe1bedb754774ed",
}


class Samplers(Mapping[str, bytes]):
    """Machine → binary; read when asked for, and only handed out when it is the pinned one.

    The installed package brings the binary of this machine's own architecture.
    """

    def __getitem__(self, machine: str) -> bytes:
        if machine != platform.machine():
            raise KeyError(machine)
        content = _installed().read_bytes()
        if hashlib.sha256(content).hexdigest() != PINS.get(machine):
            raise KeyError(machine)
        return content

    def __iter__(self) -> Iterator[str]:
        return (machine for machine in (platform.machine(),) if machine in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _installed() -> Path:
    try:
        files = distribution("py-spy").files or []
    except PackageNotFoundError:
        files = []
    for file in files:
        if file.name == "py-spy":
            return Path(str(file.locate())).resolve()
    beside = Path(sysconfig.get_path("scripts")) / "py-spy"
    if beside.exists():
        return beside
    raise KeyError(platform.machine())
