"""The demo's own folder: everything it writes is in there."""

import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

SHOP = Path(__file__).resolve().parent / "shop"
MARK = ".hangbot-demo"


class FolderFault(Exception):
    """The folder cannot be used; the text says what to type instead."""


def empty(folder: Path) -> Path:
    """Make `folder` an empty demo folder. Refuses one that holds anything but an earlier demo."""
    folder = folder.resolve()
    if folder.exists():
        if not folder.is_dir():
            raise FolderFault(f"{folder} is not a folder. Choose another one: hangbot demo --dir FOLDER")
        if any(folder.iterdir()) and not (folder / MARK).exists():
            raise FolderFault(
                f"{folder} holds files that no demo wrote, and a demo empties its folder. "
                "Choose another one: hangbot demo --dir FOLDER"
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, mode=0o700)
    (folder / MARK).touch()
    for name in ("keys", "logs"):
        (folder / name).mkdir(mode=0o700)
    return folder


def account(folder: Path, hosts: Iterable[str], url_of: dict[str, str]) -> None:
    """Give each demo host its account folder with a shop of its own."""
    for host in hosts:
        home = folder / host
        shutil.copytree(SHOP, home, ignore=shutil.ignore_patterns("__pycache__"))
        (home / "python").write_text(f"{sys.executable}\n")
        _install_sampler(home)
        (home / "url").write_text(f"{url_of[host]}\n")


def _install_sampler(home: Path) -> None:
    """Give the account py-spy in its ~/.local/bin, as a host has that was prepared for its worst night."""
    sampler = Path(sys.executable).with_name("py-spy")
    if sampler.exists():
        (home / ".local" / "bin").mkdir(parents=True)
        (home / ".local" / "bin" / "py-spy").symlink_to(sampler)
