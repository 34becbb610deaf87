"""Who may talk to the sandbox at all."""

import http.client
import json
import urllib.parse

import pytest

from bot.sandbox.guard import is_loopback, same_place
from tests.sandbox_process import Sandbox


def status(sandbox: Sandbox, method: str, path: str, headers: dict[str, str], body: str | None = None) -> int:
    place = urllib.parse.urlsplit(sandbox.url)
    connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=20)
    try:
        connection.request(method, path, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


JSON = {"Content-Type": "application/json"}
HEAL = json.dumps({})


def test_a_host_that_is_not_this_machine_is_refused_everywhere(sandbox: Sandbox) -> None:
    for path in ("/", "/sandbox/state", "/api/auth.test"):
        assert status(sandbox, "GET", path, {"Host": "evil.example"}) == 403
    assert status(sandbox, "GET", "/sandbox/state", {"Host": "localhost"}) == 200


def test_a_page_of_another_origin_is_refused(sandbox: Sandbox) -> None:
    own = sandbox.url.rstrip("/")
    assert status(sandbox, "POST", "/sandbox/heal", {**JSON, "Origin": "http://evil.example"}, HEAL) == 403
    assert status(sandbox, "POST", "/sandbox/heal", {**JSON, "Origin": "null"}, HEAL) == 403
    assert status(sandbox, "POST", "/sandbox/heal", {**JSON, "Origin": "http://127.0.0.1:1"}, HEAL) == 403
    assert status(sandbox, "POST", "/sandbox/heal", {**JSON, "Origin": own}, HEAL) == 200


def test_acts_are_json_only(sandbox: Sandbox) -> None:
    assert status(sandbox, "POST", "/sandbox/heal", {"Content-Type": "text/plain"}, HEAL) == 415
    assert status(sandbox, "POST", "/sandbox/heal", {}, HEAL) == 415


def test_the_page_folder_is_all_that_is_served(sandbox: Sandbox) -> None:
    for path in ("/page/../settings.py", "/page/%2e%2e/settings.py", "/page//etc/passwd", "/page/nothing.js"):
        assert status(sandbox, "GET", path, {}) == 404


@pytest.mark.parametrize("host", ["localhost", "localhost:80", "127.0.0.1:8765", "127.1.2.3", "[::1]:80"])
def test_loopback_is_known_by_name_and_number(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "example.org", "127.0.0.1.example.org", "10.0.0.1", "localhost.example.org", "[", "0.0.0.0"]
)
def test_everything_else_is_foreign(host: str) -> None:
    assert not is_loopback(host)


def test_the_same_machine_on_another_port_is_another_place() -> None:
    assert same_place("http://localhost:8765", "127.0.0.1:8765")
    assert not same_place("http://localhost:3000", "127.0.0.1:8765")
