"""Secrets that stand in the config, where they must not: by the name of their key, and by how they look."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bot.config.document import Document, Path_

KEYS = re.compile(
    r"(.*[_-])?(password|passwd|passphrase|token|secret|secrets|routing_key|api_?key|private_key)",
    re.IGNORECASE,
)
VALUES = re.compile(r"xox[a-z](\.xox[a-z])?-|xapp-|-----BEGIN [A-Z ]*PRIVATE KEY")
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
REMEDY = "take it out; give it in the environment, or in a file named by NAME_FILE (see README)"


def refuse_secrets(document: Document) -> None:
    """Raise ConfigFault, which does not repeat it, for the first secret."""
    _refuse(document, document.values, ())


def _refuse(document: Document, value: Any, path: Path_) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if KEYS.fullmatch(key) and path not in NAMED_BY_PEOPLE:
                raise document.fault((*path, key), "a secret stands in the config", REMEDY)
            _refuse(document, inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _refuse(document, inner, (*path, index))
    elif (
        isinstance(value, str) and path != ("database",) and (VALUES.match(value) or carries_password(value))
    ):
        raise document.fault(path, "a secret stands in the config", REMEDY)


NAMED_BY_PEOPLE: tuple[Path_, ...] = (("hosts",), ("services",), ("runbooks",), ("oncall",), ("heartbeats",))
"""Keys below these are names that people chose: a host may be called `token`."""


def carries_password(text: str) -> bool:
    """Return whether an address has a password in it, before its host or among its parameters."""
    if not ADDRESS.match(text):
        return False
    try:
        parts = urlsplit(text)
        return bool(parts.password) or any(KEYS.fullmatch(key) for key in parse_qs(parts.query))
    except ValueError:
        return False
