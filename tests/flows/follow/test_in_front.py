"""nginx and Apache in front of a server that hangs: whom they wait for, on which requests, and the line behind."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from bot.domain.diagnosis import Cause, Inspection, Verdict
from bot.domain.targets import HttpCheck, ServiceSpec, Target
from bot.flows import inspect
from bot.ports import Store
from tests.flows.follow.servers import folder, serving, wanted
from tests.flows.follow.stage import PROGRAMS, because, fleet_of, program, until
from tests.flows.follow.test_http import FETCHES, silent
from tests.postgres import free_port

HOSTS = {"web1": "127.0.0.6", "api1": "127.0.0.2"}
NGINX = """daemon off; user root; worker_processes 2; pid {where}/pid; error_log {where}/error.log;
events {{ worker_connections 64; }}
http {{ access_log off; client_body_temp_path {where}/body; proxy_temp_path {where}/proxy; fastcgi_temp_path {where}/fastcgi;
  uwsgi_temp_path {where}/uwsgi; scgi_temp_path {where}/scgi;
  server {{ listen 127.0.0.6:{port}; location / {{ proxy_pass {behind}; proxy_read_timeout 600s; }} location = /here {{ return 200 "ok"; }} }} }}
"""
APACHE = """ServerRoot {where}
PidFile {where}/pid
ErrorLog {where}/error.log
ServerName here
DefaultRuntimeDir {where}
Listen 127.0.0.6:{port}
User www-data
Group www-data
{modules}
StartServers 2
ServerLimit 2
ThreadsPerChild 8
MaxRequestWorkers 16
ExtendedStatus On
<Location /server-status>
  SetHandler server-status
  Require local
</Location>
ProxyPass /server-status !
ProxyPass / {behind}
ProxyTimeout 600
"""
MODULES = ("mpm_event", "authz_core", "authz_host", "status", "proxy", "proxy_http")
CLIENTS = 3


@contextmanager
def nginx(behind: str) -> Iterator[int]:
    """Run an nginx in front of a URL; yield its port."""
    binary, port = wanted("nginx", "nginx"), free_port()
    with folder() as where:
        config = where / "nginx.conf"
        config.write_text(NGINX.format(where=where, port=port, behind=behind.rstrip("/")))
        with serving((binary, "-c", str(config), "-e", str(where / "error.log")), where / "log"):
            yield port


@contextmanager
def apache(behind: str) -> Iterator[int]:
    binary, port = wanted("apache2", "apache2"), free_port()
    with folder() as where:
        where.chmod(0o755)
        modules = "\n".join(
            f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in MODULES
        )
        config = where / "apache.conf"
        config.write_text(APACHE.format(where=where, port=port, behind=behind, modules=modules))
        with serving((binary, "-D", "FOREGROUND", "-f", str(config)), where / "log"):
            yield port


@contextmanager
def hung(servers: ExitStack) -> Iterator[str]:
    """Run an application that answers nobody: it asks a bank that never accepts. Yield its URL."""
    port = free_port()
    url = servers.enter_context(silent())
    servers.enter_context(program("gateway", "127.0.0.2", str(port), url))
    yield f"http://127.0.0.2:{port}/"


def asking(port: int, path: str) -> socket.socket:
    def reached() -> socket.socket | None:
        try:
            return socket.create_connection(("127.0.0.6", port), timeout=30)
        except OSError:
            return None

    until(lambda: (one := reached()) and one.close() is None)
    client = reached()
    assert client is not None
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
    return client


def look(store: Store, port: int, front: str, behind: int = 0) -> Inspection:
    services = {
        "front": ServiceSpec(name="front", process=front, http=HttpCheck(url=f"http://127.0.0.6:{port}/")),
        "shop": ServiceSpec(
            name="shop", process="gateway.py 127.0.0.2", http=HttpCheck(url=f"http://127.0.0.2:{behind}/")
        ),
    }
    fleet = fleet_of(store, HOSTS, services)
    return inspect.inspect(Target(host="web1", service="front"), fleet, asked_by_person=True)


@pytest.mark.root
@pytest.mark.parametrize("front", ["nginx", "apache2"])
def test_who_stands_in_front_leads_to_the_line_behind(store: Store, front: str) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(hung(stack))
        behind = int(url.rstrip("/").rpartition(":")[2])
        port = stack.enter_context((nginx if front == "nginx" else apache)(url))
        for _ in range(CLIENTS):
            stack.enter_context(asking(port, "/basket?card=4111111"))
        time.sleep(2.6)
        found = look(store, port, "nginx:" if front == "nginx" else "apache2 ", behind)
    said = because(found)
    finding = found.diagnosis.findings[0]
    assert found.diagnosis.verdict is Verdict.HUNG, said
    assert finding.cause is Cause.BLOCKED_NETWORK
    assert said[0].startswith(f"3 requests of {front} to 127.0.0.2:{behind} have had no answer, for")
    assert said[1].startswith("3 of its clients wait, for")
    if front == "apache2":
        assert said[2] == "3 of its workers are busy, 12 are free"
        assert said[3].startswith("GET /basket: 3 times, for")
    assert f"waits for api1:{behind} shop" in said
    assert any(f"stands in `Gateway.fetch`, {PROGRAMS / 'gateway.py'} line {FETCHES}" in one for one in said)
    assert "4111111" not in str(found)


@pytest.mark.root
@pytest.mark.parametrize("front", ["nginx", "apache2"])
def test_who_stands_in_front_and_has_nothing_to_do_is_not_blamed(store: Store, front: str) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(hung(stack))
        port = stack.enter_context((nginx if front == "nginx" else apache)(url))
        path = "/here" if front == "nginx" else "/server-status?auto"
        client = stack.enter_context(asking(port, path))
        assert client.recv(100)
        time.sleep(0.6)
        found = look(store, port, "nginx:" if front == "nginx" else "apache2 ")
    assert found.diagnosis.verdict is not Verdict.HUNG, because(found)


@pytest.mark.root
def test_one_request_alone_may_be_a_long_poll(store: Store) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(hung(stack))
        port = stack.enter_context(nginx(url))
        stack.enter_context(asking(port, "/news"))
        time.sleep(2.6)
        found = look(store, port, "nginx:")
    assert found.diagnosis.verdict is Verdict.UNKNOWN
    assert found.diagnosis.findings[0].cause is Cause.BLOCKED_NETWORK


@pytest.mark.root
def test_a_socket_with_a_path_is_followed_too(store: Store) -> None:
    with ExitStack() as stack:
        where = stack.enter_context(folder())
        path = where / "app.sock"
        stack.enter_context(program("at_a_path", str(path)))
        path.chmod(0o777)
        port = stack.enter_context(nginx(f"http://unix:{path}:"))
        for _ in range(CLIENTS):
            stack.enter_context(asking(port, "/basket"))
        time.sleep(2.6)
        found = look(store, port, "nginx:")
    said = because(found)
    assert found.diagnosis.verdict is Verdict.HUNG, said
    assert said[0] == f"nginx passes requests on to {path}"
    assert any("at_a_path.py line" in one for one in said), said
