"""What every host must keep, whatever is between it and us."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.domain.checks import Talk
from bot.domain.errors import HostFailure
from bot.domain.observations import ProbeOutcome
from bot.domain.targets import HostSpec, HttpCheck, ServiceSpec, Transport
from bot.hosts.local import LocalHost
from bot.hosts.ssh import SshHost
from bot.ports import Completed, Host, Limit, Script
from bot.probes import observe
from tests.clocks import QuietTelemetry, RealClock
from tests.dropbear import running_dropbear
from tests.hosts import peers
from tests.hosts.stand import looping
from tests.sshd import running_sshd

READINGS = {
    "load1", "cores", "cpu_busy_ratio", "mem_total_bytes", "mem_available_bytes", "swap_total_bytes", "swap_used_bytes",
    "uptime_seconds", "disk_used_ratio", "inodes_used_ratio", "disk_free_bytes", "disk_total_bytes", "procs_blocked",
}  # fmt: skip


@pytest.fixture(scope="module", params=["local", "ssh", "loop", "dropbear", "loop dropbear"])
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    telemetry = QuietTelemetry()
    if request.param == "local":
        spec = HostSpec(name="here", transport=Transport.LOCAL)
        yield LocalHost(spec, clock=RealClock(), telemetry=telemetry)
    else:
        with serving_ssh(tmp_path_factory.mktemp("contract"), request.param) as spec:
            if request.param.startswith("loop"):
                with looping(spec, telemetry) as resident:
                    yield resident
            else:
                over_ssh = SshHost(spec, clock=RealClock(), telemetry=telemetry)
                yield over_ssh
                over_ssh.close()
    assert telemetry.failures == []


@contextmanager
def serving_ssh(where: Path, how: str) -> Iterator[HostSpec]:
    if how.endswith("dropbear"):
        with running_dropbear(where) as spec:
            yield spec
    else:
        with running_sshd(where) as sshd:
            yield sshd.spec()


def run(
    host: Host, text: str, *args: str, stdin: bytes = b"", seconds: float = 30.0, most: int = 1_000_000
) -> Completed:
    script = Script(name="test", version=1, text=text)
    return host.run(script, args, stdin=stdin, limit=Limit(seconds=seconds, bytes=most))


def test_output_complaints_and_exit_are_told_apart(host: Host) -> None:
    done = run(host, "echo out; echo err >&2; exit 7")
    assert (done.stdout, done.stderr, done.exit, done.truncated) == (b"out\n", b"err\n", 7, False)
    assert 0 < done.duration_s < 30


def test_arguments_are_words_and_never_shell(host: Host) -> None:
    odd = ["", "a b", "'", '"', "$(id)", "`id`", "!", "\\", "--", "*", "a\nb", "é"]
    done = run(host, """for one; do printf '%s\\036' "$one"; done""", *odd)
    assert done.stdout.decode().split("\x1e")[:-1] == odd


def test_input_reaches_the_script_and_ends(host: Host) -> None:
    assert run(host, "cat", stdin=b"x" * 300_000).stdout == b"x" * 300_000
    assert run(host, "cat").stdout == b""


def test_an_end_by_a_signal_is_no_success(host: Host) -> None:
    assert run(host, "kill -KILL $$").exit != 0


def test_a_deadline_is_kept(host: Host) -> None:
    for text in ("sleep 300", "while :; do echo x; sleep 0.1; done"):
        began = time.monotonic()
        with pytest.raises(HostFailure) as late:
            run(host, text, seconds=1.5)
        assert late.value.outcome is ProbeOutcome.TIMEOUT
        assert time.monotonic() - began < 12


def test_a_flood_is_cut_and_says_so(host: Host) -> None:
    for text in ("yes", "yes >&2", "yes & yes >&2"):
        done = run(host, text, most=100_000)
        assert done.truncated
        assert done.exit is None
        assert len(done.stdout) + len(done.stderr) <= 100_000


def test_exactly_as_much_as_allowed_is_whole(host: Host) -> None:
    done = run(host, "head -c 50000 /dev/zero", most=50_000)
    assert (done.truncated, done.exit, len(done.stdout)) == (False, 0, 50_000)
    assert run(host, "head -c 50001 /dev/zero", most=50_000).truncated


def test_many_threads_may_ask_at_once(host: Host) -> None:
    run(host, "true")
    with ThreadPoolExecutor(6) as pool:
        done = [pool.submit(run, host, "echo $1; sleep 0.2", str(number)) for number in range(6)]
    assert [one.result().stdout for one in done] == [f"{number}\n".encode() for number in range(6)]


def test_a_sample_has_what_the_contract_names(host: Host) -> None:
    sample = host.sample(())
    assert sample.outcome is ProbeOutcome.OK, sample.reason
    assert sample.host == host.spec.name
    assert abs((RealClock().now() - sample.at).total_seconds()) < 60
    assert sample.duration_ms > 0
    metrics = observe(sample, (), previous=None).metrics
    assert metrics.keys() >= READINGS
    disks = metrics["disk_used_ratio"]
    assert not isinstance(disks, float)
    assert 0 <= disks["/"] <= 1


@pytest.mark.parametrize(
    ("speak", "status", "problem"),
    [
        (peers.answers("200 OK"), 200, None),
        (peers.answers("301 Moved"), 301, None),
        (peers.answers("503 Busy"), 503, None),
        (peers.endless_body, 200, None),
        (peers.silent, None, "timeout"),
        (peers.drips, None, "timeout"),
        (peers.answers_rubbish, None, "malformed"),
        (peers.hangs_up, None, "reset"),
    ],
)
def test_a_health_url_is_asked_on_the_host(
    host: Host, speak: peers.Speak, status: int | None, problem: str | None
) -> None:
    host.sample(())
    with peers.serving(speak) as port:
        url = f"http://127.0.0.1:{port}/health"
        answer = host.sample([ServiceSpec(name="shop", http=HttpCheck(url=url, timeout_s=3.0))]).answers[
            "shop"
        ]
    assert (answer.status, answer.problem) == (status, problem)


def test_a_port_where_nobody_listens_is_refused(host: Host) -> None:
    with peers.serving(peers.closes) as port:
        pass
    shop = ServiceSpec(name="shop", http=HttpCheck(url=f"http://127.0.0.1:{port}/", timeout_s=3.0))
    assert host.sample([shop]).answers["shop"].problem == "refused"


@pytest.mark.parametrize(
    ("speak", "heard", "problem"),
    [
        (peers.answers("200 OK"), b"HTTP/1.1 200 OK", ""),
        (peers.silent, b"", "timeout"),
        (peers.drips, b"", "timeout"),
        (peers.hangs_up, b"", "reset"),
    ],
)
def test_a_short_talk_with_an_address_there(
    host: Host, speak: peers.Speak, heard: bytes, problem: str
) -> None:
    with peers.serving(speak) as port:
        wanted = Talk(
            address=("127.0.0.1", port),
            within_s=2.0,
            request=b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            enough=lambda text: b"\r\n\r\n" in text,
        )
        reply = host.talk(wanted)
    assert (reply.text[: len(heard)], reply.problem) == (heard, problem)
    assert reply.took_ms < 8000


def test_a_talk_with_nobody_is_refused(host: Host) -> None:
    with peers.serving(peers.closes) as port:
        pass
    assert host.talk(Talk(address=("127.0.0.1", port), within_s=3.0)).problem == "refused"
