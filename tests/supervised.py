"""Programs under a real supervisord, with a `supervisorctl` that finds it."""

import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

STARTS_WITHIN_S = 30.0


@contextmanager
def supervised(folder: Path, programs: Mapping[str, str]) -> Iterator[Path]:
    """Run programs (name → its settings, a line each) and yield the folder in which `supervisorctl` lies."""
    binary = shutil.which("supervisord")
    if binary is None:
        pytest.skip("supervisord is not installed")
    config = folder / "supervisord.conf"
    config.write_text(
        f"[supervisord]\nnodaemon=true\nlogfile={folder}/supervisord.log\npidfile={folder}/supervisord.pid\n"
        f"[unix_http_server]\nfile={folder}/sock\n[supervisorctl]\nserverurl=unix://{folder}/sock\n"
        "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n"
        + "".join(f"[program:{name}]\n{settings}\n" for name, settings in programs.items())
    )
    wrapped = folder / "bin"
    wrapped.mkdir()
    control = wrapped / "supervisorctl"
    control.write_text(f'#!/bin/sh\nexec {shutil.which("supervisorctl")} -c {config} "$@"\n')
    control.chmod(0o755)
    with (folder / "supervisord.out").open("w") as out:
        process = subprocess.Popen((binary, "-c", str(config)), stdout=out, stderr=out)
        try:
            end = time.monotonic() + STARTS_WITHIN_S
            while not (folder / "sock").exists():
                assert process.poll() is None, (folder / "supervisord.out").read_text()
                assert time.monotonic() < end, "supervisord does not listen"
                time.sleep(0.05)
            yield wrapped
        finally:
            process.terminate()
            process.wait(STARTS_WITHIN_S)
