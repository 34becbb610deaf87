"""Who waits for another process of the same host is told what that one stands in."""

from pathlib import Path

from bot.domain.diagnosis import Cause
from bot.ports import Store
from tests.flows.follow.stage import PROGRAMS, because, fleet_of, inspected, program, until


def line_of(name: str, text: str) -> str:
    path = PROGRAMS / f"{name}.py"
    return (
        f"{path} line {next(at for at, line in enumerate(path.read_text().splitlines(), 1) if text in line)}"
    )


def parked(pid: int, wchan: str) -> bool:
    return wchan in Path(f"/proc/{pid}/wchan").read_text()


def test_the_holder_of_a_file_lock_is_named_with_its_line(store: Store, tmp_path: Path) -> None:
    file = str(tmp_path / "report")
    with program("locker", file, "3600") as holder, program("locker", file, "0") as waiter:
        until(lambda: parked(waiter, "lock"))
        found = inspected(fleet_of(store, {"web1": "127.0.0.1"}), "web1", waiter)
    assert found.diagnosis.findings[0].cause is Cause.BLOCKED_FILE_LOCK
    said = because(found)
    assert f"held by {holder} " in said[0]
    assert said[-1] == f"process {holder} on web1 stands in `render`, {line_of('locker', 'time.sleep(')}"


def test_who_does_not_read_a_full_pipe_is_named_with_its_line(store: Store) -> None:
    with program("sender", str(PROGRAMS / "taker.py")) as waiter:
        until(lambda: parked(waiter, "pipe"))
        child = Path(f"/proc/{waiter}/task/{waiter}/children").read_text().split()[0]
        found = inspected(fleet_of(store, {"web1": "127.0.0.1"}), "web1", waiter)
    assert found.diagnosis.findings[0].cause is Cause.BLOCKED_PIPE
    said = because(found)
    assert any(one.startswith(f"process {child} reads at the other end") for one in said)
    assert said[-1] == f"process {child} on web1 stands in `think`, {line_of('taker', 'time.sleep(')}"
