"""What systemd would be for the shop: starts it, and starts it again when told to.

    python -m bot.demo.keeper FOLDER ADDRESS PORT

SIGHUP restarts the shop, SIGTERM ends it and the keeper. FOLDER/keeper.pid and FOLDER/shop.pid tell who is who;
a shop that ended by itself stays down, as a unit without Restart= would.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

from bot.demo.children import GRACE_S, die_with_parent

WATCHED = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)


def start(folder: Path, address: str, port: str) -> subprocess.Popen[bytes]:
    with (folder / "shop.log").open("ab") as log:
        shop = subprocess.Popen(
            (sys.executable, str(folder / "shop.py"), address, port),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=become_shop,  # noqa: PLW1509 — the keeper has no threads
        )
    write(folder / "shop.pid", shop.pid)
    return shop


def become_shop() -> None:
    die_with_parent()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)


def stop(shop: subprocess.Popen[bytes]) -> None:
    shop.terminate()
    try:
        shop.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        shop.kill()
        shop.wait()


def write(path: Path, pid: int) -> None:
    new = path.with_suffix(".new")
    new.write_text(f"{pid}\n")
    new.replace(path)


def main(folder: Path, address: str, port: str) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    shop = start(folder, address, port)
    write(folder / "keeper.pid", os.getpid())
    while signal.sigwait(WATCHED) == signal.SIGHUP:
        stop(shop)
        shop = start(folder, address, port)
    stop(shop)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
