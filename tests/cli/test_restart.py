"""`hangbot restart` as people and scripts use it: a plan without --yes, one run with it, the contract's JSON and exit codes."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.domain.actions import ActionStatus
from bot.store.opening import open_store
from tests.flows.remediate.programs import Victim
from tests.flows.remediate.stage import SHOP, scratch
from tests.sshd import free_port

HANGBOT = str(Path(sys.executable).with_name("hangbot"))
Run = Callable[..., "subprocess.CompletedProcess[str]"]
WITHIN_S = 110


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Victim]:
    made = scratch(tmp_path, free_port())
    made.start()
    yield made
    made.stop()


@pytest.fixture
def run(tmp_path: Path, victim: Victim) -> Run:
    """Run hangbot as a process of its own, on a config whose shop is the victim."""
    config = {
        "database": "sqlite:///hangbot.db",
        "hosts": {"web1": {"transport": "local", "services": ["shop"]}, "bare": {"transport": "local"}},
        "services": {
            "shop": {
                "process": victim.process,
                "restart": list(victim.restart),
                "http": {"url": f"http://127.0.0.1:{victim.port}/health", "timeout": "500ms"},
                "start_grace": "1s",
            }
        },
        "inspect": {"upload": "never"},
        "access": {"operators": ["U0ANA"]},
    }
    file = tmp_path / "hangbot.yaml"
    file.write_text(json.dumps(config).replace('"500ms"', '"1s"'))

    def command(*argv: str) -> "subprocess.CompletedProcess[str]":
        words = (HANGBOT, "-c", str(file), *argv)
        return subprocess.run(words, capture_output=True, text=True, check=False, timeout=WITHIN_S)

    return command


def only_json(text: str) -> dict[str, object]:
    (line,) = text.splitlines()
    found: dict[str, object] = json.loads(line)
    return found


def test_without_yes_the_evidence_is_stored_the_plan_shown_and_nothing_runs(run: Run, victim: Victim) -> None:
    done = run("restart", "web1", "shop", "--json")
    assert done.returncode == 3, done.stderr
    document = only_json(done.stdout)
    assert document["outcome"] == "refused"
    assert document["command"] == list(victim.restart)
    assert (document["before"], document["after"], document["down_s"]) == (None, None, None)
    assert "--yes" in done.stderr
    assert "restart.py" in done.stderr
    assert victim.runs == 0
    again = run("restart", "web1/shop", "shop")
    assert again.returncode in (2, 3), "no host is called so"


def test_with_yes_it_is_restarted_verified_and_told_that_nobody_watches(run: Run, victim: Victim) -> None:
    before = victim.pid
    done = run("restart", "WEB1", "shop", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    document = only_json(done.stdout)
    assert document["outcome"] == "verified"
    assert (document["before"], document["after"]) == (before, victim.pid)
    assert isinstance(document["down_s"], float)
    assert set(document) == {"action", "inspection", "command", "outcome", "down_s", "before", "after"}
    assert str(document["inspection"]).startswith("ins_")
    assert "nobody watches" in done.stderr
    assert victim.runs == 1


def test_a_restart_that_does_not_help_ends_with_1(run: Run, victim: Victim) -> None:
    victim.next(mode="none")
    done = run("restart", "web1", "shop", "--yes", "--json")
    assert (done.returncode, only_json(done.stdout)["outcome"]) == (1, "not_verified")
    victim.next(order="fail")
    failed = run("restart", "web1", "shop", "--yes")
    assert failed.returncode == 1
    assert "no such service here" in failed.stdout
    assert victim.runs == 2


def test_what_cannot_be_restarted_is_refused_with_what_to_write(run: Run) -> None:
    assert run("restart", "web9", "shop").returncode == 2
    bare = run("restart", "bare", "shop")
    assert bare.returncode in (2, 3)
    assert bare.stdout == ""


def test_say_shows_the_question_with_what_to_type_and_confirm_does_it(
    run: Run, victim: Victim, tmp_path: Path
) -> None:
    asked = run("say", "/hang restart web1 shop now")
    assert asked.returncode == 0, asked.stderr
    assert "Restart shop on web1?" in asked.stdout
    line = next(row for row in asked.stdout.splitlines() if row.startswith("To say yes: "))
    identity = line.partition("confirm ")[2].partition("'")[0]
    refused = run("say", "--as", "U0EVE", f"/hang confirm {identity}")
    assert (refused.returncode, "You may look" in refused.stdout) == (3, True)
    assert victim.runs == 0
    done = run("say", f"/hang confirm {identity}")
    assert done.returncode == 0, done.stdout
    assert "answers again" in done.stdout
    assert victim.runs == 1
    assert "quicker" in run("say", f"/hang confirm {identity}").stdout
    assert victim.runs == 1

    # nobody watches here, so the next one who comes looks first: it hangs again, and may be restarted again
    store = open_store(f"sqlite:///{tmp_path / 'hangbot.db'}")
    assert store.actions(target=SHOP)[0].status is ActionStatus.WATCHED
    victim.hang()
    again = run("say", "/hang restart web1 shop now")
    assert "Restart shop on web1?" in again.stdout
    assert store.actions(target=SHOP)[1].status is ActionStatus.RELAPSED
    store.close()


def test_two_at_once_run_the_command_once(run: Run, victim: Victim, tmp_path: Path) -> None:
    words = (HANGBOT, "-c", str(tmp_path / "hangbot.yaml"), "restart", "web1", "shop", "--yes", "--json")
    run("audit")  # the database is there before both come
    both = [
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    ended = [(process.communicate(timeout=WITHIN_S), process.returncode) for process in both]
    assert sorted(code for _, code in ended) == [0, 3], ended
    assert victim.runs == 1
