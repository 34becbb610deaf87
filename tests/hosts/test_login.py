"""Who is let in, who turns us away, and what is said of it."""

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.observations import ProbeOutcome
from tests.hosts.stand import asking, nothing_left, refused, run
from tests.sshd import Sshd, free_port, make_key, running_sshd

SHORT_S = 3.0


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with running_sshd(tmp_path_factory.mktemp("login")) as server:
        yield server


def test_a_known_host_lets_us_in(sshd: Sshd) -> None:
    with nothing_left(), asking(sshd.spec()) as host:
        assert run(host, "echo $1; echo there >&2; exit 3", "here").stdout == b"here\n"
        assert host.connected
        assert not host.sample(()).reason
    assert not host.connected


# --- host keys


def test_an_unknown_host_key_is_named_and_nothing_is_sent(sshd: Sshd, tmp_path: Path) -> None:
    (empty := tmp_path / "known_hosts").touch(0o600)
    for path in (empty, tmp_path / "missing"):
        with asking(sshd.spec(known_hosts=str(path))) as host:
            failure = refused(host)
        assert failure.outcome is ProbeOutcome.HOST_KEY_UNKNOWN
        assert "hangbot trust web1" in failure.reason
    assert empty.read_text() == ""


def test_a_changed_host_key_is_refused_and_the_file_stays_as_it_is(sshd: Sshd, tmp_path: Path) -> None:
    other = make_key(tmp_path / "other").split()[:2]
    known = tmp_path / "known_hosts"
    known.write_text(f"[{sshd.address}]:{sshd.port} {' '.join(other)}\n")
    known.chmod(0o600)
    before = known.read_text()
    with nothing_left(), asking(sshd.spec(known_hosts=str(known))) as host:
        sample = host.sample(())
    assert sample.outcome is ProbeOutcome.HOST_KEY_CHANGED
    assert "SHA256:" in sample.reason
    assert known.read_text() == before


def test_a_host_that_shows_a_type_that_is_not_known_has_not_changed_by_having_more_keys(
    sshd: Sshd, tmp_path: Path
) -> None:
    """Asked without preference, the server would show its ed25519 key first."""
    rsa = make_key(tmp_path / "rsa", "rsa")
    with running_sshd(tmp_path) as both:
        both.config.write_text(both.config.read_text() + f"HostKey {tmp_path / 'rsa'}\n")
        both.stop()
        both.start()
        both.known_hosts.write_text(f"[{both.address}]:{both.port} {' '.join(rsa.split()[:2])}\n")
        with asking(both.spec()) as host:
            assert run(host, "echo in").stdout == b"in\n"


def test_a_revoked_key_is_refused_even_where_it_is_known_too(sshd: Sshd, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    known.write_text(f"{sshd.host_key_line}\n@revoked * {' '.join(sshd.host_key_line.split()[1:])}\n")
    known.chmod(0o600)
    with asking(sshd.spec(known_hosts=str(known))) as host:
        failure = refused(host)
    assert failure.outcome is ProbeOutcome.HOST_KEY_CHANGED
    assert "revoked" in failure.reason


def test_lines_that_cannot_be_read_do_not_hide_the_others(sshd: Sshd, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    odd = "# note\n\nrubbish\n@cert-authority *.example.org ssh-ed25519 AAAA\n[x]:22 ssh-ed25519 %%%\n|1|a|b ssh-rsa AAAA\n"
    known.write_text(odd + sshd.host_key_line + "\n")
    known.chmod(0o600)
    with asking(sshd.spec(known_hosts=str(known))) as host:
        assert run(host, "echo in").stdout == b"in\n"


def test_a_known_hosts_file_that_others_can_write_is_not_believed(sshd: Sshd, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    known.write_text(sshd.host_key_line + "\n")
    known.chmod(0o666)
    with asking(sshd.spec(known_hosts=str(known))) as host:
        assert "chmod 600" in refused(host).reason


# --- our own key


def test_a_key_that_the_host_does_not_take_is_a_refused_login(sshd: Sshd, tmp_path: Path) -> None:
    make_key(tmp_path / "stranger")
    with nothing_left(), asking(sshd.spec(key_file=str(tmp_path / "stranger"))) as host:
        failure = refused(host)
    assert failure.outcome is ProbeOutcome.AUTH_FAILED
    assert sshd.user in failure.reason


def test_rounds_do_not_knock_again_after_a_refused_login_but_a_person_may(sshd: Sshd, tmp_path: Path) -> None:
    """Else the account is locked by us, or fail2ban bans the bot."""
    make_key(tmp_path / "stranger")
    with asking(sshd.spec(key_file=str(tmp_path / "stranger"))) as host:
        assert host.sample(()).outcome is ProbeOutcome.AUTH_FAILED
        sshd.stop()
        try:
            assert host.sample(()).outcome is ProbeOutcome.AUTH_FAILED
            assert refused(host).outcome is ProbeOutcome.UNREACHABLE
        finally:
            sshd.start()


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_key_file_that_others_can_read_is_not_used(sshd: Sshd, tmp_path: Path, mode: int) -> None:
    key = tmp_path / "key"
    key.write_bytes(sshd.key_file.read_bytes())
    key.chmod(mode)
    with asking(sshd.spec(key_file=str(key))) as host:
        failure = refused(host)
    assert failure.outcome is ProbeOutcome.AUTH_FAILED
    assert f"chmod 600 {key}" in failure.reason


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "does not exist"), (b"", "no private key"), (b"ssh-ed25519 AAAA me\n", "no private key")],
)
def test_a_key_file_that_is_none_is_said_plainly(
    sshd: Sshd, tmp_path: Path, content: bytes | None, said: str
) -> None:
    key = tmp_path / "key"
    if content is not None:
        key.write_bytes(content)
        key.chmod(0o600)
    with asking(sshd.spec(key_file=str(key))) as host:
        failure = refused(host)
    assert failure.outcome is ProbeOutcome.AUTH_FAILED
    assert said in failure.reason


def test_a_key_file_that_is_a_folder_or_missing_in_the_config_is_said_plainly(
    sshd: Sshd, tmp_path: Path
) -> None:
    (tmp_path / "keys").mkdir(0o700)
    for wrong in (str(tmp_path / "keys"), None):
        with asking(sshd.spec(key_file=wrong)) as host:
            assert refused(host).outcome is ProbeOutcome.AUTH_FAILED


def test_a_key_with_a_passphrase_is_said_to_have_one(sshd: Sshd, tmp_path: Path) -> None:
    key = tmp_path / "locked"
    os.spawnlp(os.P_WAIT, "ssh-keygen", "ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", str(key))
    with asking(sshd.spec(key_file=str(key))) as host:
        assert "passphrase" in refused(host).reason


# --- nobody there, or too busy


def test_a_refused_port_is_unreachable_at_once(sshd: Sshd) -> None:
    began = time.monotonic()
    with nothing_left(), asking(sshd.spec(port=free_port())) as host:
        sample = host.sample(())
    assert (sample.outcome, sample.reason) == (ProbeOutcome.UNREACHABLE, "connection refused")
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "name", ["no-such-host.invalid", "not a name", "a" * 80 + ".invalid", "☃.invalid", ".."]
)
def test_a_name_that_cannot_be_looked_up_is_unreachable(sshd: Sshd, name: str) -> None:
    with asking(sshd.spec(address=name, connect_timeout_s=SHORT_S)) as host:
        sample = host.sample(())
    assert sample.outcome in (ProbeOutcome.UNREACHABLE, ProbeOutcome.HOST_KEY_UNKNOWN, ProbeOutcome.TIMEOUT)
    assert sample.reason


def test_a_black_hole_ends_at_the_deadline(sshd: Sshd, tmp_path: Path) -> None:
    """A listener whose queue is full takes no further connection, as a firewall that drops."""
    del tmp_path
    with socket.socket() as hole:
        hole.bind(("127.0.0.1", 0))
        hole.listen(0)
        port = hole.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)), socket.socket() as second:
            second.setblocking(False)
            second.connect_ex(("127.0.0.1", port))
            known = f"[{sshd.address}]:{port} {' '.join(sshd.host_key_line.split()[1:])}\n"
            (file := sshd.config.with_name("known_hole")).write_text(known)
            file.chmod(0o600)
            began = time.monotonic()
            with asking(sshd.spec(port=port, connect_timeout_s=SHORT_S, known_hosts=str(file))) as host:
                sample = host.sample(())
            assert sample.outcome is ProbeOutcome.TIMEOUT
            assert SHORT_S - 0.5 < time.monotonic() - began < SHORT_S + 5


def test_a_host_with_too_many_logins_is_busy_and_asked_again(tmp_path: Path) -> None:
    with running_sshd(tmp_path, MaxStartups="1", LoginGraceTime="30") as busy:
        time.sleep(0.2)
        with socket.create_connection((busy.address, busy.port)) as waiting:
            waiting.recv(4)
            with nothing_left(), asking(busy.spec(connect_timeout_s=8.0)) as host:
                sample = host.sample(())
            assert sample.outcome is ProbeOutcome.ERROR
            assert sample.reason.startswith("busy: ")
        with asking(busy.spec()) as host:
            assert host.sample(()).outcome is ProbeOutcome.OK


def test_a_server_that_wants_more_than_a_key_says_so(tmp_path: Path) -> None:
    with running_sshd(
        tmp_path, AuthenticationMethods="publickey,password", PasswordAuthentication="yes"
    ) as more:
        with asking(more.spec()) as host:
            failure = refused(host)
        assert failure.outcome is ProbeOutcome.AUTH_FAILED
        assert "password" in failure.reason
