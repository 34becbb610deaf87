"""Host keys as `hangbot trust` shows and enrols them."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.errors import HostFailure
from bot.domain.observations import ProbeOutcome
from bot.hosts import trust
from tests.hosts import peers
from tests.hosts.stand import asking, nothing_left, run
from tests.sshd import free_port, make_key, running_sshd


def test_every_type_of_key_is_shown_and_what_is_enrolled_lets_us_in(tmp_path: Path) -> None:
    rsa = make_key(tmp_path / "rsa", "rsa")
    with running_sshd(tmp_path) as sshd:
        sshd.config.write_text(sshd.config.read_text() + f"HostKey {tmp_path / 'rsa'}\n")
        sshd.stop()
        sshd.start()
        spec = sshd.spec(known_hosts=str(tmp_path / "new" / "known_hosts"))
        with nothing_left():
            keys = trust.scan(spec, timeout_s=20.0)
        assert [key.type for key in keys] == ["ssh-ed25519", "ssh-rsa"]
        assert keys[0].line == sshd.host_key_line
        assert keys[1].line.split()[1:] == rsa.split()[:2]
        trust.enrol(spec, keys)
        file = Path(str(spec.known_hosts))
        assert file.stat().st_mode & 0o777 == 0o600
        before = file.read_text()
        trust.enrol(spec, keys)
        assert file.read_text() == before
        with asking(spec) as host:
            assert run(host, "echo in").stdout == b"in\n"


def test_another_key_of_a_known_type_is_never_put_in_its_place(tmp_path: Path) -> None:
    with running_sshd(tmp_path) as sshd:
        known = tmp_path / "known_hosts"
        old = f"[{sshd.address}]:{sshd.port} {' '.join(make_key(tmp_path / 'old').split()[:2])}\n"
        known.write_text(old)
        known.chmod(0o600)
        spec = sshd.spec(known_hosts=str(known))
        with pytest.raises(HostFailure, match="ssh-keygen") as refused:
            trust.enrol(spec, trust.scan(spec, timeout_s=20.0))
        assert refused.value.outcome is ProbeOutcome.HOST_KEY_CHANGED
        assert known.read_text() == old


def test_a_revoked_key_is_not_enrolled(tmp_path: Path) -> None:
    with running_sshd(tmp_path) as sshd:
        known = tmp_path / "known_hosts"
        known.write_text(f"@revoked {sshd.host_key_line}\n")
        known.chmod(0o600)
        spec = sshd.spec(known_hosts=str(known))
        with pytest.raises(HostFailure, match="revoked"):
            trust.enrol(spec, trust.scan(spec, timeout_s=20.0))


def test_other_lines_stay_as_they_are(tmp_path: Path) -> None:
    with running_sshd(tmp_path) as sshd:
        known = tmp_path / "known_hosts"
        known.write_bytes(b"# ours \xff\nother ssh-ed25519 AAAA")
        known.chmod(0o600)
        spec = sshd.spec(known_hosts=str(known))
        trust.enrol(spec, trust.scan(spec, timeout_s=20.0))
        expected = b"# ours \xff\nother ssh-ed25519 AAAA\n" + sshd.host_key_line.encode() + b"\n"
        assert known.read_bytes() == expected


def test_where_nobody_shows_a_key_it_is_an_outcome(tmp_path: Path) -> None:
    with running_sshd(tmp_path) as sshd, peers.serving(peers.silent) as port:
        for spec, outcome in (
            (sshd.spec(port=port), ProbeOutcome.TIMEOUT),
            (replace(sshd.spec(), port=free_port()), ProbeOutcome.UNREACHABLE),
        ):
            with nothing_left(), pytest.raises(HostFailure) as failure:
                trust.scan(spec, timeout_s=2.0)
            assert failure.value.outcome is outcome
