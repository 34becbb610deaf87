"""The health URL where the server forwards nothing: with what the host has."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.hosts.scripts import ASK
from tests.hosts import peers
from tests.hosts.stand import asking, web
from tests.sshd import Sshd, running_sshd

TOOLS = ("curl", "python3", "wget")
COMMON = ("sed", "head", "printf")
ANSWERS = [
    (peers.answers("200 OK"), "status 200"),
    (peers.answers("302 Found\r\nLocation: http://127.0.0.1:1/"), "status 302"),
    (peers.answers("404 Not Found"), "status 404"),
    (peers.answers("503 Busy"), "status 503"),
    (peers.silent, "problem timeout"),
    (peers.hangs_up, "problem reset"),
]


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with running_sshd(tmp_path_factory.mktemp("closed"), AllowTcpForwarding="no") as server:
        yield server


def test_without_forwarding_the_host_asks_for_us(closed: Sshd) -> None:
    with asking(closed.spec()) as host:
        for speak, status, problem in (
            (peers.answers("200 OK"), 200, None),
            (peers.answers("503 Busy"), 503, None),
            (peers.silent, None, "timeout"),
        ):
            with peers.serving(speak) as port:
                answer = host.sample([web(f"http://127.0.0.1:{port}/", timeout_s=2.0)]).answers["shop"]
            assert (answer.status, answer.problem) == (status, problem)
        assert host.sample([web(f"http://127.0.0.1:{port}/")]).answers["shop"].problem == "refused"


@pytest.mark.parametrize("tool", [tool for tool in TOOLS if shutil.which(tool)])
@pytest.mark.parametrize(("speak", "said"), ANSWERS, ids=[said for _, said in ANSWERS])
def test_each_tool_says_the_same(tmp_path: Path, tool: str, speak: peers.Speak, said: str) -> None:
    with peers.serving(speak) as port:
        assert ask_with(tmp_path, tool, f"http://127.0.0.1:{port}/health") == said
    assert ask_with(tmp_path, tool, f"http://127.0.0.1:{port}/") == "problem refused"


def test_without_any_tool_there_is_no_way_to_ask(tmp_path: Path) -> None:
    assert ask_with(tmp_path, None, "http://127.0.0.1:1/") == "problem unavailable"


def ask_with(folder: Path, tool: str | None, url: str) -> str:
    """Run the script where this tool alone is on the path."""
    for name in (*COMMON, *((tool,) if tool else ())):
        link, found = folder / name, sys.executable if name == "python3" else shutil.which(name)
        if found and not link.exists():
            link.symlink_to(os.path.realpath(found))
    text = ASK.text.replace("PATH=$PATH:/usr/local/bin:/usr/bin:/bin", f"PATH={folder}")
    done = subprocess.run(
        ("/bin/sh", "-c", text, "ask", url, "2"), capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout.strip()
