"""`~/.ssh/config`: names are read from its `Host` lines, and what they mean is asked of ssh(1) itself (`ssh -G`).

So Include, Match, patterns, defaults and the order in which they count are OpenSSH's own.
"""

import getpass
import glob
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from bot.config.inventories import patterns
from bot.config.inventories.found import Asked, Found, InventoryFault, Read

WITHIN_S = 10.0
AT_ONCE = 8
MOST_JUMPS = 8
DEEPEST = 16
"""Files that include files: as deep as ssh(1) goes (READCONF_MAX_DEPTH)."""


def read(asked: Asked) -> Read:
    """Return the hosts whose names stand in the file, and those that `match` names itself. Raises InventoryFault."""
    if shutil.which("ssh") is None:
        raise InventoryFault(
            "there is no ssh program here to read it", "install it: apt install openssh-client"
        )
    files = tuple(_files(asked.path))
    lines = (line for file in files if not file.is_dir() for line in _names(file))
    names = [name for name in lines if patterns.matches(name, asked.match)]
    names += patterns.literal(asked.match)
    with tempfile.TemporaryDirectory(prefix="hangbot-") as folder:
        asking = _Asking(asked, Path(folder))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return Read(hosts=list(pool.map(asking.host, dict.fromkeys(names))), files=files)


# --- which hosts there are


def _files(path: Path, depth: int = 0) -> Iterator[Path]:
    """Yield the file and all that it includes."""
    yield path
    if depth >= DEEPEST:
        return
    for keyword, words in _lines(path):
        if keyword != "include":
            continue
        for word in words:
            beside = Path("~/.ssh").expanduser() / os.path.expanduser(word)  # noqa: PTH111 — may be a pattern
            if set(beside.name) & set("*?[") and beside.parent.is_dir():
                yield beside.parent  # a file more there is one more that is included
            for found in sorted(glob.glob(str(beside))):  # noqa: PTH207 — its own folder is part of the pattern
                yield from _files(Path(found), depth + 1)


def _names(path: Path) -> Iterator[str]:
    for keyword, words in _lines(path):
        if keyword == "host":
            yield from (word for word in words if not set(word) & set("*?!"))


def _lines(path: Path) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield each line as its keyword in lower case, and its words."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise InventoryFault(
            f"{path} cannot be read: {error.strerror}", "look at its name and mode"
        ) from error
    for row in text.splitlines():
        line = row.strip()
        if not line or line.startswith("#"):
            continue
        keyword, _, rest = line.replace("=", " ", 1).partition(" ")
        try:
            yield keyword.lower().strip('"'), shlex.split(rest, comments=True)
        except ValueError:
            yield keyword.lower(), rest.split()


# --- what they mean


class _Asking:
    """Asks ssh(1). A file of our own includes theirs, so that what `ssh:` says counts where theirs is silent."""

    def __init__(self, asked: Asked, folder: Path) -> None:
        self._file = folder / "config"
        own = [f'Include "{asked.path}"', "Match all"]
        if asked.user:
            own.append(f"User {asked.user}")
        if asked.key_file:
            own.append(f'IdentityFile "{asked.key_file}"')
        self._file.write_text("\n".join(own) + "\n")

    def host(self, name: str) -> Found:
        return self._found(name, (), ())

    def _found(self, name: str, options: Sequence[str], behind: Sequence[str]) -> Found:
        said = self._said(name, options)
        first = {key: values[0] for key, values in said.items()}
        address = first["hostname"]
        fill = _Tokens(name=name, address=address, port=first["port"], user=first["user"]).fill
        jump = first.get("proxyjump", "none")
        command = first.get("proxycommand", "none")
        agent = first.get("identityagent")
        return Found(
            name=name,
            address=address,
            port=int(first["port"]),
            user=first["user"],
            key_files=tuple(fill(one) for one in said.get("identityfile", ()) if one != "none"),
            certificates=tuple(fill(one) for one in said.get("certificatefile", ()) if one != "none"),
            agent=None if agent in (None, "SSH_AUTH_SOCK") else fill(str(agent)),
            identities_only=first.get("identitiesonly") == "yes",
            also_known=tuple(
                fill(one)
                for key in ("userknownhostsfile", "globalknownhostsfile")
                for one in first.get(key, "").split()
                if one != "none"
            ),
            key_alias=first.get("hostkeyalias"),
            jump=self._jumps(jump, (*behind, name)) if jump != "none" else None,
            proxy_command=command if command != "none" and jump == "none" else None,
        )

    def _jumps(self, written: str, behind: Sequence[str]) -> Found | None:
        """Return the last of a chain, which is the one that reaches the host; each is behind the one before it."""
        found: Found | None = None
        for word in written.split(","):
            user, address, port = hop(word)
            if address in behind or len(behind) > MOST_JUMPS:
                raise InventoryFault(
                    f"{behind[0]} is to be reached through {address}, which leads in a circle",
                    "mend its ProxyJump",
                )
            options = [*(("-l", user) if user else ()), *(("-p", port) if port else ())]
            this = self._found(address, options, behind)
            found = this if found is None else _behind(this, found)
        return found

    def _said(self, name: str, options: Sequence[str]) -> Mapping[str, list[str]]:
        argv = ("ssh", "-G", "-T", "-F", str(self._file), *options, "--", name)
        try:
            done = subprocess.run(
                argv, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=WITHIN_S
            )
        except subprocess.TimeoutExpired as error:
            raise InventoryFault(f"`ssh -G {name}` does not end", "look for a `Match exec` in it") from error
        if done.returncode != 0:
            why = (done.stderr.strip().splitlines() or ["it gives no reason"])[0]
            raise InventoryFault(
                f"ssh does not understand it: {why}", f"try `ssh -G {name}`, and mend the line"
            )
        said: dict[str, list[str]] = {}
        for line in done.stdout.splitlines():
            key, _, value = line.partition(" ")
            said.setdefault(key, []).append(value)
        return said


class _Tokens:
    """The tokens that ssh_config(5) has in the names of files."""

    def __init__(self, *, name: str, address: str, port: str, user: str) -> None:
        home = str(Path.home())
        self._words = {
            "%": "%", "d": home, "h": address, "n": name, "p": port, "r": user, "u": getpass.getuser(),
        }  # fmt: skip

    def fill(self, text: str) -> str:
        out, rest = "", os.path.expanduser(text)  # noqa: PTH111 — a Path would drop what stands after %
        while rest:
            before, percent, after = rest.partition("%")
            out += before
            if not percent:
                break
            out += self._words.get(after[:1], f"%{after[:1]}")
            rest = after[1:]
        return out


def hop(word: str) -> tuple[str, str, str]:
    """Return user, host and port of `[user@]host[:port]` or `ssh://…`; what is not said is empty."""
    word = word.strip().removeprefix("ssh://")
    user, at, place = word.rpartition("@")
    if place.startswith("["):
        address, _, port = place[1:].partition("]")
        port = port.removeprefix(":")
    elif place.count(":") == 1:
        address, _, port = place.partition(":")
    else:
        address, port = place, ""
    return (user if at else ""), address, port


def _behind(this: Found, before: Found) -> Found:
    return replace(this, jump=before)
