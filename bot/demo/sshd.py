"""A real OpenSSH server per demo host: loopback, throw-away keys, one account: whoever runs the demo."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from pathlib import Path

from bot.demo.folder import FolderFault

PRIVILEGE_SEPARATION = Path("/run/sshd")
GREETS_WITHIN_S = 20.0


def login() -> str:
    """Return the name of the account that runs this; $LOGNAME may name another one."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError as error:
        raise FolderFault(
            f"user number {os.getuid()} has no name in /etc/passwd, so sshd lets nobody in. "
            "Start the demo as a user that the machine knows."
        ) from error


def needed_programs() -> None:
    """Raise FolderFault, with the line to type, where sshd or ssh-keygen is missing."""
    binary()
    if not shutil.which("ssh-keygen"):
        raise FolderFault("ssh-keygen is missing. Install it: sudo apt-get install -y openssh-client")


def binary() -> str:
    """Return the path of sshd, which is not on an ordinary user's PATH."""
    path = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/usr/local/sbin:/sbin"
    found = shutil.which("sshd", path=path)
    if not found:
        raise FolderFault("sshd is missing. Install it: sudo apt-get install -y openssh-server")
    return found


def make_key(path: Path, comment: str) -> str:
    """Make an ed25519 key without a passphrase; return its public line."""
    argv = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path))
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)
    return path.with_name(f"{path.name}.pub").read_text().strip()


def write_config(folder: Path, host: str, address: str, port: int) -> Path:
    """Write the server's configuration; its one user logs in with the demo's key alone."""
    home = folder / host
    config = folder / "keys" / f"{host}.sshd_config"
    config.write_text(
        "\n".join(
            (
                f"ListenAddress {address}",
                f"Port {port}",
                f"HostKey {_quoted(folder / 'keys' / f'{host}_host_key')}",
                f"AuthorizedKeysFile {_quoted(folder / 'keys' / 'authorized_keys').replace('%', '%%')}",
                "PidFile none",
                "AuthenticationMethods publickey",
                "PasswordAuthentication no",
                "KbdInteractiveAuthentication no",
                "PermitRootLogin prohibit-password",
                f"AllowUsers {login()}",
                f"UsePAM {'yes' if _needs_pam() else 'no'}",
                "StrictModes no",
                "PrintMotd no",
                "X11Forwarding no",
                f"SetEnv HOME={_quoted(home)} HANGBOT_DEMO_HOST={host}",
                "",
            )
        )
    )
    if os.geteuid() == 0:
        PRIVILEGE_SEPARATION.mkdir(mode=0o755, exist_ok=True)
    return config


def _quoted(path: Path) -> str:
    """Return a path as one argument of sshd_config(5), whatever blanks and quotes it holds."""
    return '"{}"'.format(str(path).replace("\\", "\\\\").replace('"', '\\"'))


def wait_for(server: subprocess.Popen[bytes], address: str, port: int, log: Path) -> None:
    """Wait until a server greets; raise FolderFault with its own last words where it ended instead."""
    end = time.monotonic() + GREETS_WITHIN_S
    while server.poll() is None and time.monotonic() < end:
        try:
            with socket.create_connection((address, port), timeout=1.0) as peer:
                if peer.recv(4) == b"SSH-":
                    return
        except OSError:
            time.sleep(0.02)
    reason = (log.read_text(errors="replace").strip().splitlines() or ["it does not greet"])[-1]
    raise FolderFault(f"sshd did not start on {address}, port {port}: {reason}. Its log is {log}")


def _needs_pam() -> bool:
    """Without PAM, sshd(8) refuses an account whose password is locked (`!`), whatever key it shows."""
    if os.geteuid() != 0:
        return False
    rows = (line.split(":") for line in Path("/etc/shadow").read_text().splitlines())
    return any(row[0] == login() and row[1].startswith("!") for row in rows)


def known_host(address: str, port: int, public: str) -> str:
    kind, key = public.split()[:2]
    return f"[{address}]:{port} {kind} {key}\n"


def free_port(*addresses: str) -> int:
    """Return a port that is free on all of the addresses, for now."""
    for _ in range(50):
        with socket.socket() as first:
            first.bind((addresses[0], 0))
            port: int = first.getsockname()[1]
        try:
            for address in addresses:
                with socket.socket() as other:
                    other.bind((address, port))
        except OSError:
            continue
        return port
    raise FolderFault(
        f"no port is free on {', '.join(addresses)}: end some of what listens there and try again"
    )
