"""The checks of a config."""

from collections.abc import Iterator

from bot.config.document import Document
from bot.config.model import CheckPart, ConfigFile
from bot.domain.checks import CheckSpec
from bot.domain.targets import Fleet

KINDS = (
    "tcp", "tls", "http", "command", "nginx", "apache", "redis", "memcached", "postgresql", "mysql", "units", "journal",
    "clock", "supervisor", "container",
)  # fmt: skip
OPTIONS = {"status": ("http",), "body": ("http",), "under": ("http",), "name": ("tls", "http"), "warning": ("tls",),
           "critical": ("tls",)}  # fmt: skip
"""Keys that only some kinds have."""
DAY_S = 86_400.0


def checks_of(document: Document, parts: ConfigFile, fleet: Fleet) -> tuple[CheckSpec, ...]:
    """Return the checks, those that services bring along last. Raises ConfigFault."""
    own = tuple(_check(document, name, part, fleet) for name, part in parts.checks.items())
    return (*own, *(one for one in _of_services(fleet) if one.name not in parts.checks))


def _of_services(fleet: Fleet) -> Iterator[CheckSpec]:
    """Return the checks of services that supervisord or a container runtime keeps: `shop_container`."""
    for name, service in fleet.services.items():
        hosts = tuple(host.name for host in fleet.hosts.values() if name in host.services)
        for kind, target in (("supervisor", service.supervisor), ("container", service.container)):
            if hosts and target:
                yield CheckSpec(name=f"{name}_{kind}", kind=kind, target=target, hosts=hosts)


def _check(document: Document, name: str, part: CheckPart, fleet: Fleet) -> CheckSpec:
    path = ("checks", name)
    if name in fleet.services:
        raise document.fault(
            path, f"`{name}` is the name of a service too", "name it otherwise: charts go by names"
        )
    given = [kind for kind in KINDS if getattr(part, kind) is not None]
    if len(given) != 1:
        problem = "this asks more than one thing" if given else "nothing says what to ask"
        raise document.fault(path, problem, f"write one of {', '.join(f'`{kind}:`' for kind in KINDS)}")
    kind = given[0]
    for key, kinds in OPTIONS.items():
        if key in part.model_fields_set and kind not in kinds:
            raise document.fault((*path, key), f"`{kind}` has no `{key}`", "take it out")
    asked = getattr(part, kind)
    hosts = tuple([part.hosts] if isinstance(part.hosts, str) else part.hosts)
    for index, host in enumerate(hosts):
        if not set(host) & set("*?[") and host.lower() not in {known.lower() for known in fleet.hosts}:
            at = (*path, "hosts") if isinstance(part.hosts, str) else (*path, "hosts", index)
            raise document.fault(
                at, f"there is no host `{host}`", "write a host's name, or a pattern such as web*"
            )
    spec = CheckSpec(
        name=name,
        kind=kind,
        target="" if kind == "command" else str(asked),
        argv=tuple(asked) if kind == "command" else (),
        hosts=hosts,
        every_s=part.every,
        timeout_s=part.timeout,
        status=part.status,
        body=part.body or "",
        under_s=part.under,
        server_name=part.name or "",
        warning_days=part.warning / DAY_S,
        critical_days=part.critical / DAY_S,
        at_most=part.at_most,
    )
    if kind in ("tcp", "tls", "redis", "memcached") and not _has_address(spec):
        raise document.fault(
            (*path, kind), f"`{asked}` is no address", "write host:port, such as 127.0.0.1:6379"
        )
    return spec


def _has_address(spec: CheckSpec) -> bool:
    """Whether the target names a port; the kinds that know a usual one take a host alone."""
    try:
        host, port = spec.address({"tls": 443, "redis": 6379, "memcached": 11211}.get(spec.kind, 0))
    except ValueError:
        return False
    return bool(host) and 0 < port < 65536
