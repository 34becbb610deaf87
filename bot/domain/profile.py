"""What of one process can be laid beside another one of the same service: what it uses, and whom it talks to."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Profile:
    """`cpu_share` is of one core, over all threads; None: it was not measured.

    `peers`: the other ends of connections that it made, ADDRESS:PORT or a path, with how many lead there, most first.
    `clients`: connections that it accepted. `log_errors`: None where no log was read. `changed`: what changed on its host
    in the last 24 hours, as `KIND NAME AFTER`.
    """

    cpu_share: float | None = None
    open_files: int = 0
    peers: tuple[tuple[str, int], ...] = ()
    clients: int = 0
    swap_bytes: int | None = None
    log_errors: int | None = None
    changed: tuple[str, ...] = ()
