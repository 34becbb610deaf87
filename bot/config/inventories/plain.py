"""Plain values from files that others wrote: JSON and YAML without tags of anybody's own."""

from pathlib import Path
from typing import Any

import yaml

from bot.config.inventories.found import InventoryFault

LARGEST_BYTES = 16_000_000
HIGHEST_PORT = 65_535


def text_of(path: Path) -> str:
    """Return a file's text. Raises InventoryFault."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise InventoryFault(f"{path} is larger than 16 MB", "is this the inventory?")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InventoryFault(
            f"{path} cannot be read: {error.strerror}", "look at its name and mode"
        ) from error
    except UnicodeDecodeError as error:
        raise InventoryFault(f"{path} is not UTF-8", "save it as UTF-8 text") from error


class _Lenient(yaml.SafeLoader):
    """Takes tags that it does not know (`!vault`) for nothing: what is hidden there is none of our business."""


_Lenient.add_multi_constructor("!", lambda _loader, _tag, _node: None)


def plain(path: Path) -> Any:
    """Return what a JSON or YAML file holds; JSON is YAML. Raises InventoryFault."""
    try:
        return yaml.load(text_of(path), Loader=_Lenient)  # noqa: S506 — a SafeLoader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InventoryFault(
            f"{path}:{line} is no JSON and no YAML: {error.problem}", "mend the line"
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InventoryFault(f"{path} is no JSON and no YAML", "mend it") from error


def number(value: Any, path: Path, key: str) -> int | None:
    """Return a port as written."""
    if value is None:
        return None
    text = str(value)
    if not text.isdigit() or not 0 < int(text) <= HIGHEST_PORT:
        raise InventoryFault(f"{path}: `{key}` is `{text[:30]}`, and no port", "write a number")
    return int(text)


def words(value: Any) -> tuple[str, ...]:
    """Return the words of a list, or of a text with commas or blanks between them."""
    if isinstance(value, list):
        return tuple(str(one) for one in value)
    return tuple(str(value).replace(",", " ").split()) if value else ()
