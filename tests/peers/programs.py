"""The programs of others that ours is laid beside: from Debian's packages, unpacked into a folder and not installed.

`deploy/test` unpacks them (`need_unpacked` in deploy/environment.sh); what the machine has in its path serves as well.
"""

import os
import shutil
from pathlib import Path

import pytest

UNPACKED = Path(__file__).resolve().parents[2] / ".tools" / "peers"
FOLDERS = [
    str(UNPACKED / "usr/bin"),
    str(UNPACKED / "usr/sbin"),
    os.environ.get("PATH", os.defpath),
    "/usr/sbin",
]


def program(name: str, package: str) -> Path:
    """Return a peer's program; a test without it is skipped, and says how to have it."""
    found = shutil.which(name, path=os.pathsep.join(FOLDERS))
    if found is None:
        pytest.skip(f"{name} is missing: apt-get install {package}")
    return Path(found)
