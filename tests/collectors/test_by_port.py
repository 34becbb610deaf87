"""A service of which the config tells an address alone is found by who listens at its port."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import collectors
from bot.collectors import NoProcess
from bot.domain.evidence import Evidence
from bot.domain.targets import HttpCheck, ServiceSpec
from tests.clocks import RealClock
from tests.collectors.shells import MARK, PY_SPY, ShellHost
from tests.sshd import free_port

SERVER = "import http.server as s; it = s.HTTPServer(({host!r}, {port}), s.BaseHTTPRequestHandler); print('ready', flush=True); it.serve_forever()"


@pytest.fixture(params=["127.0.0.1", "::1"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[int, int]]:
    """Run a server; yield its port and its pid."""
    port = free_port()
    family = (
        "import socket, http.server; http.server.HTTPServer.address_family = socket.AF_INET6; "
        if ":" in request.param
        else ""
    )
    argv = (sys.executable, "-c", family + SERVER.format(host=request.param, port=port))
    with subprocess.Popen(argv, cwd=tmp_path, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            yield port, process.pid
        finally:
            process.kill()


def look(service: ServiceSpec) -> Evidence:
    return collectors.collect(
        ShellHost(), service, pid=None, mark=MARK, at=RealClock().now(), sampler=str(PY_SPY)
    )


def at(port: int, **more: str) -> ServiceSpec:
    return ServiceSpec(name="shop", http=HttpCheck(url=f"http://127.0.0.1:{port}/health"), **more)


def test_who_listens_at_the_port_is_looked_at(server: tuple[int, int]) -> None:
    port, pid = server
    assert look(at(port)).process.pid == pid


def test_a_name_that_nothing_goes_by_is_not_mended_by_a_port(server: tuple[int, int]) -> None:
    with pytest.raises(NoProcess):
        look(at(server[0], process="no-such-program"))


def test_a_port_where_nobody_listens_has_no_process() -> None:
    with pytest.raises(NoProcess):
        look(at(free_port()))


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("http://a/", 80),
        ("https://a/x", 443),
        ("http://[::1]:8000/", 8000),
        ("http://a:99999/", None),
        ("ftp://a/", None),
    ],
)
def test_the_port_of_a_url(url: str, port: int | None) -> None:
    assert HttpCheck(url=url).port == port
