"""Secrets come from the environment, or from a file that it names; never from the config."""

from collections.abc import Mapping
from pathlib import Path

from bot.domain.errors import ConfigFault

OTHERS_MAY = 0o077


def secret(name: str, environ: Mapping[str, str]) -> str | None:
    """Return the value of `name`, or of the file that `name`_FILE names; None where neither is set.

    Raises ConfigFault where the file cannot be read, or where others on the machine could read it too.
    """
    if value := environ.get(name, "").strip():
        return value
    path = environ.get(f"{name}_FILE")
    if not path:
        return None
    file = Path(path)

    def fault(problem: str, remedy: str) -> ConfigFault:
        return ConfigFault(file=path, line=1, key=f"{name}_FILE", problem=problem, remedy=remedy)

    try:
        if file.stat().st_mode & OTHERS_MAY:
            raise fault("others on this machine may read this secret", f"type: chmod 600 {path}")
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise fault(
            f"the secret cannot be read: {error.strerror}", "look at the path, its owner and mode"
        ) from error
