"""Hosts over SSH and this machine itself: the only place with paramiko and psutil."""

from bot.hosts.fleet import SshFleet, open_hosts, opened_ways

__all__ = ["SshFleet", "open_hosts", "opened_ways"]
