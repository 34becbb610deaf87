"""Checks against the real servers of Debian's packages, well and not, over real SSH."""

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.domain.checks import CheckReading, CheckSpec, Grade
from bot.hosts.ssh import SshHost
from bot.probes import check
from tests import postgres
from tests.clocks import RealClock
from tests.flows.follow.servers import folder, mariadb, redis, serving, until, wanted
from tests.hosts.stand import asking, nothing_left
from tests.sshd import Sshd, free_port, running_sshd
from tests.supervised import supervised

NGINX = """
daemon off; error_log {where}/error.log; pid {where}/pid; worker_processes 1;
events {{ worker_connections 32; }}
http {{ access_log off; client_body_temp_path {where}/a; proxy_temp_path {where}/b; fastcgi_temp_path {where}/c;
  uwsgi_temp_path {where}/d; scgi_temp_path {where}/e;
  server {{ listen 127.0.0.1:{port}; location /status {{ stub_status; }} location / {{ return 200 "Welcome to the shop\\n"; }} }} }}
"""
APACHE = """
ServerRoot {where}
ServerName here
DefaultRuntimeDir {where}
Listen 127.0.0.1:{port}
PidFile {where}/pid
ErrorLog {where}/error.log
Mutex file:{where}
{modules}
User nobody
Group nogroup
StartServers 1
ServerLimit 2
MaxRequestWorkers 2
MinSpareServers 1
MaxSpareServers 2
<Location /server-status>
SetHandler server-status
</Location>
"""
MODULES = ("mpm_prefork", "authz_core", "status")


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with running_sshd(tmp_path_factory.mktemp("checks")) as server:
        yield server


@pytest.fixture
def host(sshd: Sshd) -> Iterator[SshHost]:
    with asking(sshd.spec()) as host:
        yield host


def ask(host: SshHost, kind: str, target: str = "", **more: object) -> CheckReading:
    spec = CheckSpec(name="it", kind=kind, target=target, **more)  # type: ignore[arg-type]
    return check(host, spec, now=RealClock().now)


def eventually(host: SshHost, grade: Grade, kind: str, target: str, **more: object) -> CheckReading:
    end = time.monotonic() + 30
    while (reading := ask(host, kind, target, **more)).grade is not grade and time.monotonic() < end:
        time.sleep(0.1)
    assert reading.grade is grade, reading
    return reading


@contextmanager
def saying(answer: bytes, *, wait_s: float = 0.0) -> Iterator[int]:
    """Yield the port of a server that says the same to everybody."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(0.2)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    peer, _ = door.accept()
                except TimeoutError:
                    continue
                with peer:
                    peer.settimeout(5)
                    over.wait(wait_s)
                    try:
                        peer.sendall(answer)
                        peer.shutdown(socket.SHUT_WR)
                        while peer.recv(4096):
                            pass
                    except OSError:
                        continue

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield door.getsockname()[1]
        finally:
            over.set()
            thread.join()


# --- ports and TLS


def test_a_port_accepts_or_not(host: SshHost) -> None:
    with saying(b"") as port:
        reading = ask(host, "tcp", f"127.0.0.1:{port}")
        assert reading.grade is Grade.OK
        assert reading.metrics["connect_ms"] >= 0
    assert ask(host, "tcp", f"127.0.0.1:{port}").text == "the connection is refused"


def certificate(folder_: Path, *, name: str, days: float) -> tuple[Path, Path]:
    """Make a certificate that is good for so many days from now; negative: that has run out."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = RealClock().now()
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=100))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name), x509.DNSName("*.example.org")]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder_ / "cert.pem", folder_ / "key.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    key_file.write_bytes(key.private_bytes(*private))
    return cert_file, key_file


@contextmanager
def speaking_tls(cert: Path, key: Path) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(0.2)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    peer, _ = door.accept()
                except TimeoutError:
                    continue
                try:
                    with context.wrap_socket(peer, server_side=True) as inside:
                        inside.settimeout(5)
                        inside.recv(4096)
                        inside.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                except OSError:
                    peer.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield door.getsockname()[1]
        finally:
            over.set()
            thread.join()


@pytest.mark.parametrize(
    ("days", "grade"), [(60, Grade.OK), (10, Grade.WARNING), (1, Grade.CRITICAL), (-1, Grade.CRITICAL)]
)
def test_a_certificate_is_graded_by_how_long_it_is_good_for(
    host: SshHost, tmp_path: Path, days: float, grade: Grade
) -> None:
    with speaking_tls(*certificate(tmp_path, name="shop.test", days=days)) as port:
        reading = ask(host, "tls", f"127.0.0.1:{port}")
        assert reading.grade is grade
        assert reading.metrics["days_left"] == pytest.approx(days, abs=0.1)
        assert "shop.test" in reading.text


def test_a_certificate_is_for_the_name_it_is_asked_by(host: SshHost, tmp_path: Path) -> None:
    with speaking_tls(*certificate(tmp_path, name="shop.test", days=60)) as port:
        at = f"127.0.0.1:{port}"
        for name in ("shop.test", "SHOP.test", "web.example.org"):
            assert ask(host, "tls", at, server_name=name).grade is Grade.OK
        other = ask(host, "tls", at, server_name="other.test")
        assert (other.grade, "is not for other.test" in other.text) == (Grade.CRITICAL, True)
        assert ask(host, "http", f"https://{at}/").grade is Grade.OK
    with saying(b"nonsense\n") as port:
        assert ask(host, "tls", f"127.0.0.1:{port}").text.startswith("no TLS is spoken there")


# --- HTTP, nginx, Apache


@pytest.fixture(scope="module")
def nginx() -> Iterator[int]:
    binary, port = wanted("nginx", "nginx"), free_port()
    with folder() as where:
        config = where / "nginx.conf"
        config.write_text(NGINX.format(where=where, port=port))
        with serving((binary, "-c", str(config), "-e", str(where / "error.log")), where / "log"):
            until(lambda: connects(port))
            yield port


def connects(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def test_an_answer_is_judged_by_status_body_and_time(host: SshHost, nginx: int) -> None:
    url = f"http://127.0.0.1:{nginx}/"
    assert ask(host, "http", url, body="Wel+come", status=200).grade is Grade.OK
    assert ask(host, "http", url, body="Goodbye").grade is Grade.CRITICAL
    assert ask(host, "http", url, status=204).text.endswith("not 204")
    late = b"HTTP/1.0 200 OK\r\n\r\nhello"
    with saying(late, wait_s=0.4) as port:
        slow = ask(host, "http", f"http://127.0.0.1:{port}/", under_s=0.2)
        assert (slow.grade, slow.metrics["status"]) == (Grade.WARNING, 200)
    with saying(b"", wait_s=30) as port:
        assert (
            ask(host, "http", f"http://127.0.0.1:{port}/", timeout_s=0.5).text == "no answer in time (0.5 s)"
        )
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    with saying(chunks) as port:
        assert ask(host, "http", f"http://127.0.0.1:{port}/", body="hello").grade is Grade.OK


def test_nginx_tells_what_its_connections_do(host: SshHost, nginx: int) -> None:
    reading = ask(host, "nginx", f"http://127.0.0.1:{nginx}/status")
    assert reading.grade is Grade.OK, reading
    assert reading.metrics["busy"] >= 1
    assert reading.metrics["dropped_total"] == 0
    closed = ask(host, "nginx", f"http://127.0.0.1:{nginx}/")
    assert (closed.grade, "stub_status" in closed.text) == (Grade.UNKNOWN, True)


@pytest.fixture(scope="module")
def apache() -> Iterator[int]:
    binary, port = wanted("apache2", "apache2"), free_port()
    with folder() as where:
        where.chmod(0o755)
        modules = "\n".join(
            f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in MODULES
        )
        config = where / "apache.conf"
        config.write_text(APACHE.format(where=where, port=port, modules=modules))
        with serving(
            ("setsid", binary, "-D", "FOREGROUND", "-f", str(config)), where / "log"
        ):  # at its end it ends its whole group
            until(lambda: connects(port))
            yield port


def test_apache_tells_how_many_of_its_workers_are_busy(host: SshHost, apache: int) -> None:
    url = f"http://127.0.0.1:{apache}/server-status?auto"
    reading = ask(host, "apache", url)
    assert reading.grade in (Grade.OK, Grade.WARNING), reading
    assert reading.metrics["busy"] == 1
    with ExitStack() as stack:
        slow = stack.enter_context(socket.create_connection(("127.0.0.1", apache)))
        slow.sendall(b"GET / HTTP/1.1\r\nHost:")  # says no more: it takes a worker
        full = eventually(host, Grade.CRITICAL, "apache", url)
        assert full.text == "all 2 workers are busy: whoever comes now waits"


# --- caches


def test_redis_tells_who_waits(host: SshHost) -> None:
    with redis() as (port, _):
        reading = ask(host, "redis", f"127.0.0.1:{port}")
        assert reading.grade is Grade.OK
        assert reading.metrics["connected_clients"] >= 1
        with socket.create_connection(("127.0.0.1", port)) as waits:
            waits.sendall(b"BLPOP nothing 0\r\n")
            blocked = eventually(host, Grade.CRITICAL, "redis", str(port), at_most=0)
            assert blocked.metrics["blocked_clients"] == 1
        subprocess.run(
            ["redis-cli", "-p", str(port), "replicaof", "127.0.0.1", "1"], check=True, capture_output=True
        )
        lost = eventually(host, Grade.CRITICAL, "redis", str(port))
        assert "has lost 127.0.0.1" in lost.text
        subprocess.run(
            ["redis-cli", "-p", str(port), "replicaof", "no", "one"], check=True, capture_output=True
        )
        subprocess.run(
            ["redis-cli", "-p", str(port), "config", "set", "requirepass", "x"],
            check=True,
            capture_output=True,
        )
        assert "wants a password" in ask(host, "redis", str(port)).text
    assert ask(host, "redis", str(port)).grade is Grade.CRITICAL
    with saying(b"HTTP/1.0 400 no\r\n\r\n") as port:
        assert ask(host, "redis", str(port)).text == "it speaks no Redis"


def test_memcached_tells_its_connections(host: SshHost, tmp_path: Path) -> None:
    binary, port = wanted("memcached", "memcached"), free_port()
    with serving(
        (binary, "-u", "nobody", "-l", "127.0.0.1", "-p", str(port), "-c", "64", "-t", "1"), tmp_path / "log"
    ):
        until(lambda: connects(port))
        reading = ask(host, "memcached", str(port))
        assert reading.grade is Grade.OK
        assert reading.metrics["max_connections"] == 64
        with ExitStack() as stack:
            while ask(host, "memcached", str(port)).grade is Grade.OK:
                stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            reading = ask(host, "memcached", str(port))
            assert (reading.grade, reading.metrics["curr_connections"] >= 48) == (Grade.WARNING, True), (
                reading
            )
            while ask(host, "memcached", str(port)).grade is Grade.WARNING:
                stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            assert "no more" in ask(host, "memcached", str(port)).text


# --- databases


def test_postgresql_tells_sessions_and_its_oldest_transaction(host: SshHost) -> None:
    with postgres.own_server() as server:
        where = f"{server.folder}:{server.port}"
        with psycopg.connect(server.url().replace("+psycopg", "")) as first:
            first.execute("CREATE TABLE stock (id int)")
            first.commit()
            first.execute("LOCK TABLE stock")
            second = psycopg.connect(server.url().replace("+psycopg", ""))
            waiting = threading.Thread(target=lambda: waits_for_the_lock(second))
            waiting.start()
            try:
                stuck = eventually(host, Grade.CRITICAL, "postgresql", where, at_most=0)
            finally:
                first.rollback()
                waiting.join()
                second.close()
        assert stuck.metrics["waiting"] == 1
        assert stuck.metrics["idle_in_transaction"] >= 1
        assert stuck.metrics["oldest_transaction_seconds"] >= 0
        assert ask(host, "postgresql", where).grade is Grade.OK
        server.stop()
        gone = ask(host, "postgresql", where)
        assert gone.grade is Grade.CRITICAL, gone


def waits_for_the_lock(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    connection.execute("SELECT * FROM stock")
    connection.rollback()


def test_mariadb_tells_sessions_and_who_waits(host: SshHost) -> None:
    with mariadb() as (_, path):
        reading = ask(host, "mysql", str(path))
        assert reading.grade is Grade.OK, reading
        assert reading.metrics["max_connections"] > 1
        with ExitStack() as stack:
            for number in range(2):
                client = subprocess.Popen(
                    ["mariadb", "--no-defaults", "-S", str(path), "shop"], stdin=subprocess.PIPE
                )
                stack.callback(client.wait)
                stack.callback(client.kill)
                assert client.stdin is not None
                stack.enter_context(client.stdin)
                client.stdin.write(b"BEGIN; UPDATE stock SET sold = 1 WHERE id = 7;\n")
                client.stdin.flush()
                if number == 0:
                    time.sleep(0.5)
            stuck = eventually(host, Grade.CRITICAL, "mysql", str(path), at_most=0)
            assert stuck.metrics["waiting"] == 1
    assert ask(host, "mysql", str(path)).grade in (Grade.CRITICAL, Grade.UNKNOWN)


# --- commands


@pytest.mark.parametrize(
    ("script", "grade", "text"),
    [
        ("echo 'OK - 3 in queue | queue=3;10;20;0 'age'=2.5s'", Grade.OK, "OK - 3 in queue"),
        ("echo WARN; exit 1", Grade.WARNING, "WARN"),
        ("echo CRIT >&2; exit 2", Grade.CRITICAL, "CRIT"),
        ("exit 3", Grade.UNKNOWN, "it says nothing, and ended with 3"),
        ("echo odd; exit 7", Grade.UNKNOWN, "it ended with 7: odd"),
        ("kill -9 $$", Grade.UNKNOWN, "it was ended by a signal"),
        ("sleep 60", Grade.UNKNOWN, "there is no way to ask (no end after 1 s)"),
    ],
)
def test_a_command_speaks_as_monitoring_plugins_do(
    host: SshHost, script: str, grade: Grade, text: str
) -> None:
    reading = ask(host, "command", argv=("sh", "-c", script), timeout_s=1.0)
    assert (reading.grade, reading.text) == (grade, text)


def test_a_command_that_is_not_there_is_unknown(host: SshHost) -> None:
    reading = ask(host, "command", argv=("/no/such/plugin",))
    assert reading.grade is Grade.UNKNOWN
    assert "not found" in reading.text


# --- the system


def test_the_clock_and_the_journal_and_the_units_tell_or_say_why_not(host: SshHost) -> None:
    clock = ask(host, "clock")
    assert clock.grade is Grade.OK
    assert abs(clock.metrics["skew_seconds"]) < 1
    for kind, target in (("units", "failed"), ("journal", "all")):
        assert ask(host, kind, target).grade in (Grade.OK, Grade.WARNING, Grade.UNKNOWN)


def test_a_program_under_supervisord_has_its_state(tmp_path: Path) -> None:
    programs = {
        "shop": "command=sleep 600\nstartsecs=0",
        "broken": "command=false\nstartretries=0\nstartsecs=1",
    }
    with (
        supervised(tmp_path, programs) as tools,
        running_sshd(tmp_path, SetEnv=f"PATH={tools}:/usr/bin:/bin") as own,
        asking(own.spec()) as there,
    ):
        assert eventually(there, Grade.OK, "supervisor", "shop").text.startswith("shop is running")
        assert eventually(there, Grade.CRITICAL, "supervisor", "broken").text.startswith("broken is fatal")
        assert "no such process" in ask(there, "supervisor", "shpo").text


def test_a_container_that_cannot_be_asked_is_unknown_or_not_there(host: SshHost) -> None:
    assert ask(host, "container", "no-such-container-anywhere").grade in (Grade.UNKNOWN, Grade.CRITICAL)


def test_nothing_is_left_of_a_check(sshd: Sshd) -> None:
    with nothing_left(), asking(sshd.spec()) as host, saying(b"HTTP/1.0 200 OK\r\n\r\n") as port:
        for kind, target in (
            ("http", f"http://127.0.0.1:{port}/"),
            ("tcp", f"127.0.0.1:{port}"),
            ("clock", ""),
        ):
            assert ask(host, kind, target).grade is Grade.OK
