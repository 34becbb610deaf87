"""The hosts and services of a config, with those of its inventories."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from bot.config import kinds
from bot.config.document import Document, Path_
from bot.config.faults import nearest, short
from bot.config.inventories import READERS, Asked, Found, InventoryFault
from bot.config.inventories.ssh_config import hop
from bot.config.model import ConfigFile, HostPart, InventoryPart
from bot.domain.errors import ConfigFault
from bot.domain.targets import BOT, Fleet, FrontCheck, HostSpec, HttpCheck, ServiceSpec

DEEPEST_JUMP = 8


def fleet_of(
    document: Document, parts: ConfigFile, environ: Mapping[str, str]
) -> tuple[Fleet, tuple[str, ...]]:
    """Return the fleet, and the files of all inventories. Raises ConfigFault."""
    services = _services(document, parts)
    for kind, names in (("hosts", parts.hosts), ("services", services)):
        _refuse_twins(document, kind, names)
    for name, host in parts.hosts.items():
        _check_services(document, ("hosts", name, "services"), host.services, services)
    found, sources = _inventories(document, parts, services)
    making = _Making(document, parts, found, environ)
    hosts = {name: making.host(name) for name in dict.fromkeys((*parts.hosts, *found))}
    for name, service in services.items():
        if service.front is not None and service.front.source not in (BOT, *hosts):
            problem = f"there is no host `{service.front.source}` to ask from"
            raise document.fault(
                ("services", name, "front", "from"),
                problem,
                nearest(service.front.source, (BOT, *hosts), "places"),
            )
    return Fleet(hosts=hosts, services=services), sources


def _services(document: Document, parts: ConfigFile) -> dict[str, ServiceSpec]:
    for name, service in parts.services.items():
        if not any((service.unit, service.process, service.http)):
            problem = f"nothing says how to find `{name}`"
            raise document.fault(
                ("services", name), problem, "give it a `unit:`, a `process:` or an `http:` address"
            )
        for key in ("supervisor", "container"):
            if (getattr(service, key) or "").startswith("-"):
                raise document.fault(
                    ("services", name, key), "this would be read as an option", "write its name"
                )
    return {
        name: ServiceSpec(
            name=name,
            unit=part.unit,
            process=part.process,
            supervisor=part.supervisor,
            container=part.container,
            http=HttpCheck(url=part.http.url, timeout_s=part.http.timeout) if part.http else None,
            front=FrontCheck(url=part.front.url, source=part.front.from_, timeout_s=part.front.timeout)
            if part.front
            else None,
            restart=tuple(part.restart) if part.restart else None,
            start_grace_s=part.start_grace,
        )
        for name, part in parts.services.items()
    }


def _check_services(document: Document, path: Path_, wanted: Iterable[str], known: Mapping[str, Any]) -> None:
    seen: list[str] = []
    for index, name in enumerate(wanted):
        if name not in known:
            problem = f"there is no service `{short(name)}`"
            raise document.fault((*path, index), problem, nearest(name, known, "services"))
        if name in seen:
            raise document.fault((*path, index), f"`{name}` stands here twice", "keep one of them")
        seen.append(name)


def _refuse_twins(document: Document, kind: str, names: Iterable[str]) -> None:
    """Names are typed in any case, so two must not differ in case alone."""
    seen: dict[str, str] = {}
    for name in names:
        twin = seen.setdefault(name.lower(), name)
        if twin != name:
            problem = f"`{name}` and `{twin}` (line {document.line((kind, twin))}) differ in case alone"
            raise document.fault((kind, name), problem, "rename one: in chat any case will do")


# --- inventories


def _inventories(
    document: Document, parts: ConfigFile, services: Mapping[str, ServiceSpec]
) -> tuple[dict[str, Found], tuple[str, ...]]:
    """Read them all; what an earlier one says of a host stands, later ones fill in the rest."""
    hosts: dict[str, Found] = {}
    sources: list[str] = []
    spelled = {name.lower(): name for name in parts.hosts}
    for index, part in enumerate(parts.inventories):
        path: Path_ = ("inventories", index)
        kind, asked = _asked(document, path, part, parts)
        _check_services(document, (*path, "services"), part.services, services)
        if not asked.path.exists():
            sources.append(str(asked.path))
            continue
        try:
            read = READERS[kind](asked)
        except InventoryFault as fault:
            raise document.fault((*path, kind), fault.problem, fault.remedy) from fault
        sources += map(str, read.files)
        for found in read.hosts:
            _check_found(document, (*path, kind), found, services, spelled)
            told = replace(
                found,
                zone=found.zone or part.zone,
                labels={**found.labels, **part.labels},
                services=tuple(dict.fromkeys((*found.services, *part.services))),
            )
            hosts[found.name] = _merged(hosts.get(found.name), told)
    return hosts, tuple(dict.fromkeys(sources))


def _asked(document: Document, path: Path_, part: InventoryPart, parts: ConfigFile) -> tuple[str, Asked]:
    given = [kind for kind in READERS if getattr(part, kind) is not None]
    if len(given) != 1:
        problem = "this names more than one file" if given else "nothing says which file to read"
        raise document.fault(path, problem, f"write one of {', '.join(f'`{kind}:`' for kind in READERS)}")
    kind = given[0]
    if part.group is not None and kind != "ansible":
        raise document.fault((*path, "group"), f"`{kind}` knows no groups", "write `match:`, or take it out")
    ssh, told = parts.ssh, parts.ssh.model_fields_set
    asked = Asked(
        path=Path(path_of(document, (*path, kind), getattr(part, kind))),
        match=part.match,
        group=part.group,
        user=ssh.user if "user" in told else None,
        key_file=path_of(document, ("ssh", "key_file"), ssh.key_file) if ssh.key_file else None,
    )
    return kind, asked


def _check_found(
    document: Document, path: Path_, found: Found, services: Mapping[str, Any], spelled: dict[str, str]
) -> None:
    try:
        kinds.name(found.name)
    except ValueError as error:
        problem, _, remedy = str(error).partition("|")
        raise document.fault(path, f"its host `{short(found.name)}` {problem}", remedy) from error
    twin = spelled.setdefault(found.name.lower(), found.name)
    if twin != found.name:
        problem = f"its host `{found.name}` and `{twin}` differ in case alone"
        raise document.fault(path, problem, "rename one: in chat any case will do")
    for name in found.services:
        if name not in services:
            problem = f"its host `{found.name}` has a service `{short(name)}` that is not described"
            raise document.fault(path, problem, nearest(name, services, "services"))


def _merged(before: Found | None, found: Found) -> Found:
    if before is None:
        return found
    filled = {
        one.name: getattr(found, one.name)
        for one in fields(Found)
        if getattr(before, one.name) in (None, ()) and getattr(found, one.name) not in (None, ())
    }
    services = tuple(dict.fromkeys((*before.services, *found.services)))
    return replace(before, **{**filled, "labels": {**found.labels, **before.labels}, "services": services})


# --- hosts


class _Making:
    """Makes specs: what stands at a host counts, then what its inventory says, then `ssh:`."""

    def __init__(
        self, document: Document, parts: ConfigFile, found: Mapping[str, Found], environ: Mapping[str, str]
    ) -> None:
        self._document, self._parts, self._found = document, parts, found
        self._agent = environ.get("SSH_AUTH_SOCK", "")
        self._environ = environ

    def host(self, name: str, behind: tuple[str, ...] = ()) -> HostSpec:
        """Return a host that somebody may type, with all it is reached through."""
        host = self._parts.hosts.get(name, HostPart())
        found = self._found.get(name, Found(name=name))
        spec = self._reached(found, host, ("hosts", name), (*behind, name))
        return replace(
            spec,
            transport=host.transport,
            zone=host.zone or found.zone,
            labels={**found.labels, **host.labels},
            services=tuple(dict.fromkeys((*host.services, *found.services))),
        )

    def _reached(self, found: Found, host: HostPart, path: Path_, behind: tuple[str, ...]) -> HostSpec:
        ssh, told = self._parts.ssh, host.model_fields_set
        key_file, identities = self._keys(found, host, path)
        certificate = self._own(host, path, "certificate_file")
        known_hosts = self._own(host, path, "known_hosts")
        agent = self._agent_of(found, host)
        sudo = ssh.sudo if host.sudo is None else host.sudo
        return HostSpec(
            name=found.name,
            address=host.address or found.address or found.name,
            port=host.port if "port" in told or found.port is None else found.port,
            user=host.user or found.user or ssh.user,
            key_file=key_file,
            identities=identities,
            certificates=(*((certificate,) if certificate else ()), *found.certificates),
            agent=agent,
            identities_only=bool(key_file) if found.identities_only is None else found.identities_only,
            known_hosts=known_hosts,
            also_known=found.also_known,
            key_alias=found.key_alias or "",
            jump=self._jump(found, host, path, behind),
            proxy_command="" if host.jump else found.proxy_command or "",
            connect_timeout_s=host.connect_timeout or ssh.connect_timeout,
            command_timeout_s=host.command_timeout or ssh.command_timeout,
            sudo=sudo,
        )

    def _keys(self, found: Found, host: HostPart, path: Path_) -> tuple[str | None, tuple[str, ...]]:
        if host.key_file is None and len(found.key_files) == 1:
            return found.key_files[0], ()
        if host.key_file is None and found.key_files:
            return None, found.key_files
        return self._own(host, path, "key_file"), ()

    def _agent_of(self, found: Found, host: HostPart) -> str:
        if not (self._parts.ssh.agent if host.agent is None else host.agent):
            return ""
        if found.agent is None:
            return self._agent
        if found.agent.startswith("$"):
            return self._environ.get(found.agent.strip("${}"), "")
        return "" if found.agent == "none" else found.agent

    def _own(self, host: HostPart, path: Path_, key: str) -> str | None:
        """Return a path that the host or `ssh:` names."""
        written, place = getattr(host, key), (*path, key)
        if written is None:
            written, place = getattr(self._parts.ssh, key), ("ssh", key)
        return path_of(self._document, place, written) if written else None

    def _jump(self, found: Found, host: HostPart, path: Path_, behind: tuple[str, ...]) -> HostSpec | None:
        word, place = host.jump, (*path, "jump")
        if word is None:
            if found.jump is not None:
                return self._reached(found.jump, HostPart(), path, behind)
            word = found.jump_word
        if word is None and found.proxy_command is None:
            word, place = self._parts.ssh.jump, ("ssh", "jump")
            if word is not None and hop(word)[1] in behind:
                return None  # the jump host of all is not behind itself
        if word is None or word.lower() == "none":
            return None
        return self._named_jump(word, place, behind)

    def _named_jump(self, word: str, place: Path_, behind: tuple[str, ...]) -> HostSpec:
        user, address, port = hop(word)
        if address in behind or len(behind) > DEEPEST_JUMP:
            raise self._circle(place, address, behind)
        if port and not port.isdigit():
            raise self._document.fault(
                place, f"`{short(word)}` has no port that is a number", "write user@host:22"
            )
        known = {name.lower(): name for name in (*self._parts.hosts, *self._found)}
        if (name := known.get(address.lower())) is not None:
            spec = self.host(name, behind)
        else:
            spec = self._reached(Found(name=address), HostPart(), place, (*behind, address))
        return replace(spec, user=user or spec.user, port=int(port) if port else spec.port)

    def _circle(self, place: Path_, address: str, behind: tuple[str, ...]) -> ConfigFault:
        problem = f"`{behind[0]}` is to be reached through `{address}`, which leads in a circle"
        return self._document.fault(place, problem, "write `jump: none` at the one that is reached straight")


def path_of(document: Document, path: Path_, written: str) -> str:
    """Return a path from the config's own folder; `~` is that of whoever runs this."""
    try:
        return str(document.file.resolve().parent / Path(written).expanduser())
    except RuntimeError as error:
        raise document.fault(path, f"`{written}` is in nobody's home", "write the path from / on") from error
