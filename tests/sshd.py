"""Real OpenSSH servers on loopback for tests: the current user, throw-away keys, nothing of the machine's own.

with running_sshd(tmp_path, MaxSessions="1") as sshd:
    spec = sshd.spec("web1", services=("shop",))
"""

import getpass
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.domain.targets import HostSpec

BINARY = shutil.which("sshd", path=os.environ.get("PATH", os.defpath) + ":/usr/sbin:/usr/local/sbin:/sbin")
STARTS_WITHIN_S = 20.0
DEFAULTS = {
    "AuthenticationMethods": "publickey",
    "KbdInteractiveAuthentication": "no",
    "LogLevel": "ERROR",
    "MaxStartups": "100",
    "PasswordAuthentication": "no",
    "PermitRootLogin": "prohibit-password",
    "PrintMotd": "no",
    "StrictModes": "no",
    "UseDNS": "no",
    "X11Forwarding": "no",
}


@dataclass(kw_only=True)
class Sshd:
    """A running server. `host_key_line` is its line of a known_hosts file, `known_hosts` a file with just that."""

    address: str
    port: int
    user: str
    key_file: Path
    host_key_line: str
    known_hosts: Path
    config: Path
    log: Path
    process: "subprocess.Popen[bytes]"

    def spec(self, name: str = "web1", **changes: Any) -> HostSpec:
        """Return a host spec that reaches this server; `changes` are fields of HostSpec."""
        fields: dict[str, Any] = {
            "name": name,
            "address": self.address,
            "port": self.port,
            "user": self.user,
            "key_file": str(self.key_file),
            "known_hosts": str(self.known_hosts),
            "connect_timeout_s": 20.0,
            "command_timeout_s": 30.0,
            "sudo": False,
        }
        return HostSpec(**{**fields, **changes})

    def children(self) -> list[int]:
        """Return the pids of all processes below the server, connections first."""
        return [pid for parent in _children(self.process.pid) for pid in (parent, *_descendants(parent))]

    def cut(self) -> None:
        """End every open connection, as a power cut of the link would look to the other end, but at once."""
        for pid in _children(self.process.pid):
            _signal(pid, signal.SIGKILL)

    def leave(self) -> None:
        """Stop listening and cut every connection; what users started goes on, as on a host that is out of reach."""
        connections = _children(self.process.pid)
        self.process.terminate()
        self.process.wait(5)
        for pid in connections:
            _signal(pid, signal.SIGKILL)

    def stop(self) -> None:
        """Stop listening and end every connection; what users started under them ends too."""
        below = self.children()
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)
        for pid in below:
            _signal(pid, signal.SIGKILL)

    def start(self) -> None:
        """Listen again on the same port with the same keys."""
        self.process = _listen(self.config, self.log, self.address, self.port)


@contextmanager
def running_sshd(tmp_path: Path, *, key_type: str = "ed25519", **options: str) -> Iterator[Sshd]:
    """Start a server on a free port of 127.0.0.1, yield it, end it and what hangs below it.

    `options` are those of sshd_config(5), such as `MaxSessions="1"` or `AllowTcpForwarding="no"`; an option named
    `ListenAddress` chooses another loopback address. Skips where sshd is missing.
    """
    if BINARY is None:
        pytest.skip("sshd is missing: apt-get install openssh-server")
    address = options.pop("ListenAddress", "127.0.0.1")
    port = free_port(address)
    folder = Path(os.path.realpath(tmp_path)) / f"sshd-{address}-{port}"
    folder.mkdir(mode=0o700)
    host_key = make_key(folder / "host_key", key_type)
    user_key = make_key(folder / "id_ed25519", "ed25519")
    (folder / "authorized_keys").write_text(user_key + "\n")
    line = " ".join((f"[{address}]:{port}", *host_key.split()[:2]))
    known_hosts = folder / "known_hosts"
    known_hosts.write_text(line + "\n")
    known_hosts.chmod(0o600)
    config = _write_config(folder, address, port, options)
    log = folder / "sshd.log"
    sshd = Sshd(
        address=address,
        port=port,
        user=getpass.getuser(),
        key_file=folder / "id_ed25519",
        host_key_line=line,
        known_hosts=known_hosts,
        config=config,
        log=log,
        process=_listen(config, log, address, port),
    )
    try:
        yield sshd
    finally:
        sshd.stop()


def make_key(path: Path, key_type: str = "ed25519") -> str:
    """Make a key without a passphrase; return its public line."""
    argv = ("ssh-keygen", "-q", "-t", key_type, "-N", "", "-C", "test", "-f", str(path))
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)
    return path.with_name(f"{path.name}.pub").read_text().strip()


def free_port(address: str = "127.0.0.1") -> int:
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.bind((address, 0))
        port: int = probe.getsockname()[1]
        return port


def _write_config(folder: Path, address: str, port: int, options: Mapping[str, str]) -> Path:
    own = {
        "ListenAddress": address,
        "Port": str(port),
        "HostKey": str(folder / "host_key"),
        "AuthorizedKeysFile": str(folder / "authorized_keys"),
        "PidFile": str(folder / "sshd.pid"),
        "SetEnv": f"HOME={folder / 'home'}",  # an account's own .bashrc may take seconds, or wait for a lock
        "UsePAM": "yes" if _locked_account() else "no",
    }
    (folder / "home").mkdir(mode=0o700, exist_ok=True)
    config = folder / "sshd_config"
    config.write_text("".join(f"{key} {value}\n" for key, value in {**DEFAULTS, **own, **options}.items()))
    return config


def _locked_account() -> bool:
    """Without PAM, sshd(8) refuses an account whose password is locked (`!`), whatever key it shows."""
    if os.geteuid() != 0:
        return False
    user = pwd.getpwuid(0).pw_name
    rows = (line.split(":") for line in Path("/etc/shadow").read_text().splitlines())
    return any(row[0] == user and row[1].startswith("!") for row in rows)


def _listen(config: Path, log: Path, address: str, port: int) -> "subprocess.Popen[bytes]":
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    assert BINARY is not None
    with log.open("ab") as output:
        process = subprocess.Popen(
            (BINARY, "-D", "-e", "-f", str(config)), stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with socket.create_connection((address, port), timeout=1.0) as peer:
                if peer.recv(4) == b"SSH-":
                    return process
        except OSError:
            time.sleep(0.02)
    process.kill()
    process.wait(5)
    raise RuntimeError(f"sshd did not start: {log.read_text()}")


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(word) for word in task.read_text().split()]
        except OSError:
            continue
    return found


def _descendants(pid: int) -> list[int]:
    below = []
    for child in _children(pid):
        below += [child, *_descendants(child)]
    return below


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
