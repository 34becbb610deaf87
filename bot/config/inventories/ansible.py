"""Ansible inventories, in INI and YAML, with the group_vars and host_vars beside them.

Read are hosts, groups, children and the variables that say how a host is reached (`ansible_host`, `ansible_port`,
`ansible_user`, `ansible_ssh_private_key_file`, a ProxyJump in `ansible_ssh_common_args`), and ours: `hangbot_services`,
`hangbot_zone`, `hangbot_labels`. Templates are not filled in: a value that has one counts as not said.
"""

import ast
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.config.inventories import patterns
from bot.config.inventories.found import Asked, Found, InventoryFault, Read
from bot.config.inventories.plain import number, plain, text_of, words

SECTION = re.compile(r"\[([^\]:]+)(?::(children|vars|hosts))?\]\s*(?:[#;].*)?")
RANGE = re.compile(r"\[(\w+):(\w+)(?::(\d+))?\]")
MOST_HOSTS = 100_000
VARS_SUFFIXES = ("", ".yml", ".yaml", ".json")
JUMP = re.compile(r"(?:-J\s*|-o\s*['\"]?ProxyJump[= ]\s*['\"]?)([^\s'\"]+)")
COMMAND = re.compile(r"-o\s*(['\"])ProxyCommand[= ]\s*(.+?)\1\s*(?:$|-)|-o\s*ProxyCommand=(\S+)")
LEFT_OUT = (".retry", ".md", ".cfg", "~", ".orig", ".bak", ".pyc")


@dataclass
class _Group:
    hosts: list[str] = field(default_factory=list)
    children: list[str] = field(default_factory=list)
    vars: dict[str, Any] = field(default_factory=dict)


@dataclass
class _Inventory:
    """Everything by name; `hosts` are the variables written at the hosts themselves."""

    groups: dict[str, _Group] = field(default_factory=dict)
    hosts: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)

    def group(self, name: str) -> _Group:
        return self.groups.setdefault(name, _Group())

    def add(self, group: str, host: str, variables: Mapping[str, Any]) -> None:
        if len(self.hosts) >= MOST_HOSTS:
            raise InventoryFault(f"it names more than {MOST_HOSTS:,} hosts", "look at its ranges")
        self.hosts.setdefault(host, {}).update(variables)
        members = self.group(group).hosts
        if host not in members[-1:]:
            members.append(host)


def read(asked: Asked) -> Read:
    """Return the hosts of a file or a folder of files, of one group where one is asked for. Raises InventoryFault."""
    inventory = _Inventory()
    if asked.path.is_dir():
        inventory.files.append(asked.path)
    for path in _sources(asked.path):
        inventory.files.append(path)
        if path.suffix in (".yml", ".yaml", ".json"):
            _read_yaml(path, inventory)
        else:
            _read_ini(path, inventory)
    _read_vars(asked.path if asked.path.is_dir() else asked.path.parent, inventory)
    if asked.group is not None and asked.group not in inventory.groups and asked.group != "all":
        there = ", ".join(sorted(inventory.groups)) or "none"
        raise InventoryFault(f"{asked.path} has no group `{asked.group}`", f"its groups are: {there}")
    chosen = dict.fromkeys(_members(inventory, asked.group) if asked.group else inventory.hosts)
    above = _above(inventory)
    hosts = [
        _found(name, inventory, above.get(name, ()), asked)
        for name in chosen
        if patterns.matches(name, asked.match)
    ]
    return Read(hosts=hosts, files=inventory.files)


def _sources(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for found in sorted(path.iterdir()):
        if found.is_file() and not found.name.startswith(".") and not found.name.endswith(LEFT_OUT):
            yield found


# --- INI


def _read_ini(path: Path, inventory: _Inventory) -> None:
    group, kind = "ungrouped", "hosts"
    for at, row in enumerate(text_of(path).splitlines(), 1):
        line = row.strip()
        if not line or line.startswith(("#", ";")):
            continue
        if line.startswith("[") and (found := SECTION.fullmatch(line)):
            group, kind = found[1].strip(), found[2] or "hosts"
            inventory.group(group)
        elif kind == "vars":
            key, _, value = line.partition("=")
            inventory.group(group).vars[key.strip()] = _literal(value.strip())
        elif kind == "children":
            inventory.group(group).children.append(line.split()[0])
        else:
            _read_host(path, at, line, group, inventory)


def _read_host(path: Path, at: int, line: str, group: str, inventory: _Inventory) -> None:
    try:
        first, *rest = shlex.split(line, comments=True)
    except ValueError as error:
        raise InventoryFault(f"{path}:{at}: a quote is not closed", "mend the line") from error
    pairs = (word.partition("=") for word in rest)
    variables = {key: _literal(value) for key, equals, value in pairs if equals}
    pattern, port = _with_port(first)
    if port:
        variables.setdefault("ansible_port", port)
    for name in _expanded(pattern, f"{path}:{at}"):
        inventory.add(group, name, variables)


def _with_port(word: str) -> tuple[str, str]:
    """Split `web1:2222`; a range has colons of its own, between brackets."""
    found = re.fullmatch(r"(.*[^:\]]|.*\]):(\d+)", word)
    bare = RANGE.sub("", word)
    return (found[1], found[2]) if found and bare.count(":") == 1 else (word, "")


def _expanded(pattern: str, place: str) -> Iterator[str]:
    """Yield the names of `web[01:50].example.org` and `db-[a:f]`."""
    found = RANGE.search(pattern)
    if found is None:
        yield pattern
        return
    first, last, step = found[1], found[2], max(1, int(found[3] or 1))
    if first.isdigit() and last.isdigit():
        codes = range(int(first), int(last) + 1, step)
    elif len(first) == len(last) == 1 and (first + last).isalpha():
        codes = range(ord(first), ord(last) + 1, step)
    else:
        raise InventoryFault(f"{place}: `[{first}:{last}]` is no range", "write [01:50] or [a:f]")
    if len(codes) > MOST_HOSTS:
        raise InventoryFault(f"{place}: `[{first}:{last}]` names too many hosts", "mend the range")
    span = [str(code).zfill(len(first)) if first.isdigit() else chr(code) for code in codes]
    for word in span:
        yield from _expanded(pattern[: found.start()] + word + pattern[found.end() :], place)


def _literal(text: str) -> Any:
    """Read a value as Ansible's INI does: a Python literal where it is one, else a text."""
    text = re.sub(r"\s#.*$", "", text).strip()
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text


# --- YAML


def _read_yaml(path: Path, inventory: _Inventory) -> None:
    tree = plain(path) or {}
    if not isinstance(tree, dict):
        raise InventoryFault(
            f"{path} is no Ansible inventory", "write groups at its top: all: {hosts: {web1: }}"
        )
    for name, body in tree.items():
        _read_group(path, str(name), body or {}, inventory)


def _read_group(path: Path, name: str, body: Any, inventory: _Inventory) -> None:
    if not isinstance(body, dict):
        raise InventoryFault(
            f"{path}: the group `{name}` holds no hosts, children or vars", "write them below it"
        )
    group = inventory.group(name)
    group.vars.update(body.get("vars") or {})
    for pattern, variables in _mapping(body.get("hosts")).items():
        for host in _expanded(str(pattern), str(path)):
            inventory.add(name, host, variables if isinstance(variables, dict) else {})
    for child, inner in _mapping(body.get("children")).items():
        group.children.append(str(child))
        _read_group(path, str(child), inner or {}, inventory)


def _mapping(value: Any) -> Mapping[Any, Any]:
    if isinstance(value, dict):
        return value
    return {value: None} if isinstance(value, str) else dict.fromkeys(value or ())


# --- group_vars, host_vars


def _read_vars(folder: Path, inventory: _Inventory) -> None:
    inventory.files += [path for kind in ("group_vars", "host_vars") if (path := folder / kind).is_dir()]
    for name in (*inventory.groups, "all"):
        for path in _var_files(folder / "group_vars" / name):
            inventory.group(name).vars.update(_vars_of(path, inventory))
    for name, variables in inventory.hosts.items():
        for path in _var_files(folder / "host_vars" / name):
            variables.update(_vars_of(path, inventory))


def _var_files(base: Path) -> Iterator[Path]:
    if base.is_dir():
        yield from (path for path in sorted(base.iterdir()) if path.suffix in VARS_SUFFIXES[1:])
    for suffix in VARS_SUFFIXES:
        if (path := base.with_name(base.name + suffix)).is_file():
            yield path


def _vars_of(path: Path, inventory: _Inventory) -> Mapping[str, Any]:
    inventory.files.append(path)
    if text_of(path).startswith("$ANSIBLE_VAULT"):
        return {}
    found = plain(path)
    return found if isinstance(found, dict) else {}


# --- what it comes to


def _members(inventory: _Inventory, name: str, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    if name == "all":
        yield from inventory.hosts
        return
    group = inventory.groups.get(name)
    if group is None or name in seen:
        return
    yield from group.hosts
    for child in group.children:
        yield from _members(inventory, child, seen | {name})


def _above(inventory: _Inventory) -> Mapping[str, tuple[str, ...]]:
    """Return each host's groups, the outermost first: what an inner one says counts more."""
    depth = dict.fromkeys(inventory.groups, 1)
    for _ in inventory.groups:  # as often as groups can be inside one another
        changed = False
        for name, group in inventory.groups.items():
            for child in group.children:
                if depth.get(child, 0) <= depth[name] < len(inventory.groups) + 1:
                    depth[child] = depth[name] + 1
                    changed = True
        if not changed:
            break
    depth["all"], depth["ungrouped"] = 0, 0
    above: dict[str, list[str]] = {}
    for name in inventory.groups:
        for host in set(_members(inventory, name)):
            above.setdefault(host, []).append(name)
    return {
        host: tuple(sorted(names, key=lambda name: (depth.get(name, 0), name)))
        for host, names in above.items()
    }


def _found(name: str, inventory: _Inventory, groups: tuple[str, ...], asked: Asked) -> Found:
    told: dict[str, Any] = dict(inventory.groups["all"].vars) if "all" in inventory.groups else {}
    for group in groups:
        told.update(inventory.groups[group].vars)
    told.update(inventory.hosts[name])

    def said(*keys: str) -> str | None:
        values = (told.get(key) for key in keys)
        return next((str(one) for one in values if one not in (None, "") and "{{" not in str(one)), None)

    key_file = said("ansible_ssh_private_key_file", "ansible_private_key_file")
    options = " ".join(filter(None, (said("ansible_ssh_common_args"), said("ansible_ssh_extra_args"))))
    jump, command = JUMP.search(options), COMMAND.search(options)
    labels = told.get("hangbot_labels")
    inner = asked.group or next(
        (group for group in reversed(groups) if group not in ("all", "ungrouped")), None
    )
    return Found(
        name=name,
        address=said("ansible_host", "ansible_ssh_host") or name,
        port=number(said("ansible_port", "ansible_ssh_port"), asked.path, "ansible_port"),
        user=said("ansible_user", "ansible_ssh_user"),
        key_files=(str(Path(key_file).expanduser()),) if key_file else (),
        jump_word=jump[1] if jump else None,
        proxy_command=(command[2] or command[3]) if command and not jump else None,
        zone=said("hangbot_zone"),
        labels={
            **({"group": inner} if inner else {}),
            **({str(key): str(value) for key, value in labels.items()} if isinstance(labels, dict) else {}),
        },
        services=words(told.get("hangbot_services")),
    )
