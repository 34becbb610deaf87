"""A YAML file as plain values, with the line of every key: what an error must name."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.domain.errors import ConfigFault

Path_ = tuple[str | int, ...]
MOST_NODES = 50_000
"""More than any fleet's config needs; an alias bomb has more."""
LARGEST_BYTES = 4_000_000


@dataclass(frozen=True, kw_only=True)
class Document:
    """`values` as read, `lines` the line (from 1) of each key or list entry, by its path."""

    file: Path
    values: dict[str, Any]
    lines: dict[Path_, int]

    def line(self, path: Path_) -> int:
        """Return the line of a path, or of the nearest one above it that stands in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def fault(self, path: Path_, problem: str, remedy: str) -> ConfigFault:
        return ConfigFault(
            file=str(self.file), line=self.line(path), key=dotted(path), problem=problem, remedy=remedy
        )


def dotted(path: Path_) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def read(file: Path) -> Document:
    """Read a file, or raise ConfigFault. Only plain YAML: no tags that make objects, no key twice."""

    def fault(line: int, problem: str, remedy: str) -> ConfigFault:
        return ConfigFault(file=str(file), line=line, key="", problem=problem, remedy=remedy)

    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise fault(1, "the file is larger than 4 MB", "is this the config? Name another one with -c")
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise fault(
            1, "there is no such file", "name another one with -c, or write one (see README)"
        ) from error
    except UnicodeDecodeError as error:
        raise fault(1, "the file is not UTF-8", "save it as UTF-8 text") from error
    except OSError as error:
        raise fault(1, f"it cannot be read: {error.strerror}", "look at its owner and mode") from error
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        reader = _Reader(file)
        values = reader.value(node, ()) if node is not None else None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise fault(
            line, f"this is not YAML: {error.problem}", "mend the line; tabs cannot indent YAML"
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise fault(1, f"this is not YAML: {error}", "mend the file") from error
    if not isinstance(values, dict):
        raise fault(
            1, "the file is no mapping of keys", "start with `slack:`, `hosts:` and `services:` (see README)"
        )
    return Document(file=file, values=values, lines=reader.lines)


class _Reader:
    """Turns YAML nodes into values, remembering lines and refusing what would surprise."""

    def __init__(self, file: Path) -> None:
        self._file = str(file)
        self._seen = 0
        self._above: set[int] = set()
        self._scalars = yaml.SafeLoader("")
        self.lines: dict[Path_, int] = {}

    def _fault(self, node: yaml.Node, path: Path_, problem: str, remedy: str) -> ConfigFault:
        line = node.start_mark.line + 1
        return ConfigFault(file=self._file, line=line, key=dotted(path), problem=problem, remedy=remedy)

    def value(self, node: yaml.Node, path: Path_) -> Any:
        self._seen += 1
        if self._seen > MOST_NODES:
            raise self._fault(node, path, "the file unfolds to more than 50,000 values", "use fewer aliases")
        if id(node) in self._above:
            raise self._fault(node, path, "an alias stands inside what it names", "write it out")
        self._above.add(id(node))
        try:
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, path)
            if isinstance(node, yaml.SequenceNode):
                return [self._entry(child, (*path, index)) for index, child in enumerate(node.value)]
            return self._scalar(node, path)
        finally:
            self._above.discard(id(node))

    def _entry(self, node: yaml.Node, path: Path_) -> Any:
        self.lines[path] = node.start_mark.line + 1
        return self.value(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._fault(key_node, path, "a key is no plain word", "use a word, such as `web1:`")
            key = str(key_node.value)
            if key in found:
                raise self._fault(key_node, (*path, key), f"`{key}` stands here twice", "keep one of them")
            self.lines[(*path, key)] = key_node.start_mark.line + 1
            found[key] = self.value(value_node, (*path, key))
        return found

    def _scalar(self, node: yaml.Node, path: Path_) -> Any:
        if not node.tag.startswith("tag:yaml.org,2002:") or ":python/" in node.tag:
            raise self._fault(node, path, f"the tag {node.tag} is not understood", "write a plain value")
        return self._scalars.construct_object(node)
