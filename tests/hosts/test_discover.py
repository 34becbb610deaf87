"""What `hangbot discover` proposes for a real host, and that the config takes it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot import config
from bot.cli import main
from tests.sshd import free_port
from tests.systemd import Machine, running_host

HEALTHY = """
import http.server, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Page).serve_forever()
"""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with running_host(tmp_path_factory.mktemp("systemd")) as running:
        running.write("/opt/shop.py", HEALTHY)
        running.unit("shop", "[Service]\nExecStart=/usr/bin/python3 /opt/shop.py 8000\nStandardError=null\n")
        running.unit(
            "files", "[Service]\nExecStart=/usr/bin/python3 -m http.server 8080\nStandardError=null\n"
        )
        running.do("systemctl", "start", "shop.service", "files.service")
        yield running


def discover(folder: Path, machine: Machine, *words: str, **changes: str) -> tuple[int, str, str]:
    spec = machine.spec(**changes)
    text = (
        f"hosts: {{web1: {{address: {spec.address}}}, gone: {{address: 127.0.0.1, port: {free_port()}}}}}\n"
        f"ssh: {{user: {spec.user}, key_file: {spec.key_file}, known_hosts: {spec.known_hosts}}}\n"
    )
    (folder / "hangbot.yaml").write_text(text)
    found = CliRunner().invoke(main, ["-c", str(folder / "hangbot.yaml"), "discover", *words])
    return found.exit_code, found.stdout, found.stderr


def test_units_that_listen_are_proposed_with_a_url_that_answers(machine: Machine, tmp_path: Path) -> None:
    code, out, err = discover(tmp_path, machine, "web1")
    assert (code, err) == (0, "")
    proposed = tmp_path / "proposed.yaml"
    proposed.write_text(out)
    fleet = config.load(proposed, environ={}).fleet
    assert {"shop", "files"} <= set(fleet.hosts["web1"].services)
    shop, files = fleet.services["shop"], fleet.services["files"]
    assert shop.unit == "shop.service"
    assert shop.http is not None
    assert shop.http.url == "http://127.0.0.1:8000/healthz"
    assert files.http is not None
    assert files.http.url == "http://127.0.0.1:8080/"


def test_as_json_and_with_a_host_that_is_gone(machine: Machine, tmp_path: Path) -> None:
    code, out, err = discover(tmp_path, machine, "--json", "web1", "gone")
    assert code == 1
    assert "hangbot doctor gone" in err
    (web1,) = json.loads(out)["hosts"]
    shop = next(one for one in web1["services"] if one["service"] == "shop")
    assert (shop["ports"], shop["status"], shop["owner"]) == ([8000], 200, "root")


def test_without_rights_it_says_what_it_cannot_see(machine: Machine, tmp_path: Path) -> None:
    code, out, _ = discover(tmp_path, machine, "web1", user="probe")
    assert code == 0
    assert "8000" in out
    assert "hangbot doctor web1" in out
