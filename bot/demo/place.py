"""Sets the stage: keys, config, servers, shops; and after ten seconds the four requests that hang one of them."""

import json
import os
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


@dataclass(frozen=True, kw_only=True)
class Place:
    """A running demo. `hang` is the line that makes the shop hang again, `typed_config` the config's path as a
    person would type it, `environ` what the bot needs to know of the chat.
    """

    url: str
    config: Path
    typed_config: str
    log: Path
    hang: str
    environ: dict[str, str]


@contextmanager
def running(where: Path, *, port: int) -> Iterator[Place]:
    """Empty the folder, start everything, yield, end everything. The folder stays."""
    folder = folders.empty(where)
    shop_port = sshd.free_port(*ADDRESS.values())
    urls = {host: f"http://{address}:{shop_port}" for host, address in ADDRESS.items()}
    folders.account(folder, ADDRESS, urls)
    children = Children()
    story: threading.Timer | None = None
    try:
        ports = _start_sshd(folder, children)
        for host, address in ADDRESS.items():
            keeper = (sys.executable, "-m", "bot.demo.keeper", str(folder / host), address, str(shop_port))
            children.start(keeper, log=folder / "logs" / f"{host}-keeper.log", environ=_import_path())
        hang = folder / HANGS / "hang"
        url = _start_sandbox(folder, children, port=port, hang=_typed(hang))
        config = folder / "hangbot.yaml"
        config.write_text(config_text(ports, shop_port, folder, typed=_typed(folder / "hangbot.yaml")))
        story = threading.Timer(HANGS_AFTER_S, _hang, args=(hang, folder / "logs" / "story.log"))
        story.daemon = True
        story.start()
        environ = {
            "SLACK_API_URL": f"{url}api/",
            "SLACK_BOT_TOKEN": "xoxb-sandbox",
            "SLACK_APP_TOKEN": "xapp-sandbox",
        }
        yield Place(
            url=url,
            config=config,
            typed_config=_typed(config),
            log=folder / "logs" / "hangbot.log",
            hang=_typed(hang),
            environ=environ,
        )
    finally:
        if story:
            story.cancel()
        children.stop()


def _typed(path: Path) -> str:
    """Return the path as a person in this folder would type it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


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
    ports, known = {}, ""
    for host, address in ADDRESS.items():
        public = sshd.make_key(keys / f"{host}_host_key", host)
        ports[host] = sshd.free_port(address)
        config = sshd.write_config(folder, host, address, ports[host])
        log = folder / "logs" / f"{host}-sshd.log"
        children.start((sshd.binary(), "-D", "-e", "-f", str(config)), log=log)
        known += sshd.known_host(address, ports[host], public)
    known_hosts = folder / "known_hosts"
    known_hosts.write_text(known)
    known_hosts.chmod(0o600)
    return ports


def _start_sandbox(folder: Path, children: Children, *, port: int, hang: str) -> str:
    cast = folder / "logs" / "workspace.json"
    cast.write_text(json.dumps(workspace(hang), indent=2))
    log = folder / "logs" / "sandbox.log"
    argv = (sys.executable, "-m", "bot.sandbox", "--port", str(port), "--config", str(cast))
    child = children.start(argv, log=log, environ=_import_path())
    assert child.stdout is not None
    ready, _, _ = select([child.stdout], [], [], STARTS_WITHIN_S)
    line = child.stdout.readline() if ready else b""
    if not line.startswith(b"{"):
        reason = (log.read_text(errors="replace").strip().splitlines() or ["no answer"])[-1]
        raise FolderFault(
            f"the chat page did not start on port {port}: {reason}. Try: hangbot demo --port {port + 1}"
        )
    return str(json.loads(line)["url"])
