"""The database from the command line: PostgreSQL's schema and password, the audit trail, moving to another database."""

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgres
from tests.cli.test_commands import Run, one_line, program, run

__all__ = ["program", "run"]  # fixtures
PASSWORD = "hunter2-and-more"
LINE = re.compile(r"2026-\d\d-\d\d \d\d:\d\d:\d\d\+00:00  local:\w+( as U024BE7LH)?  hosts(  web1)?")


@pytest.fixture
def empty() -> Iterator[str]:
    with postgres.empty_database() as url:
        yield url


@pytest.fixture
def migrated() -> Iterator[str]:
    with postgres.fresh_database() as url:
        yield url


def configured(folder: Path, url: str) -> None:
    (folder / "hangbot.yaml").write_text(
        f"database: {url}\nhosts: {{web1: {{address: 127.0.0.1, port: 1}}}}\n"
    )


def test_the_schema_on_postgresql_is_brought_up_by_a_person_and_named_until_then(
    run: Run, tmp_path: Path, empty: str
) -> None:
    configured(tmp_path, empty)
    said = one_line(run("say", "/hang hosts"), 2)
    assert "no tables yet" in said
    assert said.rstrip().endswith("Type: hangbot db upgrade")
    assert run("db", "current").stdout.startswith("no schema yet")
    assert run("db", "upgrade").returncode == 0
    assert run("say", "/hang hosts").returncode == 0


@pytest.mark.parametrize(("revision", "told"), [("0001", "older"), ("9999", "newer")])
def test_every_command_stops_at_a_schema_that_is_not_its_own(
    run: Run, tmp_path: Path, migrated: str, revision: str, told: str
) -> None:
    name = migrated.rpartition("/")[2]
    postgres.shared_server().execute(f"UPDATE alembic_version SET version_num = '{revision}'", name=name)
    configured(tmp_path, migrated)
    tokens = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
    for command in (
        ("run",),
        ("say", "hosts"),
        ("inspect", "web1"),
        ("audit",),
        ("db", "copy", "sqlite:///x.db"),
    ):
        said = one_line(run(*command, **tokens), 2)
        assert told in said
        assert "hangbot db upgrade" in said


@pytest.fixture
def guarded(migrated: str) -> Iterator[str]:
    """Yield a database whose login asks for a password."""
    server, name = postgres.shared_server(), migrated.rpartition("/")[2]
    server.execute(f"CREATE ROLE stranger LOGIN PASSWORD '{PASSWORD}'")
    server.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO stranger", name=name)
    server.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO stranger", name=name)
    yield server.url(name, user="stranger")
    server.execute("DROP OWNED BY stranger", name=name)
    server.execute("DROP ROLE stranger")


def test_the_password_comes_from_the_environment_alone(program: Run, tmp_path: Path, guarded: str) -> None:
    configured(tmp_path, guarded)
    whole = guarded.replace("stranger@", f"stranger:{PASSWORD}@")
    assert "password" in one_line(program("audit"), 2)
    assert program("audit", PGPASSWORD=PASSWORD).returncode == 0
    assert program("audit", HANGBOT_DATABASE_URL=whole).returncode == 0
    host, port = guarded.partition("@")[2].partition("/")[0].split(":")
    (tmp_path / "pass").write_text(f"{host}:{port}:*:stranger:{PASSWORD}\n")
    (tmp_path / "pass").chmod(0o600)
    assert program("audit", PGPASSFILE=str(tmp_path / "pass")).returncode == 0
    configured(tmp_path, whole)
    assert "PGPASSWORD" in one_line(program("check"), 2)


def test_the_password_is_never_said(program: Run, tmp_path: Path, guarded: str) -> None:
    configured(tmp_path, "sqlite:///hangbot.db")
    wrong = guarded.replace("stranger@", f"stranger:{PASSWORD}x@")
    gone = wrong.replace(re.findall(r":(\d+)/", wrong)[0], str(postgres.free_port()))
    odd = wrong + f"?no_such_option={PASSWORD}"
    bad = wrong.replace("127.0.0.1:", "127.0.0.1:x")
    for url in (wrong, gone, odd, bad):
        for command in (("check",), ("db", "upgrade"), ("-v", "say", "hosts")):
            done = program(*command, HANGBOT_DATABASE_URL=url)
            assert PASSWORD not in done.stdout + done.stderr
            assert "Traceback" not in done.stderr
            assert done.returncode == (0 if command == ("check",) else 2)
    said = one_line(program("db", "copy", wrong), 2)
    assert "PGPASSWORD" in said
    assert PASSWORD not in said


@pytest.fixture(params=["sqlite", "postgresql"])
def told(request: pytest.FixtureRequest, run: Run, tmp_path: Path) -> Run:
    """Configure a database with two entries in its audit trail."""
    url = "sqlite:///hangbot.db" if request.param == "sqlite" else request.getfixturevalue("migrated")
    configured(tmp_path, url)
    assert run("say", "hosts").returncode == 0
    assert run("say", "--as", "U024BE7LH", "hosts", "web1").returncode in (0, 2)
    return run


def test_the_audit_trail_is_listed_newest_last_and_by_host(told: Run) -> None:
    lines = told("audit").stdout.splitlines()
    assert len(lines) == 2
    assert all(LINE.fullmatch(line) for line in lines), lines
    assert " as U024BE7LH" in lines[1]
    assert told("audit", "--limit", "1").stdout.splitlines() == lines[1:]
    assert told("audit", "web1").stdout.splitlines() == lines[1:]
    assert told("audit", "web2").stdout.strip() == ""
    listed = json.loads(told("audit", "--json").stdout)["entries"]
    assert [(one["verb"], one["target"], one["on_behalf_of"]) for one in listed] == [
        ("hosts", "", None),
        ("hosts", "web1", "U024BE7LH"),
    ]


def test_a_chain_that_is_intact_says_its_head_and_what_it_does_not_prove(told: Run) -> None:
    done = told("audit", "verify")
    assert done.returncode == 0
    assert re.fullmatch(r"2 entries, chain intact, head [0-9a-f]{12}\n", done.stdout)
    assert "HANGBOT_AUDIT_KEY" in done.stderr
    assert told("audit", "verify", "web1").stdout.startswith(done.stdout)
    found = json.loads(told("audit", "verify", "--json").stdout)
    assert (found["intact"], found["count"], found["unkeyed"]) == (True, 2, 2)
    assert found["head"].startswith(done.stdout.split()[-1])


def test_a_key_from_a_file_seals_the_chain(run: Run, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("hush\n")
    (tmp_path / "key").chmod(0o600)
    sealed = {"HANGBOT_AUDIT_KEY_FILE": str(tmp_path / "key")}
    run("say", "hosts", **sealed)
    done = run("audit", "verify", **sealed)
    assert (done.returncode, done.stderr) == (0, "")
    assert run("audit", "verify", HANGBOT_AUDIT_KEY="hush").stdout == done.stdout
    assert run("audit", "verify").returncode == 1


def test_the_first_bad_entry_is_named(run: Run, tmp_path: Path) -> None:
    for _ in range(3):
        run("say", "hosts")
    with sqlite3.connect(tmp_path / "hangbot.db") as direct:
        direct.execute("DROP TRIGGER audit_no_update")
        direct.execute("UPDATE audit SET body = replace(body, 'hosts', 'ghost') WHERE seq = 2")
    direct.close()
    done = run("audit", "verify")
    assert done.returncode == 1
    assert done.stdout.startswith("Chain broken: entry 2 (aud_")
    assert json.loads(run("audit", "verify", "--json").stdout)["flaw"] == "edited"


def test_an_entry_that_cannot_be_read_is_named_with_what_to_type(run: Run, tmp_path: Path) -> None:
    run("say", "hosts")
    with sqlite3.connect(tmp_path / "hangbot.db") as direct:
        direct.execute("DROP TRIGGER audit_no_update")
        direct.execute("UPDATE audit SET body = ''")
    direct.close()
    assert "hangbot audit verify" in one_line(run("audit"), 2)


def test_everything_moves_to_postgresql_and_back(run: Run, tmp_path: Path, empty: str) -> None:
    run("say", "hosts")
    said = run("db", "copy", empty)
    assert said.returncode == 0
    assert "1 audit" in said.stderr
    verified = run("audit", "verify").stdout
    configured(tmp_path, empty)
    assert run("audit", "verify").stdout == verified
    run("say", "hosts")
    assert run("audit", "verify").stdout.startswith("2 entries, chain intact")
    assert "is not empty" in one_line(run("db", "copy", f"sqlite:///{tmp_path}/hangbot.db"), 2)
    assert run("db", "copy", f"sqlite:///{tmp_path}/back.db").returncode == 0
    configured(tmp_path, "sqlite:///back.db")
    assert run("audit", "verify").stdout.startswith("2 entries, chain intact")


def test_a_target_that_is_no_database_is_a_usage_error(run: Run) -> None:
    assert "no database address" in one_line(run("db", "copy", "mysql://x/y"), 2)
    assert "no database address" in one_line(run("db", "copy", "back.db"), 2)
