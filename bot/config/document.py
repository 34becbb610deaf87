"""A YAML file as plain values, with the line of every key: what an error must name."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.domain.errors import ConfigFault

Path_ = tuple[str | int, ...]
MOST_NODES = 50_000
"""More than any fleet's config needs; an alias bomb has more."""
PLAIN_TAGS = {
    f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp")
}
UNQUOTED_HASH = re.compile(r":\s+#([A-Za-z0-9][^\s},]*)")
LARGEST_BYTES = 4_000_000


@dataclass(frozen=True, kw_only=True)
class Document:
    """`values` as read, `lines` the line (from 1) of each key or list entry, by its path."""

    file: Path
    values: dict[str, Any]
    lines: dict[Path_, int]
    text: str = ""

    def text_at(self, path: Path_) -> str:
        """Return the line that a path stands on, as written."""
        rows = self.text.split("\n")
        return rows[min(self.line(path), len(rows)) - 1]

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
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def read(file: Path) -> Document:
    """Read a file, or raise ConfigFault. Only plain YAML: no tags that make objects, no key twice."""
    text = _text(file)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        reader = _Reader(file)
        values = reader.value(node, ()) if node is not None else None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = f"this is not YAML: {error.problem}"
        raise _fault(file, line, problem, _yaml_remedy(text, line, error)) from error
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        problem = f"a control character stands here (U+{ord(text[error.position]):04X})"
        raise _fault(file, line, problem, "take it out") from error
    except RecursionError as error:
        raise _fault(
            file, 1, "brackets or blocks stand too deep in each other", "is this the config?"
        ) from error
    if not isinstance(values, dict):
        problem = "the file is no mapping of keys"
        raise _fault(file, 1, problem, "start with `slack:`, `hosts:` and `services:` (see README)")
    return Document(file=file, values=values, lines=reader.lines, text=text)


def _fault(file: Path, line: int, problem: str, remedy: str) -> ConfigFault:
    return ConfigFault(file=str(file), line=line, key="", problem=problem, remedy=remedy)


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > LARGEST_BYTES:
            remedy = "is this the config? Name another one with -c"
            raise _fault(file, 1, "the file is larger than 4 MB", remedy)
        if not file.is_file():
            raise _fault(file, 1, "this is no file", "name the config itself with -c, such as hangbot.yaml")
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        remedy = "name another one with -c, or write one (see README)"
        raise _fault(file, 1, "there is no such file", remedy) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise _fault(file, line, "the file is not UTF-8", "save it as UTF-8 text") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise _fault(file, 1, f"it cannot be read: {reason}", "look at its owner and mode") from error
    if not text.strip():
        remedy = "write `slack:`, `hosts:` and `services:` into it (see README)"
        raise _fault(file, 1, "the file is empty", remedy)
    return text


def _yaml_remedy(text: str, line: int, error: yaml.MarkedYAMLError) -> str:
    problem, rows = str(error.problem), text.split("\n")
    above = [row for row in rows[max(0, line - 2) : line] if UNQUOTED_HASH.search(row)]
    if above:
        return f'a value that begins with # needs quotes: "#{UNQUOTED_HASH.findall(above[-1])[0]}"'
    if "\\t" in problem:
        return "indent with blanks: tabs cannot indent YAML"
    if "undefined alias" in problem:
        return "name it before it is used, with &; a value that begins with * needs quotes"
    if "another document" in problem:
        return "keep one document, without `---` in between"
    if "mapping values are not allowed" in problem:
        return "look for a `:` too many, or put the value in quotes"
    if "cannot start any token" in problem:
        return "put the value in quotes"
    if "<block end>" in problem:
        return "indent it as far as the lines that it belongs to"
    return "look at this line and the one above it: quotes and brackets must close, and each key needs `: `"


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
            self._refuse_tag(node, path)
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
                remedy = "use a word, such as `web1:`; a value that begins with { needs quotes"
                raise self._fault(key_node, path, "a key is no plain word", remedy)
            key = str(key_node.value)
            if key in found:
                raise self._fault(key_node, (*path, key), f"`{key}` stands here twice", "keep one of them")
            self.lines[(*path, key)] = key_node.start_mark.line + 1
            found[key] = self.value(value_node, (*path, key))
        return found

    def _refuse_tag(self, node: yaml.Node, path: Path_) -> None:
        if node.tag not in PLAIN_TAGS:
            raise self._fault(node, path, f"the tag {node.tag} is not understood", "write a plain value")

    def _scalar(self, node: yaml.Node, path: Path_) -> Any:
        try:
            return self._scalars.construct_object(node)
        except ValueError as error:
            problem = f"`{str(node.value)[:60]}` is no value of its kind: {str(error).partition(';')[0]}"
            raise self._fault(node, path, problem, "put it in quotes if it is a text") from error
