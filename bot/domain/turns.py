"""What one turn of a loop takes from the turn before: read from the source around it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.loops import PURE, Lines, parse_around

Kind = ast.While | ast.For | ast.AsyncFor


@dataclass(frozen=True, kw_only=True)
class Call:
    """`of` is the name whose attribute is called, empty where a function is called by its own name; `mentions` all names in it."""

    of: str
    mentions: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Turn:
    """`parts` are the statements straight in the loop, by their first and last lines: who is seen in an earlier one than
    before has begun another turn.
    """

    parts: tuple[tuple[int, int], ...]
    anew: frozenset[str]
    """Names that every turn sets anew: targets of the loops in it, and what is set before it is read."""
    calls: tuple["Call", ...]
    """What it calls, but for built-ins that change nothing."""

    def part_of(self, line: int) -> int | None:
        return next((at for at, (first, last) in enumerate(self.parts) if first <= line <= last), None)


def turn_of(lines: Lines, line: int, head: int) -> Turn | None:
    """Return what a turn of the loop that begins at `head` is, None where its source is not known around `line`."""
    tree = parse_around(lines, line)
    node = next(
        (one for one in ast.walk(tree) if isinstance(one, Kind) and one.lineno == head) if tree else iter(()),
        None,
    )
    if node is None:
        return None
    test = [node.test] if isinstance(node, ast.While) else []
    return Turn(
        parts=tuple((one.lineno, one.end_lineno or one.lineno) for one in node.body),
        anew=frozenset(_anew(node)),
        calls=tuple(call for part in [*test, *node.body] for call in _calls(part)),
    )


def _anew(node: Kind) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.For | ast.AsyncFor | ast.comprehension) and inner is not node:
            yield from _names(inner.target)
    read = set(_names(node.test)) if isinstance(node, ast.While) else set()
    for part in node.body:
        read |= {
            one.id for one in ast.walk(part) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)
        }
        if isinstance(part, ast.Assign | ast.AnnAssign):
            targets = part.targets if isinstance(part, ast.Assign) else [part.target]
            yield from (name for target in targets for name in _set(target) if name not in read)


def _set(target: ast.expr) -> Iterator[str]:
    """Return the names that a target sets whole: not those of which it sets a part."""
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, ast.Tuple | ast.List):
        for one in target.elts:
            yield from _set(one)


def _calls(part: ast.AST) -> Iterator[Call]:
    """Return the calls of what goes on with the loop: not those in what leaves it."""
    if isinstance(part, ast.Raise | ast.Return):
        return
    for one in (part, *_below(part)):
        if isinstance(one, ast.Call) and not (isinstance(one.func, ast.Name) and one.func.id in PURE):
            root: ast.AST = one.func
            while isinstance(root, ast.Attribute | ast.Subscript):
                root = root.value
            of = root.id if isinstance(root, ast.Name) and root is not one.func else ""
            yield Call(of=of, mentions=frozenset(_names(one)))


def _below(node: ast.AST) -> Iterator[ast.AST]:
    for one in ast.iter_child_nodes(node):
        if not isinstance(one, ast.Raise | ast.Return):
            yield one
            yield from _below(one)


def _names(node: ast.AST) -> Iterator[str]:
    return (one.id for one in ast.walk(node) if isinstance(one, ast.Name))
