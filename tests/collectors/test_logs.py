"""The end of a log: where it is had from, what of it is folded, what is wrong in it, and what never leaves."""

import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from bot import collectors
from bot.collectors import logs
from bot.domain.logs import LogSource, sounds_wrong
from bot.domain.targets import ServiceSpec
from tests.collectors.shells import MARK, ShellHost


def row(said: object, priority: int = 6, at: int = 1_795_000_000_000_000) -> str:
    return json.dumps({"__REALTIME_TIMESTAMP": str(at), "PRIORITY": str(priority), "MESSAGE": said})


UNIT = "log unit shop.service"
ROWS = "\n".join((row("started"), row("took 12 ms"), row("took 15 ms"), row("disk is full", 3)))


def test_a_units_journal_is_read_and_repeats_are_folded() -> None:
    found = logs.log({UNIT: ROWS})
    assert found is not None
    assert (found.source, found.name) == (LogSource.UNIT, "shop.service")
    assert [(line.text, line.times, line.wrong) for line in found.lines] == [
        ("started", 1, False),
        ("took 12 ms", 2, False),
        ("disk is full", 1, True),
    ]
    assert found.count == len(ROWS.splitlines())
    assert found.lines[0].at is not None


@pytest.mark.parametrize(
    ("sections", "source", "missing"),
    [
        ({UNIT: "-- No entries --"}, LogSource.UNIT, None),
        ({UNIT: "-- No entries --", "log file /var/log/shop.log": "a\nb\n"}, LogSource.FILE, None),
        ({UNIT: "No journal files were opened due to insufficient permissions."}, LogSource.UNIT, "log_hidden"),
        ({UNIT: f"Hint: You are currently not seeing messages from other users\n{ROWS}"}, LogSource.UNIT, "log_hidden"),
        ({"log none /dev/null": ""}, None, "log_goes_to"),
        ({"log none unreadable": "", "log none unreadable ": ""}, None, "log_unreadable"),
        ({"log none nojournal": "", "log none pipe:[7]": ""}, None, "log_nojournal"),
        ({"log none socket:[7]": "", "log process 42": row("hello")}, LogSource.PROCESS, None),
    ],
)  # fmt: skip
def test_where_it_is_had_from(
    sections: dict[str, str], source: LogSource | None, missing: str | None
) -> None:
    found = logs.log(sections)
    assert found is not None
    assert found.source is source
    assert (found.missing.code if found.missing else None) == missing


def test_where_nobody_looked_there_is_none() -> None:
    assert logs.log({"process": "1"}) is None


def test_what_is_no_text_and_what_is_cut_does_no_harm() -> None:
    found = logs.log(
        {UNIT: "\n".join((row(list(b"caf\xc3\xa9 \xff")), row(None), "[1]", "{", '{"MESSAGE": "x'))}
    )
    assert found is not None
    assert [line.text for line in found.lines] == ["café �"]


@pytest.mark.parametrize(
    "text",
    ["password=hunter2verylong", "GET https://ana:hunter2verylong@db/ 200", "Authorization: Basic hunter2verylong",
     "x" * 390 + " token: hunter2verylong"],
)  # fmt: skip
def test_secrets_never_get_out_of_it(text: str) -> None:
    for sections in ({UNIT: row(text)}, {"log file /x": text}):
        assert "hunter2" not in repr(logs.log(sections))


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("ERROR no route", True),
        ("2026-11-24 04:00:00 web1 shop: error: no route", True),
        ('{"level": "error", "msg": "no route"}', True),
        ("Traceback (most recent call last):", True),
        ("requests.exceptions.ConnectionError: refused", True),
        ("Out of range", False),
        ("kernel: Out of memory: Killed process 42 (shop)", True),
        ("0 errors, 0 failed", False),
        ("GET /errors?failed=0 200", False),
        ("error_rate=0.0 critical_path_ms=12", False),
        ("no exception was raised", False),
    ],
)
def test_what_sounds_wrong(text: str, wrong: bool) -> None:
    assert sounds_wrong(text) is wrong


def test_a_process_without_a_unit_is_read_from_the_file_it_writes_to(tmp_path: Path) -> None:
    log = tmp_path / "shop.log"
    program = "import sys, time; [print('asked', n, file=sys.stderr) for n in range(30)]; print('ready', flush=True); time.sleep(99)"
    with ExitStack() as stack:
        errors = stack.enter_context(log.open("wb"))
        argv = (sys.executable, "-c", program, "the-shop-7713")
        process = stack.enter_context(subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=errors))
        stack.callback(process.kill)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        shop = ServiceSpec(name="shop", process="the-shop-7713")
        found = collectors.last_lines(ShellHost(), shop, mark=MARK, seconds=600, lines=20)
    assert (found.source, found.name, found.count) == (LogSource.FILE, str(log), 20)
    assert [line.text for line in found.lines] == ["asked 10"]


def test_the_busiest_processes_are_told_with_what_they_use() -> None:
    program = "print('ready', flush=True)\nwhile True: pass"
    argv = (sys.executable, "-c", program, "--password", "hunter2verylong")
    with ExitStack() as stack:
        process = stack.enter_context(subprocess.Popen(argv, stdout=subprocess.PIPE))
        stack.callback(process.kill)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        found = collectors.busiest(ShellHost(), mark=MARK)
    spinning = next(one for one in found.processes if one.pid == process.pid)
    assert spinning.cores > 0.1
    assert spinning.memory_bytes > 2**20
    assert spinning.threads == 1
    assert "hunter2" not in spinning.command
