"""A migrated store in a moment: the template is made once, each test copies it."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from bot.store import migrate, open_store
from bot.store.sql import SqlStore


@cache
def template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="hangbot-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    file = folder / "empty.db"
    migrate.upgrade(f"sqlite:///{file}")
    return file


def fresh_store(folder: Path) -> SqlStore:
    """Return a store of its own in `folder`; close it at the end."""
    file = folder / "hangbot.db"
    shutil.copy(template(), file)
    return open_store(f"sqlite:///{file}")
