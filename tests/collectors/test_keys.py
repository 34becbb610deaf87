"""What is read out of files of settings on the host: every key once, and of the values none that may be a secret."""

import shutil
import subprocess
from pathlib import Path

import pytest

import bot.collectors

PROGRAM = Path(bot.collectors.__file__).parent / "script/keys.awk"
AWKS = [("mawk",), ("gawk", "--posix"), ("gawk",), ("busybox", "awk")]
YAML = """
# what the session does
session:
  retries: 0   # none
  timeout: 30s
  key: 1234567
  backends:
    - redis://shop:hunter2@cache
    - name: two
      port: 6379
cert: |
  -----BEGIN CERTIFICATE-----
  MIIC: c2VjcmV0
  -----END CERTIFICATE-----
after: true
list:
- a
- 3
flow: [1, 2,
  3]
"quoted key": yes
text: "abc
  inside: 3"
last: on
"""
NGINX = """worker_processes 4;
http {
  upstream shop { server 10.0.0.7:80; }
  server { listen 80; # the door
    location /api { proxy_read_timeout 60s; }
  }
}
"""
UNIT = """[Unit]
Description=Shop
[Service]
ExecStart=/srv/shop/run \\
  --port 80
Environment="SESSION_RETRIES=0"
Environment=DB_PASSWORD=12345
TimeoutStopSec=30
"""
PYTHON = '''import os
DEBUG = True
RETRIES: int = 3
HOSTS = {
  "db": "10.0.0.7",
}
SECRET_KEY = "12345"
def f():
    inside = 1
DOC = """a
B = 1
"""
LAST = 2
'''
KEYS = {
    "yaml": (YAML, {
        "session.retries": "=0", "session.timeout": "=30s", "session.key": "#", "session.backends[1]": "#",
        "session.backends[2].name": "#", "session.backends[2].port": "=6379", "after": "=true", "list[1]": "#", "list[2]": "=3",
        "quoted key": "=yes", "last": "=on", "cert.(other lines)": "#", "flow.(other lines)": "#", "text.(other lines)": "#"}),
    "json": ('{"a": {"b": 3, "c": [1, {"d": "x\\"y"}, true]}, "password": 5, "e": null}', {
        "a.b": "=3", "a.c[1]": "=1", "a.c[2].d": "#", "a.c[3]": "=true", "password": "#", "e": "=null"}),
    "ini": (UNIT, {
        "Unit.Description": "#", "Service.ExecStart": "#", "Service.Environment.SESSION_RETRIES": "=0",
        "Service.Environment.DB_PASSWORD": "#", "Service.TimeoutStopSec": "=30"}),
    "guess": (NGINX, {
        "worker_processes": "=4", "http.upstream shop.server": "#", "http.server.listen": "=80",
        "http.server.location /api.proxy_read_timeout": "=60s"}),
    "python": (PYTHON, {
        "DEBUG": "=True", "RETRIES": "=3", "SECRET_KEY": "#", "LAST": "=2", "(other lines)": "#",
        "HOSTS.(other lines)": "#", "DOC.(other lines)": "#"}),
    "env": ("export WORKERS=4\nDATABASE_URL=postgres://a:b@c/d\nKEY='one\ntwo=2'\nLEVEL=info\n", {
        "WORKERS": "=4", "DATABASE_URL": "#", "LEVEL": "=info", "KEY.(other lines)": "#"}),
    "toml": ('[pool]\nsize = 8\nnames = [\n "a=1",\n]\n[[peers]]\nport = 1\n[[peers]]\nport = 2\n', {
        "pool.size": "=8", "pool.names.(other lines)": "#", "peers.port": "=1", "peers.port[2]": "=2"}),
    "pins": ("flask==2.0.1\nrequests>=2.31\n-r more.txt\n", {"flask": "=2.0.1", "requests": "=2.31", "(other lines)": "#"}),
    "other": ("a = 1\nb\n", {"(other lines)": "#"}),
}  # fmt: skip
SECRETS = ("hunter2", "12345", "c2VjcmV0", "10.0.0.7")


@pytest.fixture(params=AWKS, ids=" ".join)
def awk(request: pytest.FixtureRequest) -> tuple[str, ...]:
    if shutil.which(request.param[0]) is None:
        pytest.skip(f"{request.param[0]} is not here")
    return request.param


def read(awk: tuple[str, ...], kind: str, text: str) -> dict[str, tuple[str, str]]:
    argv = (*awk, "-v", f"kind={kind}", "-f", str(PROGRAM))
    done = subprocess.run(argv, input=text, capture_output=True, text=True, check=True, timeout=10)
    assert not done.stderr
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert all(len(row) == 3 for row in rows), rows
    assert len({row[0] for row in rows}) == len(rows), "a key twice"
    return {row[0]: (row[1], row[2]) for row in rows}


@pytest.mark.parametrize("kind", KEYS)
def test_every_awk_reads_the_same_keys(awk: tuple[str, ...], kind: str) -> None:
    text, wanted = KEYS[kind]
    found = read(awk, kind, text)
    assert {key: shown for key, (shown, _) in found.items()} == wanted
    told = "\n".join(f"{key} {shown}" for key, (shown, _) in found.items())
    assert not [secret for secret in SECRETS if secret in told]


@pytest.mark.parametrize(
    "line",
    [
        "db_password: 7",
        "token_ttl: 30",
        "client_secret: 12",
        "my_credential: 1",
        "bearer: 5",
        "pin: 4711",
        "card_number: 4111111",
        "account: 1234567",
        "account_number: 1234567",
        "session_key: 12",
        "api: 123456789012",
        "dsn: true",
        "name: Meier",
        "url: http://user:pass@host/",
        "hash: 5e884898da28047151d0e56f8dc62927",
    ],
)
def test_what_may_be_a_secret_is_not_shown(line: str) -> None:
    assert [shown for shown, _ in read(AWKS[0], "yaml", line).values()] == ["#"]


@pytest.mark.parametrize(
    "line", ["session_timeout: 30", "cookie_max_age: 3600", "pool_size: 8", "debug: true", "load: 75%"]
)
def test_a_number_that_says_how_much_is_shown(line: str) -> None:
    assert [shown for shown, _ in read(AWKS[0], "yaml", line).values()] == [f"={line.split(': ')[1]}"]


@pytest.mark.parametrize(
    "line",
    ["QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo0NTY3ODkw==", "5e884898da28047151d0e56f8dc62927=", "c2Vj cmV0: =x"],
)
def test_a_piece_of_a_key_is_no_name(line: str) -> None:
    names = list(read(AWKS[0], "env", line))
    assert names in (["(other lines)"], []) or not [name for name in names if name in line and len(name) > 9]


def test_a_value_that_changed_its_comment_alone_is_the_same_to_a_reader(awk: tuple[str, ...]) -> None:
    before, after = (read(awk, "yaml", f"a: 3 # {word}\n")["a"] for word in ("one", "two"))
    assert before[0] == after[0] == "=3"


def test_a_file_of_megabytes_is_read_within_its_bounds(awk: tuple[str, ...]) -> None:
    text = "".join(f"key{number}: {number}\n" for number in range(20_000)) + "x" * 1_000_000
    assert 0 < len(read(awk, "yaml", text)) <= 4000
