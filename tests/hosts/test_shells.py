"""The collector and the sample's script in each shell that hosts have, with the tools that come with it."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.domain.targets import ServiceSpec
from bot.hosts import framing, records, sampling, scripts

SHELLS = [
    pytest.param((path, *more), id=" ".join((name, *more)))
    for name, *more in (("dash",), ("bash",), ("bash", "--posix"), ("busybox", "sh"), ("mksh",))
    if (path := shutil.which(name))
]
WHOLE = {"uptime", "loadavg", "cpu", "procs", "meminfo", "cores", "cpu_again", "end"}
SMALL = {"uptime", "loadavg", "cpu", "meminfo", "now", "processes"}


@pytest.fixture
def tools(shell: tuple[str, ...], tmp_path: Path) -> str:
    """Return the PATH on which the shell finds its tools: busybox brings its own, and nothing else is there."""
    if "busybox" not in shell[0]:
        return os.environ["PATH"]
    made = tmp_path / "tools"
    made.mkdir()
    subprocess.run((shell[0], "--install", "-s", str(made)), check=True, capture_output=True)
    return str(made)


@contextmanager
def service(folder: Path) -> Iterator[tuple[ServiceSpec, int]]:
    """Run a process that stands for a service of its own."""
    process = subprocess.Popen(("sleep", "86400.5"))
    try:
        yield ServiceSpec(name="sleeper", process="sleep 86400.5"), process.pid
    finally:
        process.kill()
        process.wait()


def started(shell: tuple[str, ...], text: str, args: list[str], tools: str) -> "subprocess.Popen[str]":
    # the scripts add the usual folders to the PATH's end: the tools of the shell are found before those
    return subprocess.Popen(
        (*shell, "-c", text, "sh", *args), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={"PATH": tools}, text=True, bufsize=1,
    )  # fmt: skip


@pytest.mark.parametrize("shell", SHELLS)
def test_the_collector_answers_whole_and_small_records(
    shell: tuple[str, ...], tools: str, tmp_path: Path
) -> None:
    mark = framing.new_mark()
    with service(tmp_path) as (spec, pid):
        args = sampling.arguments([spec], mark=mark, look=True)
        with started(shell, scripts.COLLECTOR.text, args, tools) as collector:
            assert collector.stdin is not None
            assert collector.stdout is not None
            for tick in range(1, 13):
                kind = "whole" if tick % 3 == 1 else "small"
                collector.stdin.write(f"{tick} {kind} {pid if kind == 'small' else ''}\n")
                collector.stdin.flush()
                said = ""
                while not said.endswith(f"\n{mark} done {tick}\n"):
                    line = collector.stdout.readline()
                    assert line, (collector.stderr.read() if collector.stderr else "", said)
                    said += line
                text = said.removesuffix(f"\n{mark} done {tick}\n")
                found = records.read(text, mark, tick, whole=kind == "whole")
                assert set(found) >= (WHOLE if kind == "whole" else SMALL), said
                assert re.search(rf"^{pid} \(sleep\)", found["processes"], re.MULTILINE), said
                if kind == "whole":
                    assert "space" in found or "disks" in found
            collector.stdin.close()
            assert collector.wait(10) == 0


@pytest.mark.parametrize("shell", SHELLS)
def test_a_sample_has_all_its_sections(shell: tuple[str, ...], tools: str, tmp_path: Path) -> None:
    mark = framing.new_mark()
    with service(tmp_path) as (spec, pid):
        args = sampling.arguments([spec], mark=mark, look=True)
        with started(shell, scripts.SAMPLE.text, args, tools) as sample:
            out, _ = sample.communicate(timeout=60)
    found = scripts.sections(out, mark)
    assert set(found) >= WHOLE
    assert re.search(rf"^{pid} \(sleep\)", found["processes"], re.MULTILINE)
    assert found["cores"].strip() == str(os.cpu_count())
