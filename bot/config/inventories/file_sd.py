"""Prometheus' file_sd: a list of `{"targets": ["web1:9100"], "labels": {…}}`, in JSON or YAML.

The port of a target is that of an exporter, not of SSH. Labels that begin with `hangbot_` are for us.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.config.inventories import patterns
from bot.config.inventories.found import Asked, Found, InventoryFault, Read
from bot.config.inventories.plain import number, plain, words

OURS = "hangbot_"
REMEDY = 'write a list: [{"targets": ["web1:9100"], "labels": {"role": "web"}}]'


def read(asked: Asked) -> Read:
    """Return the hosts of all targets. Raises InventoryFault."""
    groups = plain(asked.path)
    if groups is None:
        groups = []
    if not isinstance(groups, list) or not all(isinstance(group, dict) for group in groups):
        raise InventoryFault(f"{asked.path} holds no list of targets", REMEDY)
    hosts = {host.name: host for group in groups for host in _hosts(asked, group)}
    return Read(
        hosts=[one for one in hosts.values() if patterns.matches(one.name, asked.match)], files=[asked.path]
    )


def _hosts(asked: Asked, group: Mapping[str, Any]) -> Iterator[Found]:
    targets, labels = group.get("targets"), group.get("labels") or {}
    if not isinstance(targets, list) or not isinstance(labels, dict):
        raise InventoryFault(f"{asked.path} has an entry without a list of `targets`", REMEDY)
    told = {str(key): str(value) for key, value in labels.items()}
    own = {key.removeprefix(OURS): value for key, value in told.items() if key.startswith(OURS)}
    for target in targets:
        name = _bare(str(target))
        if name:
            yield Found(
                name=own.get("name", name) if len(targets) == 1 else name,
                address=own.get("address") or name,
                port=number(own.get("port"), asked.path, f"{OURS}port"),
                user=own.get("user"),
                zone=own.get("zone") or told.get("zone"),
                jump_word=own.get("jump"),
                services=words(own.get("services")),
                labels={key: value for key, value in told.items() if not key.startswith((OURS, "__"))},
            )


def _bare(target: str) -> str:
    """Return the host of `web1:9100`, `[2001:db8::1]:9100` or `http://web1:9100/metrics`."""
    target = target.partition("://")[2] or target
    target = target.partition("/")[0].strip()
    if target.startswith("["):
        return target[1:].partition("]")[0]
    return target.partition(":")[0] if target.count(":") == 1 else target
