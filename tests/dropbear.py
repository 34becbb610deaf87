"""A real dropbear on loopback for tests: in a mount namespace of its own, where the home of root is empty but for its key.

with running_dropbear(tmp_path) as spec: …   # a HostSpec
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.domain.targets import HostSpec
from tests.sshd import free_port, make_key

STARTS_WITHIN_S = 20.0
INSIDE = r"""
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=700,size=8m home "$HOME"
mkdir -m 700 "$HOME/.ssh"
cat "$1/id.pub" >"$HOME/.ssh/authorized_keys"
chmod 600 "$HOME/.ssh/authorized_keys"
exec dropbear -F -E -s -r "$1/host_key" -p "127.0.0.1:$2" -P "$1/pid"
"""


@contextmanager
def running_dropbear(where: Path) -> Iterator[HostSpec]:
    """Run a server; skip the test where it is missing, or where no mount namespace can be made."""
    if shutil.which("dropbear", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin") is None:
        pytest.skip("dropbear is missing: apt-get install dropbear-bin")
    if os.geteuid() != 0:
        pytest.skip("a home of its own for root needs root")
    folder = where / "dropbear"
    folder.mkdir()
    make_key(folder / "id")
    subprocess.run(
        ["dropbearkey", "-t", "ed25519", "-f", str(folder / "host_key")], check=True, capture_output=True
    )
    shown = subprocess.run(
        ["dropbearkey", "-y", "-f", str(folder / "host_key")], check=True, capture_output=True, text=True
    )
    line = next(row for row in shown.stdout.splitlines() if row.startswith("ssh-"))
    port = free_port()
    known = folder / "known_hosts"
    known.write_text(f"[127.0.0.1]:{port} {' '.join(line.split()[:2])}\n")
    known.chmod(0o600)
    env = {"HOME": "/root", "PATH": f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"}
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            ("unshare", "--mount", "sh", "-c", INSIDE, "sh", str(folder), str(port)),
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env,
        )  # fmt: skip
    try:
        end = time.monotonic() + STARTS_WITHIN_S
        while not _greets(port):
            if process.poll() is not None or time.monotonic() > end:
                pytest.skip(f"dropbear does not start here: {(folder / 'log').read_text()[-200:]}")
            time.sleep(0.05)
        yield HostSpec(
            name="box",
            address="127.0.0.1",
            port=port,
            user="root",
            key_file=str(folder / "id"),
            known_hosts=str(known),
            connect_timeout_s=20.0,
            sudo=False,
        )
    finally:
        process.terminate()
        process.wait(10)


def _greets(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as peer:
            return peer.recv(4) == b"SSH-"
    except OSError:
        return False
