"""The processes that use most of a host."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Busy:
    """One process: `cores` it used over the look, `memory_bytes` resident, its state as proc_pid_stat(5) names it.

    `command` has its secrets redacted; a kernel thread has its name in brackets.
    """

    pid: int
    cores: float
    memory_bytes: int
    state: str
    threads: int
    command: str


@dataclass(frozen=True, kw_only=True)
class Top:
    """The busiest processes of a host, over `seconds`."""

    host: str
    seconds: float
    processes: tuple[Busy, ...] = ()
