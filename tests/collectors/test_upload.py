"""The sampler is brought along, checked there, used, and taken away without a trace."""

import os
import time
from hashlib import sha256
from pathlib import Path

import pytest

from bot import collectors
from bot.domain.errors import HostFailure
from bot.domain.targets import HostSpec, Transport
from bot.hosts.local import LocalHost
from tests.clocks import QuietTelemetry, RealClock
from tests.collectors.shells import MARK, PY_SPY, ShellHost, codes, look, running, without

PLACES = ("/dev/shm", "/tmp", "/var/tmp", "/run", str(Path.home()), f"/run/user/{os.getuid()}")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="takes root: to mount")


def left_behind() -> set[str]:
    return {
        str(path)
        for place in PLACES
        if Path(place).is_dir()
        for path in Path(place).iterdir()
        if path.name.startswith("hangbot.")
    }


def nothing_new_stays(before: set[str]) -> bool:
    """Wait until nothing is left that was not there before: other tests bring samplers along meanwhile."""
    end = time.monotonic() + 20
    while not left_behind() <= before and time.monotonic() < end:
        time.sleep(0.1)
    return left_behind() <= before


@pytest.fixture(scope="module")
def binary() -> bytes:
    return PY_SPY.read_bytes()


def local() -> LocalHost:
    spec = HostSpec(name="here", transport=Transport.LOCAL, sudo=False)
    return LocalHost(spec, clock=RealClock(), telemetry=QuietTelemetry())


def test_an_uploaded_sampler_works_and_leaves_no_trace(binary: bytes) -> None:
    before = left_behind()
    path = collectors.upload(local(), binary, sha256(binary).hexdigest())
    folder = Path(path).parent
    assert folder.stat().st_mode & 0o777 == 0o700
    assert Path(path).stat().st_mode & 0o077 == 0
    try:
        with running("sleeper") as pid:
            evidence = look(pid, sampler=path)
    finally:
        collectors.remove(local(), path)
    assert evidence.dumps
    assert not folder.exists()
    assert nothing_new_stays(before)


def test_a_host_without_a_sampler_says_just_that_so_that_one_is_brought() -> None:
    host = ShellHost(env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nowhere"})
    with running("sleeper") as pid:
        evidence = collectors.collect(host, None, pid=pid, mark=MARK, at=RealClock().now(), early=True)
    assert evidence.process.pid == pid
    assert "no_sampler" in codes(evidence)
    assert "process_changed" not in codes(evidence)


def test_a_sampler_that_arrives_changed_is_refused_and_removed(binary: bytes) -> None:
    before = left_behind()
    with pytest.raises(HostFailure, match="checksum"):
        collectors.upload(local(), binary[:-1] + b"x", sha256(binary).hexdigest())
    assert nothing_new_stays(before)


@as_root
def test_where_tmp_is_noexec_another_place_is_taken(binary: bytes) -> None:
    mounts = [f"mount -t tmpfs -o noexec none {place}" for place in ("/tmp", "/dev/shm")]
    path = collectors.upload(ShellHost(prefix=without(*mounts)), binary, sha256(binary).hexdigest())
    try:
        assert not path.startswith(("/tmp/", "/dev/shm/"))
        assert Path(path).exists()
    finally:
        collectors.remove(local(), path)
    assert not Path(path).parent.exists()


@as_root
def test_where_every_place_is_noexec_it_says_so_and_leaves_nothing(binary: bytes) -> None:
    mounts = [
        f"mount -t tmpfs -o noexec none {place}"
        for place in ("/tmp", "/dev/shm", "/var/tmp", "/run")
        if Path(place).is_dir()
    ]
    host = ShellHost(prefix=without(*mounts), env={"PATH": "/usr/bin:/bin:/usr/sbin", "HOME": "/tmp"})
    before = left_behind()
    with pytest.raises(HostFailure, match="noexec"):
        collectors.upload(host, binary, sha256(binary).hexdigest())
    assert nothing_new_stays(before)


def test_only_what_was_uploaded_is_ever_removed(tmp_path: Path) -> None:
    precious = tmp_path / "py-spy"
    precious.write_text("mine")
    collectors.remove(local(), str(precious))
    assert precious.exists()
