"""The demo's own folder: everything it writes is in there."""

import fcntl
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

SHOP = Path(__file__).resolve().parent / "shop"
MARK = ".hangbot-demo"


class FolderFault(Exception):
    """The folder cannot be used; the text says what to type instead."""


OTHER = "Choose another one: hangbot demo --dir FOLDER"


@contextmanager
def emptied(where: Path) -> Iterator[Path]:
    """Make `where` an empty demo folder, and keep others from emptying it until the end; the folder stays.

    Raises FolderFault where it holds anything but an earlier demo, where one runs there, and where it cannot be written.
    """
    try:
        folder = where.resolve()
        mark = _marked(folder)
    except OSError as error:
        raise FolderFault(f"{where} cannot be used: {error.strerror}. {OTHER}") from error
    with mark:
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _empty(folder)
        except BlockingIOError as error:
            raise FolderFault(
                f"a demo runs in {folder}. End it with Ctrl-C there, or start this one beside it: "
                "hangbot demo --dir FOLDER --port PORT"
            ) from error
        except OSError as error:
            raise FolderFault(f"{folder} cannot be emptied: {error}. {OTHER}") from error
        yield folder


def _marked(folder: Path) -> TextIO:
    """Return the folder's mark, open; make both where there is nothing yet."""
    if not str(folder).isprintable():
        raise FolderFault(f"{str(folder)!r} has signs that nobody can type. {OTHER}")
    if folder.exists():
        if not folder.is_dir():
            raise FolderFault(f"{folder} is not a folder. {OTHER}")
        if any(folder.iterdir()) and not (folder / MARK).exists():
            raise FolderFault(
                f"{folder} holds files that no demo wrote, and a demo empties its folder. {OTHER}"
            )
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    return (folder / MARK).open("a")


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.name == MARK:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    for name in ("keys", "logs"):
        (folder / name).mkdir(mode=0o700)


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
