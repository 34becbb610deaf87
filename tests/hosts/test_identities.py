"""What is offered at a login: keys with a passphrase, certificates, what an agent holds. On real servers and agents."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.observations import ProbeOutcome
from bot.hosts.identities import AGENT_WITHIN_S
from bot.hosts.ssh import SshHost
from bot.hosts.ways import Ways
from tests.clocks import QuietTelemetry, RealClock
from tests.hosts.stand import asking, nothing_left, refused, run
from tests.sshd import Sshd, make_key, running_sshd


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with running_sshd(tmp_path_factory.mktemp("identities"), MaxAuthTries="6") as server:
        yield server


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Path]:
    """A real ssh-agent of its own, holding nothing."""
    path = tmp_path / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(path)], stdout=subprocess.DEVNULL)
    try:
        while not path.exists():
            assert process.poll() is None
        yield path
    finally:
        process.terminate()
        process.wait(5)


def locked(path: Path, key: Path, passphrase: str) -> Path:
    """Copy a key, and give the copy a passphrase."""
    path.write_bytes(key.read_bytes())
    path.chmod(0o600)
    path.with_name(f"{path.name}.pub").write_bytes(key.with_name(f"{key.name}.pub").read_bytes())
    argv = ("ssh-keygen", "-q", "-p", "-P", "", "-N", passphrase, "-f", str(path))
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)
    return path


def hold(agent: Path, *keys: Path) -> None:
    env = {**os.environ, "SSH_AUTH_SOCK": str(agent)}
    subprocess.run(["ssh-add", "-q", *map(str, keys)], check=True, env=env, stdin=subprocess.DEVNULL)


def test_a_key_with_a_passphrase_is_opened_by_the_one_from_the_environment(
    sshd: Sshd, tmp_path: Path
) -> None:
    key = locked(tmp_path / "id", sshd.key_file, "open sesame")
    spec = sshd.spec(key_file=str(key))
    telemetry = QuietTelemetry()
    with nothing_left():
        ways = Ways(passphrase="open sesame")
        for _ in range(2):
            host = SshHost(spec, clock=RealClock(), telemetry=telemetry, ways=ways)
            assert run(host, "echo in").stdout == b"in\n"
            host.close()
        assert [path for path, _, _ in ways.opened] == [str(key)]
        host = SshHost(spec, clock=RealClock(), telemetry=telemetry, ways=Ways(passphrase="wrong"))
        failure = refused(host)
        host.close()
    assert failure.outcome is ProbeOutcome.AUTH_FAILED
    assert "is not opened by $SSH_KEY_PASSPHRASE" in failure.reason
    with asking(spec) as host:
        assert "has a passphrase: give it in $SSH_KEY_PASSPHRASE" in refused(host).reason


def test_an_agent_opens_what_is_locked_in_the_file(sshd: Sshd, tmp_path: Path, agent: Path) -> None:
    key = locked(tmp_path / "id", sshd.key_file, "open sesame")
    hold(agent, sshd.key_file)
    with nothing_left(), asking(sshd.spec(key_file=str(key), agent=str(agent))) as host:
        assert run(host, "echo in").stdout == b"in\n"


def test_of_an_agents_keys_only_ours_are_offered_unless_the_host_takes_any(
    sshd: Sshd, tmp_path: Path, agent: Path
) -> None:
    hold(agent, sshd.key_file)
    bare = {"key_file": None, "agent": str(agent)}
    with asking(sshd.spec(**bare, identities_only=False)) as host:
        assert run(host, "echo in").stdout == b"in\n"
    with asking(sshd.spec(**bare)) as host:
        assert "no key_file in the config, and no key in an ssh-agent" in refused(host).reason


def test_a_host_in_whose_file_stands_a_public_half_is_served_by_the_agent(
    sshd: Sshd, agent: Path, tmp_path: Path
) -> None:
    others = [tmp_path / f"other{number}" for number in range(7)]
    for other in others:
        make_key(other)
    hold(agent, *others, sshd.key_file)
    spec = sshd.spec(key_file=f"{sshd.key_file}.pub", agent=str(agent))
    with asking(spec) as host:
        assert run(host, "echo in").stdout == b"in\n"


def test_an_agent_that_is_gone_or_stuck_is_named(sshd: Sshd, tmp_path: Path, agent: Path) -> None:
    with asking(sshd.spec(key_file=None, agent=str(tmp_path / "none"), identities_only=False)) as host:
        assert "ssh-agent" in refused(host).reason
    found = subprocess.run(["pgrep", "-f", str(agent)], check=True, capture_output=True, text=True)
    pids = [int(word) for word in found.stdout.split()]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        with asking(sshd.spec(key_file=None, agent=str(agent), identities_only=False)) as host:
            failure = refused(host)
        with asking(sshd.spec(agent=str(agent))) as host:  # its own key is enough: nobody waits for the agent
            began = time.monotonic()
            assert run(host, "echo in").stdout == b"in\n"
            assert time.monotonic() - began < AGENT_WITHIN_S
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    assert failure.outcome is ProbeOutcome.AUTH_FAILED
    assert "does not answer" in failure.reason


def test_the_next_identity_is_offered_where_one_is_refused(sshd: Sshd, tmp_path: Path) -> None:
    make_key(tmp_path / "wrong")
    make_key(tmp_path / "worse", "rsa")
    keys = (str(tmp_path / "wrong"), str(tmp_path / "missing"), str(tmp_path / "worse"), str(sshd.key_file))
    with nothing_left(), asking(sshd.spec(key_file=None, identities=keys)) as host:
        assert run(host, "echo in").stdout == b"in\n"
    with asking(sshd.spec(key_file=None, identities=keys[:3])) as host:
        failure = refused(host)
    assert failure.outcome is ProbeOutcome.AUTH_FAILED
    assert "refuses all keys of" in failure.reason
    assert "worse" in failure.reason


def certify(authority: Path, key: Path, *options: str) -> None:
    argv = ("ssh-keygen", "-q", "-s", str(authority), "-I", "test", *options, f"{key}.pub")
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "ecdsa"])
def test_a_certificate_beside_the_key_lets_us_in_where_the_key_alone_does_not(
    tmp_path: Path, kind: str
) -> None:
    make_key(tmp_path / "ca")
    make_key(tmp_path / "id", kind)
    with running_sshd(tmp_path, TrustedUserCAKeys=str(tmp_path / "ca.pub")) as sshd:
        spec = sshd.spec(key_file=str(tmp_path / "id"))
        with asking(spec) as host:
            assert "refuses the key" in refused(host).reason
        certify(tmp_path / "ca", tmp_path / "id", "-n", sshd.user, "-V", "-1h:+1h")
        with asking(spec) as host:
            assert run(host, "echo in").stdout == b"in\n"
        moved = tmp_path / "moved-cert.pub"
        (tmp_path / "id-cert.pub").rename(moved)
        with asking(sshd.spec(key_file=str(tmp_path / "id"), certificates=(str(moved),))) as host:
            assert run(host, "echo in").stdout == b"in\n"


def test_a_certificate_that_has_run_out_is_named(tmp_path: Path) -> None:
    make_key(tmp_path / "ca")
    make_key(tmp_path / "id")
    certify(tmp_path / "ca", tmp_path / "id", "-n", "anybody", "-V", "-2d:-1d")
    with (
        running_sshd(tmp_path, TrustedUserCAKeys=str(tmp_path / "ca.pub")) as sshd,
        asking(sshd.spec(key_file=str(tmp_path / "id"))) as host,
    ):
        failure = refused(host)
    assert failure.outcome is ProbeOutcome.AUTH_FAILED
    assert "its certificate is valid no more since" in failure.reason


# --- certificates of hosts


def host_certificate(folder: Path, sshd: Sshd, *options: str) -> None:
    """Give the server a certificate of its own key, and start it anew with it."""
    key = sshd.config.parent / "host_key"
    argv = ("ssh-keygen", "-q", "-s", str(folder / "ca"), "-I", "host", "-h", *options, f"{key}.pub")
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)
    text = sshd.config.read_text().replace("HostCertificate", "#")
    sshd.config.write_text(f"{text}HostCertificate {key}-cert.pub\n")
    sshd.stop()
    sshd.start()


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "ecdsa"])
def test_a_host_that_a_known_authority_vouches_for_is_known(tmp_path: Path, kind: str) -> None:
    authority = make_key(tmp_path / "ca", kind)
    with running_sshd(tmp_path, key_type=kind) as sshd:
        host_certificate(tmp_path, sshd, "-n", sshd.address, "-V", "-1h:+1h")
        for names in ("*", f"[{sshd.address}]:{sshd.port}", "127.0.0.*"):
            sshd.known_hosts.write_text(f"# ours\n@cert-authority {names} {authority}\n")
            with asking(sshd.spec()) as host:
                assert run(host, "echo in").stdout == b"in\n"
        sshd.known_hosts.write_text(f"@cert-authority *.example.org {authority}\n")
        with asking(sshd.spec()) as host:
            assert refused(host).outcome is ProbeOutcome.HOST_KEY_UNKNOWN


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("-n", "db1", "-V", "-1h:+1h"), "is for db1, not for 127.0.0.1"),
        (("-n", "127.0.0.1", "-V", "-2d:-1d"), "is valid no more since"),
    ],
)
def test_a_certificate_that_does_not_hold_is_refused_with_the_reason(
    tmp_path: Path, options: tuple[str, ...], why: str
) -> None:
    authority = make_key(tmp_path / "ca")
    with running_sshd(tmp_path) as sshd:
        host_certificate(tmp_path, sshd, *options)
        sshd.known_hosts.write_text(f"@cert-authority * {authority}\n")
        with asking(sshd.spec()) as host:
            failure = refused(host)
    assert failure.outcome is ProbeOutcome.HOST_KEY_UNKNOWN
    assert why in failure.reason


def test_an_authority_that_is_revoked_or_unknown_vouches_for_nobody(tmp_path: Path) -> None:
    authority, other = make_key(tmp_path / "ca"), make_key(tmp_path / "other")
    with running_sshd(tmp_path) as sshd:
        host_certificate(tmp_path, sshd, "-n", sshd.address, "-V", "-1h:+1h")
        sshd.known_hosts.write_text(f"@cert-authority * {other}\n")
        with asking(sshd.spec()) as host:
            assert refused(host).outcome is ProbeOutcome.HOST_KEY_UNKNOWN
        sshd.known_hosts.write_text(f"@cert-authority * {authority}\n@revoked * {authority}\n")
        with asking(sshd.spec()) as host:
            assert "revoked" in refused(host).reason


def test_names_are_read_hashed_and_from_the_files_that_people_keep(tmp_path: Path) -> None:
    with running_sshd(tmp_path) as sshd:
        theirs = tmp_path / "theirs"
        theirs.write_text(sshd.host_key_line + "\n")
        argv = ("ssh-keygen", "-q", "-H", "-f", str(theirs))
        subprocess.run(argv, check=True, capture_output=True)
        assert sshd.address not in theirs.read_text()
        sshd.known_hosts.unlink()
        with asking(sshd.spec()) as host:
            assert refused(host).outcome is ProbeOutcome.HOST_KEY_UNKNOWN
        with asking(sshd.spec(also_known=(str(theirs), str(tmp_path / "missing")))) as host:
            assert run(host, "echo in").stdout == b"in\n"
        theirs.write_text(f"web-one {' '.join(sshd.host_key_line.split()[1:])}\n")
        with asking(sshd.spec(also_known=(str(theirs),), key_alias="web-one")) as host:
            assert run(host, "echo in").stdout == b"in\n"
