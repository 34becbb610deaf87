"""What an inventory tells of a host. What it does not say is left open, for the config to fill in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


class InventoryFault(Exception):
    """A file that cannot be used: which, what is wrong, what to do about it."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem, self.remedy = problem, remedy


@dataclass(frozen=True, kw_only=True)
class Found:
    """One host, under the name that people type."""

    name: str
    address: str | None = None
    port: int | None = None
    user: str | None = None
    key_files: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    agent: str | None = None
    """The socket's path, `none` for none at all; None where nothing is said."""
    identities_only: bool | None = None
    also_known: tuple[str, ...] = ()
    key_alias: str | None = None
    jump: "Found | None" = None
    jump_word: str | None = None
    """As written where it is up to the config to know the host of that name: `[user@]host[:port]`."""
    proxy_command: str | None = None
    zone: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    services: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What an entry of `inventories:` asks for. `user` and `key_file` are those of `ssh:`, where it has them."""

    path: Path
    match: str = "*"
    group: str | None = None
    user: str | None = None
    key_file: str | None = None


@dataclass(frozen=True, kw_only=True)
class Read:
    """The hosts of an inventory, and all files that were read for them."""

    hosts: Sequence[Found]
    files: Sequence[Path]


Reader = Callable[[Asked], Read]
