"""A link that is slow or loses packets says nothing of the service behind it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.errors import HostFailure
from bot.domain.observations import HttpAnswer, ProbeOutcome
from bot.domain.targets import HostSpec
from bot.ports import Limit
from tests.hosts.peers import answers, packets_sent_again, relay, serving, silent
from tests.hosts.stand import Asking, asking, run, script, small, web
from tests.sshd import Sshd, free_port, running_sshd

LAG_S = 0.25


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with running_sshd(tmp_path_factory.mktemp("slow")) as server:
        yield server


@contextmanager
def behind(sshd: Sshd, tmp_path: Path, **link: float) -> Iterator[HostSpec]:
    """Yield a spec that reaches the server through a link with this lag or rate."""
    with relay((sshd.address, sshd.port), **link) as port:
        known = tmp_path / "known_hosts"
        known.write_text(f"[127.0.0.1]:{port} {' '.join(sshd.host_key_line.split()[1:])}\n")
        known.chmod(0o600)
        yield sshd.spec(port=port, known_hosts=str(known))


def ask_over(way: Asking, spec: HostSpec, port: int, *, within: float) -> HttpAnswer:
    with way(spec) as host:
        host.sample(())  # logs in
        sample = host.sample([web(f"http://127.0.0.1:{port}/health", timeout_s=within)])
    assert sample.outcome is ProbeOutcome.OK, sample.reason
    return sample.answers["shop"]


def test_a_service_behind_a_slow_link_is_not_called_silent(way: Asking, sshd: Sshd, tmp_path: Path) -> None:
    """Opening and asking take two round trips, longer than the service may take: it is asked from there instead."""
    with behind(sshd, tmp_path, lag_s=LAG_S) as spec, serving(answers("200 OK")) as port:
        assert ask_over(way, spec, port, within=3 * LAG_S).status == 200


def test_a_silent_service_behind_a_slow_link_is_silent(way: Asking, sshd: Sshd, tmp_path: Path) -> None:
    with behind(sshd, tmp_path, lag_s=LAG_S) as spec, serving(silent) as port:
        assert ask_over(way, spec, port, within=3 * LAG_S).problem == "timeout"


def test_a_silent_service_on_a_good_link_is_asked_once(way: Asking, sshd: Sshd) -> None:
    asked: list[object] = []

    def counted(guest: object) -> None:
        asked.append(guest)
        silent(guest)  # type: ignore[arg-type]

    with serving(counted) as port:
        assert ask_over(way, sshd.spec(), port, within=4.0).problem == "timeout"
    assert len(asked) == 1


def test_what_is_too_much_for_the_link_does_not_clog_it_for_what_follows(sshd: Sshd, tmp_path: Path) -> None:
    """An upload that came to its deadline has megabytes in the socket still: the next script must not queue behind."""
    with behind(sshd, tmp_path, lag_s=0.01, bytes_per_s=60_000) as spec, asking(spec) as host:
        run(host, "true")
        with pytest.raises(HostFailure) as late:
            host.run(script("cat >/dev/null"), (), stdin=bytes(4_000_000), limit=Limit(seconds=3))
        assert late.value.outcome is ProbeOutcome.TIMEOUT
        assert run(host, "echo next", limit=Limit(seconds=15)).stdout == b"next\n"


def test_a_link_that_loses_packets_says_nothing_of_the_service_behind_it(
    way: Asking, sshd: Sshd, tmp_path: Path
) -> None:
    before = packets_sent_again()
    with behind(sshd, tmp_path, loss=0.1) as spec, serving(answers("200 OK")) as port, way(spec) as host:
        assert run(host, "cat", stdin=b"x" * 200_000).stdout == b"x" * 200_000
        assert [small(host).outcome for _ in range(10)] == [ProbeOutcome.OK] * 10
        whole = [host.sample([web(f"http://127.0.0.1:{port}/health", timeout_s=3.0)]) for _ in range(5)]
    assert {(one.outcome, one.answers["shop"].status) for one in whole} == {(ProbeOutcome.OK, 200)}
    assert packets_sent_again() > before


def test_a_host_far_away_works(way: Asking, sshd: Sshd, tmp_path: Path) -> None:
    with behind(sshd, tmp_path, lag_s=0.3) as spec, way(replace(spec, connect_timeout_s=15)) as host:
        assert run(host, "cat", stdin=b"x" * 200_000).stdout == b"x" * 200_000
        assert [small(host).outcome for _ in range(3)] == [ProbeOutcome.OK] * 3


def test_a_host_with_an_address_of_ipv6_works(way: Asking, tmp_path: Path) -> None:
    try:
        free_port("::1")
    except OSError:
        pytest.skip("this machine has no IPv6")
    with (
        serving(answers("200 OK"), address="::1") as port,
        running_sshd(tmp_path, ListenAddress="::1") as server,
        way(server.spec()) as host,
    ):
        assert run(host, "echo six").stdout == b"six\n"
        assert [small(host).outcome for _ in range(2)] == [ProbeOutcome.OK] * 2
        sample = host.sample([web(f"http://[::1]:{port}/health")])
        assert sample.answers["shop"].status == 200
