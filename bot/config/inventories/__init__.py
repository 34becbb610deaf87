"""Hosts from files that people already have: one reader per kind of file, each `(path) -> hosts, files read`."""

from bot.config.inventories import ansible, file_sd, ssh_config
from bot.config.inventories.found import Asked, Found, InventoryFault, Read, Reader

READERS: dict[str, Reader] = {
    "ssh_config": ssh_config.read,
    "ansible": ansible.read,
    "file_sd": file_sd.read,
}

__all__ = ["READERS", "Asked", "Found", "InventoryFault", "Read"]
