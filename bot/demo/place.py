"""Sets the stage: keys, config, servers, shops; and after ten seconds the four requests that hang one of them."""

import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from select import select

from bot.demo import folder as folders
from bot.demo import sshd
from bot.demo.cast import ADDRESS, HANGS, config_text, workspace
from bot.demo.children import Children
from bot.demo.folder import FolderFault

HANGS_AFTER_S = 10.0
STARTS_WITHIN_S = 20.0
LAST_PORT = 65535


@dataclass(frozen=True, kw_only=True)
class Place:
    """A running demo. `hang` is the line that makes the shop hang again, `beside` another command on its config,
    `environ` what the bot needs to know of the chat.
    """

    url: str
    config: Path
    beside: str
    log: Path
    hang: str
    environ: dict[str, str]


@contextmanager
def running(where: Path, *, port: int) -> Iterator[Place]:
    """Empty the folder, start everything, yield, end everything. The folder stays."""
    sshd.needed_programs()
    _refuse_taken(port)
    with folders.emptied(where) as folder:
        children = Children()
        try:
            place = _set_up(folder, children, port=port)
            story = threading.Timer(
                HANGS_AFTER_S, _hang, args=(folder / HANGS / "hang", folder / "logs" / "story.log")
            )
            story.daemon = True
            story.start()
            try:
                yield place
            finally:
                story.cancel()
        finally:
            children.stop()


def _set_up(folder: Path, children: Children, *, port: int) -> Place:
    shop_port = sshd.free_port(*ADDRESS.values())
    urls = {host: f"http://{address}:{shop_port}" for host, address in ADDRESS.items()}
    folders.account(folder, ADDRESS, urls)
    ports = _start_sshd(folder, children)
    for host, address in ADDRESS.items():
        keeper = (sys.executable, "-m", "bot.demo.keeper", str(folder / host), address, str(shop_port))
        children.start(keeper, log=folder / "logs" / f"{host}-keeper.log", environ=_import_path())
    hang, config = _typed(folder / HANGS / "hang"), folder / "hangbot.yaml"
    beside = f"{program()} -c {_typed(config)} probe"
    config.write_text(
        config_text(ports, shop_port, folder, login=sshd.login(), beside=beside), encoding="utf-8"
    )
    url = _start_sandbox(folder, children, port=port, hang=hang)
    environ = {
        "SLACK_API_URL": f"{url}api/",
        "SLACK_BOT_TOKEN": "xoxb-sandbox",
        "SLACK_APP_TOKEN": "xapp-sandbox",
    }
    log = folder / "logs" / "hangbot.log"
    return Place(url=url, config=config, beside=beside, log=log, hang=hang, environ=environ)


def _refuse_taken(port: int) -> None:
    """Raise FolderFault where something listens on the page's port already, before anything is emptied."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise FolderFault(_no_page(port, (error.strerror or "").lower())) from error


def _no_page(port: int, reason: str) -> str:
    other = port + 1 if 1024 <= port < LAST_PORT else 8765
    return f"the chat page cannot be on port {port}: {reason}. Try: {program()} demo --port {other}"


def program() -> str:
    """Return this program as a person in this folder would type it: it is seldom on the PATH."""
    here = Path(sys.executable).with_name("hangbot")
    return "hangbot" if not here.exists() or shutil.which("hangbot") == str(here) else _typed(here)


def _typed(path: Path) -> str:
    """Return the path as a person in this folder would type it to a shell."""
    try:
        return shlex.quote(str(path.relative_to(Path.cwd())))
    except ValueError:
        return shlex.quote(str(path))


def _import_path() -> dict[str, str]:
    """Let a child import this very package, wherever it was started from."""
    home = str(Path(__file__).resolve().parents[2])
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH"))))}


def _hang(hang: Path, log: Path) -> None:
    with log.open("ab") as output:
        subprocess.run((str(hang),), check=False, stdin=subprocess.DEVNULL, stdout=output, stderr=output)


def _start_sshd(folder: Path, children: Children) -> dict[str, int]:
    keys = folder / "keys"
    (keys / "authorized_keys").write_text(sshd.make_key(keys / "id_ed25519", "hangbot demo") + "\n")
    ports, known, started = {}, "", []
    for host, address in ADDRESS.items():
        public = sshd.make_key(keys / f"{host}_host_key", host)
        ports[host] = sshd.free_port(address)
        config = sshd.write_config(folder, host, address, ports[host])
        log = folder / "logs" / f"{host}-sshd.log"
        server = children.start((sshd.binary(), "-D", "-e", "-f", str(config)), log=log)
        started.append((server, address, ports[host], log))
        known += sshd.known_host(address, ports[host], public)
    known_hosts = folder / "known_hosts"
    known_hosts.write_text(known)
    known_hosts.chmod(0o600)
    for one in started:
        sshd.wait_for(*one)
    return ports


def _start_sandbox(folder: Path, children: Children, *, port: int, hang: str) -> str:
    cast = folder / "logs" / "workspace.json"
    cast.write_text(json.dumps(workspace(hang), indent=2), encoding="utf-8")
    log = folder / "logs" / "sandbox.log"
    argv = (sys.executable, "-m", "bot.sandbox", "--port", str(port), "--config", str(cast))
    child = children.start(argv, log=log, environ=_import_path())
    assert child.stdout is not None
    ready, _, _ = select([child.stdout], [], [], STARTS_WITHIN_S)
    line = child.stdout.readline() if ready else b""
    if not line.startswith(b"{"):
        reason = (log.read_text(errors="replace").strip().splitlines() or ["no answer"])[-1]
        if "No module named" in reason:
            raise FolderFault(
                f"a part of the demo is not installed ({reason}). Install it: pip install 'hangbot[demo]'"
            )
        raise FolderFault(_no_page(port, reason))
    return str(json.loads(line)["url"])
