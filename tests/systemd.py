"""A host with a real systemd and a real sshd for tests: in namespaces of its own, over this machine's own files.

with running_host(tmp_path) as machine:
    spec = machine.spec("web1", services=("shop",))
    machine.unit("app", "[Service]\\nExecStart=…")
    machine.do("systemctl", "start", "app.service")

Its root is this machine's, read-only, under a tmpfs; it sees nothing of the machine's processes, network and control
groups, and starts none of its units: only what a test writes. Needs root, overlayfs and control groups of version 2.
The home of its root is empty: the machine's own .bashrc could wait for a lock in a folder that cannot be written.
Nothing of the machine's /dev is bind-mounted: a guest's chmod of /dev/null would be the machine's.
"""

import itertools
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.domain.targets import HostSpec
from tests.sshd import BINARY as SSHD
from tests.sshd import make_key

INIT = Path("/lib/systemd/systemd")
NEEDED = ("unshare", "nsenter", "ip", "setpriv", "mknod", "ssh-keygen", "dbus-daemon", "systemctl")
STARTS_WITHIN_S = 60.0
ENDS_WITHIN_S = 30.0
LEFT_BEHIND_S = 3600.0
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENVIRONMENT = ("env", "-i", "HOME=/root", "LANG=C.UTF-8", f"PATH={PATH}")
PROBE_UID = 61234
ROOM = itertools.count(1)

BOOT = r"""
set -e
folder=$1
root=$folder/root
mount --make-rprivate /
mount -t tmpfs -o size=64m,mode=755 disk "$folder/disk"
mkdir "$folder/disk/upper" "$folder/disk/work"
cp -a "$folder/files/." "$folder/disk/upper/"
mount -t overlay -o "lowerdir=/,upperdir=$folder/disk/upper,workdir=$folder/disk/work" overlay "$root"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount --bind "$folder/boot_id" "$root/proc/sys/kernel/random/boot_id"
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$root/sys"
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 "$root/sys/fs/cgroup"
for place in run tmp; do mount -t tmpfs -o mode=755,nosuid,nodev,size=32m "$place" "$root/$place"; done
chmod 1777 "$root/tmp"
mount -t tmpfs -o mode=700,nosuid,size=8m home "$root/root"
mount -t tmpfs -o mode=755,nosuid,size=1m dev "$root/dev"
for node in null:3 zero:5 full:7 random:8 urandom:9; do mknod -m 666 "$root/dev/${node%:*}" c 1 "${node#*:}"; done
mkdir "$root/dev/pts" "$root/dev/shm" "$root/run/sshd"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
cd "$root"
mkdir run/outside
pivot_root . run/outside
exec env -i container=hangbot-test PATH="$2" sh -c 'umount -l /run/outside; rmdir /run/outside
exec setpriv --bounding-set=-sys_time,-sys_module,-sys_rawio --inh-caps=-sys_time,-sys_module,-sys_rawio \
  /lib/systemd/systemd --system --unit=ready.target --log-target=null --show-status=no'
"""
UNITS = {
    "ready.target": "[Unit]\nDefaultDependencies=no\nRequires=bus.service ssh.service dbus.socket\nAfter=dbus.socket\n",
    "dbus.socket": "[Unit]\nDefaultDependencies=no\n[Socket]\nListenStream=/run/dbus/system_bus_socket\n",
    "dbus.service": "[Unit]\nDefaultDependencies=no\nRequires=dbus.socket\n[Service]\nStandardOutput=null\n"
    "ExecStart=/usr/bin/dbus-daemon --system --address=systemd: --nofork --nopidfile --systemd-activation\n",
    "ssh.service": "[Unit]\nDefaultDependencies=no\n[Service]\nStandardOutput=null\nStandardError=null\n"
    "ExecStart=/usr/sbin/sshd -D -f /etc/ssh/test_config\nKillMode=process\n",
    "bus.service": "[Unit]\nDefaultDependencies=no\nRequires=dbus.service\nAfter=dbus.service\n[Service]\n"
    "Type=oneshot\nRemainAfterExit=yes\nStandardOutput=null\nExecStart=/bin/true\n",
}


@dataclass(kw_only=True)
class Machine:
    """A running host. `cut` drops what is sent to it, without a word, until `heal`."""

    folder: Path
    group: Path
    address: str
    gateway: str
    link: str
    process: "subprocess.Popen[bytes]"

    def spec(self, name: str = "web1", **changes: Any) -> HostSpec:
        """Return a host spec that reaches it as root; `user="probe"`: as somebody who may nothing."""
        fields: dict[str, Any] = {
            "name": name,
            "address": self.address,
            "user": "root",
            "key_file": str(self.folder / "key"),
            "known_hosts": str(self.folder / "known_hosts"),
            "connect_timeout_s": 5.0,
        }
        return HostSpec(**{**fields, **changes})

    def do(self, *argv: str, check: bool = True) -> str:
        """Run a command in it as its root, past SSH."""
        inside = ("nsenter", "--target", str(self._init()), "--all", "--", *ENVIRONMENT)
        done = subprocess.run((*inside, *argv), capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, f"{argv}: {done.stderr}"
        return done.stdout

    def write(self, path: str, text: str) -> None:
        """Write a file of it."""
        self.do("sh", "-c", 'mkdir -p "${1%/*}" && printf %s "$2" >"$1"', "write", path, text)

    def unit(self, name: str, text: str) -> None:
        """Write a unit of it; `text` may begin with its [Service]."""
        whole = f"[Unit]\nDefaultDependencies=no\n{text}"
        self.write(f"/etc/systemd/system/{name}.service", whole)
        self.do("systemctl", "daemon-reload")

    def show(self, unit: str, *properties: str) -> list[str]:
        words = [word for name in properties for word in ("-p", name)]
        rows = dict(row.split("=", 1) for row in self.do("systemctl", "show", *words, unit).splitlines())
        return [rows[name] for name in properties]

    def cut(self) -> None:
        self._network("ip", "link", "set", "eth0", "down")

    def heal(self) -> None:
        self._network("ip", "link", "set", "eth0", "up")
        self._network("ip", "route", "replace", "default", "via", self.gateway)

    def _network(self, *argv: str) -> None:
        _sh("nsenter", "--target", str(self.process.pid), "--net", "--", *argv)

    def _init(self) -> int:
        for pid in _members(self.group / "init.scope"):
            return pid
        raise AssertionError("systemd does not run there")


def why_not() -> str:
    """Return why such a host cannot be had here, empty where it can."""
    if os.geteuid() != 0:
        return "needs root"
    if not INIT.exists() or SSHD is None:
        return "systemd or sshd is missing"
    missing = [
        name for name in NEEDED if shutil.which(name, path=f"{os.environ.get('PATH', '')}:{PATH}") is None
    ]
    if missing:
        return f"missing: {', '.join(missing)}"
    if "overlay" not in Path("/proc/filesystems").read_text():
        return "the kernel has no overlayfs"
    tree = _unified()
    if tree is None:
        return "control groups of version 2 are not mounted"
    return _forbidden(tree)


@cache
def _forbidden(tree: Path) -> str:
    """Return what a root that is none, such as a plain container's, may not do; tried, since no flag tells."""
    group = tree / f"hangbot-test-{os.getpid()}"
    try:
        group.mkdir()
        group.rmdir()
    except OSError as error:
        return f"no control group can be made: {error.strerror}"
    spaces = ("--net", "--pid", "--mount", "--uts", "--ipc", "--cgroup", "--fork")
    trial = "mount --make-rprivate / && mount -t tmpfs trial /tmp && mkdir /tmp/root && mount -t proc proc /tmp/root && mknod /tmp/null c 1 3"
    done = subprocess.run(
        ("unshare", *spaces, "sh", "-c", trial), capture_output=True, text=True, check=False
    )
    return f"namespaces are not allowed: {done.stderr.strip()}" if done.returncode else ""


@contextmanager
def running_host(where: Path) -> Iterator[Machine]:
    """Boot a host, wait until its sshd greets, yield it, end all of it. Skips where that is not possible."""
    if reason := why_not():
        pytest.skip(f"no systemd of our own: {reason}")
    number = f"{os.getpid() % 10_000}x{next(ROOM)}"
    folder = where / f"machine-{number}"
    tree = _unified()
    assert tree is not None
    _sweep(tree)
    group = tree / f"hangbot-test-{number}"
    group.mkdir()
    try:
        machine = _boot(folder, group, number)
        try:
            _wait(lambda: _greets(machine), "its sshd", machine)
            yield machine
        finally:
            _end(machine)
    finally:
        _remove(group)


def _boot(folder: Path, group: Path, number: str) -> Machine:
    low = (os.getpid() * 7 + int(number.partition("x")[2])) % 16_000
    base = f"10.232.{low // 64}"
    gateway, address = (f"{base}.{4 * (low % 64) + one}" for one in (1, 2))
    for place in ("files", "disk", "root"):
        (folder / place).mkdir(parents=True)
    _write_files(folder, address)
    (folder / "boot_id").write_text(Path("/proc/sys/kernel/random/uuid").read_text())
    (folder / "boot.sh").write_text(BOOT)
    join = 'echo $$ >"$0/cgroup.procs"; exec "$@"'
    spaces = ("--net", "--pid", "--mount", "--uts", "--ipc", "--cgroup", "--fork", "--kill-child")
    boot = ("sh", str(folder / "boot.sh"), str(folder), PATH)
    argv = ("sh", "-c", join, str(group), "unshare", *spaces, "--", *boot)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    link = f"hbt{number}"
    machine = Machine(
        folder=folder, group=group, address=address, gateway=gateway, link=link, process=process
    )
    _wait(lambda: _network_of(process.pid) != _network_of("self"), "it", machine)
    _sh("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", str(process.pid))
    _sh("ip", "addr", "add", f"{gateway}/30", "dev", link)
    _sh("ip", "link", "set", link, "up")
    machine._network("ip", "link", "set", "lo", "up")
    machine._network("ip", "addr", "add", f"{address}/30", "dev", "eth0")
    machine.heal()
    return machine


def _network_of(pid: int | str) -> str:
    return str(Path(f"/proc/{pid}/ns/net").readlink())


def _write_files(folder: Path, address: str) -> None:
    files = folder / "files"
    units = files / "etc/systemd/system"
    units.mkdir(parents=True)
    for name, text in UNITS.items():
        (units / name).write_text(text)
    ssh = files / "etc/ssh"
    ssh.mkdir()
    host_key = make_key(ssh / "test_host_key")
    user_key = make_key(folder / "key")
    (ssh / "test_keys").write_text(f"{user_key}\n")
    (ssh / "test_config").write_text(
        "HostKey /etc/ssh/test_host_key\nAuthorizedKeysFile /etc/ssh/test_keys\nPidFile none\nUsePAM no\n"
        "PermitRootLogin prohibit-password\nPasswordAuthentication no\nStrictModes no\nUseDNS no\n"
    )
    accounts = {"passwd": f"probe:x:{PROBE_UID}:{PROBE_UID}::/tmp:/bin/sh", "shadow": "probe:*:19000::::::",
                "group": f"probe:x:{PROBE_UID}:"}  # fmt: skip
    for name, row in accounts.items():
        known = Path(f"/etc/{name}").read_text()
        if name == "shadow":
            known = "".join(line for line in known.splitlines(True) if not line.startswith("root:"))
            known = f"root:*:19000::::::\n{known}"
        (files / "etc" / name).write_text(f"{known}{row}\n")
        (files / "etc" / name).chmod(0o640 if name == "shadow" else 0o644)
    (folder / "known_hosts").write_text(f"{address} {' '.join(host_key.split()[:2])}\n")
    (folder / "known_hosts").chmod(0o600)


def _greets(machine: Machine) -> bool:
    try:
        with socket.create_connection((machine.address, 22), 1) as peer:
            peer.settimeout(1)
            return peer.recv(4) == b"SSH-"
    except OSError:
        return False


def _end(machine: Machine) -> None:
    (machine.group / "cgroup.kill").write_text("1")
    machine.process.wait(ENDS_WITHIN_S)
    subprocess.run(("ip", "link", "del", machine.link), check=False, capture_output=True)


def _sweep(tree: Path) -> None:
    """Remove groups that a run which was killed left behind: nobody is in them, and they are old."""
    for group in tree.glob("hangbot-test-*"):
        with suppress(OSError):
            age = time.time() - group.stat().st_mtime
            if age > LEFT_BEHIND_S and "populated 0" in (group / "cgroup.events").read_text():
                _remove(group)


def _remove(group: Path) -> None:
    end = time.monotonic() + ENDS_WITHIN_S
    for folder, _, _ in os.walk(group, topdown=False):
        while True:
            try:
                Path(folder).rmdir()
                break
            except FileNotFoundError:
                break
            except OSError:
                assert time.monotonic() < end, f"{folder} cannot be removed"
                time.sleep(0.02)


def _unified() -> Path | None:
    places = (Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup"))
    return next((place for place in places if (place / "cgroup.controllers").exists()), None)


def _members(group: Path) -> list[int]:
    try:
        return [int(word) for word in (group / "cgroup.procs").read_text().split()]
    except OSError:
        return []


def _wait(true: Any, what: str, machine: Machine) -> None:
    end = time.monotonic() + STARTS_WITHIN_S
    while not true():
        log = (machine.folder / "log").read_text(errors="replace")
        assert machine.process.poll() is None, f"it ended: {log}"
        assert time.monotonic() < end, f"{what}: not within {STARTS_WITHIN_S:g} s: {log}"
        time.sleep(0.05)


def _sh(*argv: str) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{argv}: {done.stderr}"
