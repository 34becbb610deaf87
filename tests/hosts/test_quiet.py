"""A host that is watched logs its login, and then nothing (the hour is `python -m tests.bench.quiet`)."""

from pathlib import Path

from tests.bench.quiet import lines, watched
from tests.hosts.stand import nothing_left
from tests.sshd import running_sshd


def test_no_line_is_logged_for_a_round_or_a_check(tmp_path: Path) -> None:
    with running_sshd(tmp_path, LogLevel="INFO") as sshd, nothing_left():
        rounds, checked, logged = watched(sshd, seconds=4.0, every_s=0.0)
        assert rounds > 20
        assert checked > 20
        assert logged == []
        assert sum("Accepted publickey" in line for line in lines(sshd)) == 1
