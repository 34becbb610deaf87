"""What a piece of Python source says of its loops and locks. Only the lines around the frames are known, and often not all."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Lines = Mapping[int, str]
PURE = frozenset(
    {"len", "abs", "min", "max", "int", "float", "bool", "str", "ord", "isinstance", "hasattr", "callable"}
)
"""Built-ins that change nothing."""
QUESTION = re.compile(
    r"(?:is|has|can|should)(?:_|[A-Z])\w*$|(?:empty|full|done|ready|locked|exists|finished|completed|running|stopped|closed"
    r"|connected|alive|cancelled|get|status|state)$"
)
NESTED = (
    ast.Lambda,
    ast.GeneratorExp,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
)
LOOPS = (ast.While, ast.For, ast.AsyncFor, ast.GeneratorExp, ast.ListComp, ast.SetComp, ast.DictComp)
BLOCK = re.compile(r"^(\s*)(?:async\s+def|def|class|lambda)\b")


@dataclass(frozen=True, kw_only=True)
class Loop:
    """A loop around a line. `targets` are what a `for` counts through, `exits` the names that could end it,
    `opaque` whether attributes or calls could end it, which locals do not show.
    """

    line: int
    last: int
    counts: bool
    targets: frozenset[str] = frozenset()
    exits: frozenset[str] = frozenset()
    opaque: bool = False
    endless: bool = False
    """`while True` that nothing in it leaves."""
    calls: bool = False
    """Whether its body or its test calls anything."""
    nests: bool = False
    """Whether a turn may be long of itself: it calls something, or has a loop in it."""
    inner: frozenset[str] = frozenset()
    """What loops and comprehensions in it count through: every turn sets them back."""
    assigned: frozenset[str] = frozenset()
    entered: frozenset[str] = frozenset()
    """Names of which the body sets a part, `cls.done += 1`: they stay what they are while it gets on."""
    steps: frozenset[str] = frozenset()
    """Names that walk a structure: `item = item.next`, `state = following[state]`."""
    climbs: frozenset[str] = frozenset()
    """Names that are only ever counted up, or only ever down: `number += 1`."""
    shared: frozenset[str] = frozenset()
    """Names that a nested function or generator in it uses: they live in cells, which no sampler shows."""
    waits: bool = False
    """`while not job.done(): pass`: nothing but a question asked again."""
    attempts: tuple["Attempt", ...] = ()

    def proves_failure(self, line: int) -> bool:
        """Return whether another turn proves that what stands on a line failed: its success would have ended the loop."""
        return any(
            one.ends and first <= line <= last
            for one in self.attempts
            for first, last in (one.tried, *one.handlers)
        )


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A `try` straight in a loop whose handlers go on with the loop; line ranges, both ends included."""

    tried: tuple[int, int]
    """Its first statement: what fails, where it fails each time."""
    handlers: tuple[tuple[int, int], ...]
    passed: tuple[tuple[int, int], ...]
    """What runs only after the first statement went well."""
    ends: bool
    """Whether one success ends the loop: a second turn proves a failure."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """A lock that is held, or wanted, as the source writes it: `self.lock`."""

    text: str
    line: int


def loops_at(lines: Lines, line: int) -> list[Loop]:
    """Return the loops around a line within its function, the innermost first."""
    tree = parse_around(lines, line)
    found = (
        [
            _loop(node)
            for node in ast.walk(tree)
            if isinstance(node, ast.While | ast.For | ast.AsyncFor) and _spans(node, line)
        ]
        if tree
        else []
    )
    return sorted(found, key=lambda loop: (-loop.line, loop.last))


def wanted_at(lines: Lines, line: int) -> Held | None:
    """Return the lock that this line waits for: of a `with` header, or of an `.acquire(`."""
    text = lines.get(line, "")
    if found := re.match(r"\s*(?:async\s+)?with\s+(.+?)(?:\s+as\s+\w+)?\s*:", text):
        return Held(text=found[1].split(",")[0].strip(), line=line)
    if found := re.search(r"([\w.\[\]'\"]+)\.acquire\(", text):
        return Held(text=found[1], line=line)
    return None


DEPTH = frozenset({"RecursionError", "RuntimeError"})
ANYTHING = frozenset({"Exception", "BaseException"})


def swallows_at(lines: Lines, line: int, *, broadly: bool = False) -> bool:
    """Return whether the function catches, around this line, by its name the error that ends a recursion too deep, and goes on.

    `broadly`: whatever it catches it by, and if it returns.
    """
    tree = parse_around(lines, line)
    return tree is not None and any(
        isinstance(node, ast.Try)
        and node.body[0].lineno <= line <= (node.body[-1].end_lineno or 0)
        and any(_takes_depth(handler, broadly) for handler in node.handlers)
        for node in ast.walk(tree)
    )


def _takes_depth(handler: ast.ExceptHandler, broadly: bool) -> bool:
    caught = set(_names(handler.type)) if handler.type else ANYTHING
    if broadly:
        return bool(caught & (DEPTH | ANYTHING)) and not any(
            isinstance(one, ast.Raise) for one in ast.walk(handler)
        )
    return bool(caught & DEPTH) and not _leaves(handler)


def held_at(lines: Lines, line: int) -> list[Held]:
    """Return the locks that a function holds while it stands on a line: `with` bodies around it, and acquires before it."""
    tree = parse_around(lines, line)
    if tree is None:
        return _headers_above(lines, line)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.With) and node.body and node.body[0].lineno <= line <= (node.end_lineno or 0):
            found += [Held(text=ast.unparse(item.context_expr), line=node.lineno) for item in node.items]
        elif isinstance(node, ast.With) and node.lineno == line and len(node.items) > 1:
            found += [Held(text=ast.unparse(item.context_expr), line=line) for item in node.items[:-1]]
    return found + _acquired(tree, line)


def _headers_above(lines: Lines, line: int) -> list[Held]:
    """Return the `with` headers around a line by their indentation: of a function whose beginning is not known."""
    found: list[Held] = []
    depth = _indent(lines.get(line, ""))
    for number in range(line - 1, 0, -1):
        text = lines.get(number)
        if text is None or not depth:
            break
        if not text.strip() or text.lstrip().startswith("#") or _indent(text) >= depth:
            continue
        depth = _indent(text)
        if BLOCK.match(text):
            break
        if re.match(r"\s*with\b", text) and (held := wanted_at(lines, number)):
            found.append(held)
    return found


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _acquired(tree: ast.AST, line: int) -> list[Held]:
    """Return what was acquired by a call above the line and not released above it."""
    held: dict[str, Held] = {}
    calls = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        if call.lineno >= line or not isinstance(call.func, ast.Attribute):
            continue
        text = ast.unparse(call.func.value)
        if call.func.attr == "acquire":
            held[text] = Held(text=text, line=call.lineno)
        elif call.func.attr == "release":
            held.pop(text, None)
    return list(held.values())


def parse_around(lines: Lines, line: int) -> ast.AST | None:
    """Parse the function around a line, or as much of the file as is known and parses."""
    if line not in lines:
        return None
    first, last = line, line
    while first - 1 in lines:
        first -= 1
    while last + 1 in lines:
        last += 1
    start = next((at for at in range(line, first - 1, -1) if _opens(lines, at, line)), None)
    starts = [start] if start is not None else [first]
    for begin in starts:
        for end in range(last, line - 1, -1):
            tree = _parse([lines[at] for at in range(begin, end + 1)], begin)
            if tree is not None:
                return tree
    return None


def _opens(lines: Lines, at: int, line: int) -> bool:
    """Return whether `def` at a line opens the block that `line` stands in."""
    found = BLOCK.match(lines[at])
    if not found or at == line:
        return bool(found) and at == line
    depth = len(found[1])
    between = (lines[one] for one in range(at + 1, line + 1))
    return all(
        not text.strip() or len(text) - len(text.lstrip()) > depth or text.lstrip()[:1] in ")#"
        for text in between
    )


def _parse(block: list[str], begin: int) -> ast.AST | None:
    indent = min((len(text) - len(text.lstrip()) for text in block if text.strip()), default=0)
    text = "\n".join(one[indent:] for one in block)
    for attempt in (text, f"{text}\n{' ' * _depth(block, indent)}pass"):
        try:
            tree = ast.parse(attempt)
        except (SyntaxError, ValueError):
            continue
        return ast.increment_lineno(tree, begin - 1)
    return None


def _depth(block: list[str], indent: int) -> int:
    last = next((text for text in reversed(block) if text.strip()), "")
    return len(last) - len(last.lstrip()) - indent + 4


def _spans(node: ast.While | ast.For | ast.AsyncFor, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def _loop(node: ast.While | ast.For | ast.AsyncFor) -> Loop:
    body = [inner for statement in node.body for inner in ast.walk(statement)]
    stays = [inner for statement in node.body for inner in _staying(statement)]
    tests: list[ast.expr] = [inner.test for inner in body if isinstance(inner, ast.If) and _leaves(inner)]
    counts = not isinstance(node, ast.While)
    if isinstance(node, ast.While):
        tests.append(node.test)
    always = isinstance(node, ast.While) and isinstance(node.test, ast.Constant) and bool(node.test.value)
    leaves = any(isinstance(inner, ast.Break | ast.Return | ast.Raise) for inner in body)
    return Loop(
        line=node.lineno,
        last=node.end_lineno or node.lineno,
        counts=counts,
        targets=frozenset() if isinstance(node, ast.While) else frozenset(_names(node.target)),
        exits=frozenset(name for test in tests for name in _names(test)),
        opaque=any(
            isinstance(inner, ast.Attribute | ast.Call | ast.Await)
            for test in tests
            for inner in ast.walk(test)
        ),
        endless=always and not leaves,
        calls=any(_calls(inner) for inner in [*stays, *_test(node)]),
        nests=any(_calls(inner) or isinstance(inner, LOOPS) for inner in [*stays, *_test(node)]),
        inner=frozenset(
            name
            for inner in body
            if isinstance(inner, ast.For | ast.AsyncFor | ast.comprehension)
            for name in _names(inner.target)
        ),
        assigned=frozenset(name for inner in stays for name in _assigned(inner)),
        entered=frozenset(name for inner in stays for name in _entered(inner)),
        steps=frozenset(name for inner in stays for name in _steps(inner)),
        climbs=frozenset(_climbs(body)),
        shared=frozenset(name for inner in body if isinstance(inner, NESTED) for name in _names(inner)),
        waits=isinstance(node, ast.While) and _only_asks(node),
        attempts=tuple(_attempts(node)),
    )


def _staying(statement: ast.AST) -> Iterator[ast.AST]:
    """Walk what can run while the loop goes on: not the branch that ends it."""
    yield statement
    branches = (
        [statement.test, *statement.orelse]
        if isinstance(statement, ast.If)
        and isinstance(statement.body[-1], ast.Break | ast.Return | ast.Raise)
        else ast.iter_child_nodes(statement)
    )
    for inner in branches:
        yield from _staying(inner)


def _calls(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return not (isinstance(node.func, ast.Name) and node.func.id in PURE)
    return isinstance(node, ast.Await | ast.Yield | ast.YieldFrom)


def _steps(node: ast.AST) -> Iterator[str]:
    """Return a name that is set from what hangs on itself, without any call."""
    if not isinstance(node, ast.Assign) or any(_calls(inner) for inner in ast.walk(node.value)):
        return
    if isinstance(node.value, ast.Attribute | ast.Subscript):
        names = set(_names(node.value))
        yield from (one.id for one in node.targets if isinstance(one, ast.Name) and one.id in names)


def _climbs(body: list[ast.AST]) -> Iterator[str]:
    ways: dict[str, set[str]] = {}
    for inner in body:
        step = (
            inner.op if isinstance(inner, ast.AugAssign) and isinstance(inner.value, ast.Constant) else None
        )
        for name in _assigned(inner):
            ways.setdefault(name, set()).add(type(step).__name__)
    return (name for name, seen in ways.items() if seen in ({"Add"}, {"Sub"}))


def _only_asks(node: ast.While) -> bool:
    """Return whether a loop does nothing but ask a question that changes nothing, by the name of what it calls."""
    idle = all(
        isinstance(one, ast.Pass | ast.Continue)
        or (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
        for one in node.body
    )
    called = [
        inner.func.attr if isinstance(inner.func, ast.Attribute) else getattr(inner.func, "id", "")
        for inner in ast.walk(node.test)
        if isinstance(inner, ast.Call)
    ]
    return idle and all(name in PURE or QUESTION.match(name) for name in called)


def _attempts(node: ast.While | ast.For | ast.AsyncFor) -> Iterator[Attempt]:
    for at, one in enumerate(node.body):
        if not isinstance(one, ast.Try) or not one.handlers:
            continue
        if any(_leaves(statement) for handler in one.handlers for statement in handler.body):
            continue
        after = [*one.body[1:], *one.orelse, *node.body[at + 1 :]]
        yield Attempt(
            tried=_range(one.body[0]),
            handlers=tuple(_range(handler) for handler in one.handlers),
            passed=tuple(map(_range, after)),
            ends=any(isinstance(statement, ast.Return | ast.Break) for statement in [one.body[0], *after]),
        )


def _range(node: ast.stmt | ast.excepthandler) -> tuple[int, int]:
    return node.lineno, node.end_lineno or node.lineno


def _test(node: ast.While | ast.For | ast.AsyncFor) -> Iterator[ast.AST]:
    return ast.walk(node.test) if isinstance(node, ast.While) else iter(())


def _leaves(node: ast.AST) -> bool:
    return any(isinstance(inner, ast.Break | ast.Return | ast.Raise) for inner in ast.walk(node))


def _names(node: ast.AST) -> Iterator[str]:
    return (inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name))


def _assigned(node: ast.AST) -> Iterator[str]:
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AugAssign | ast.AnnAssign | ast.NamedExpr):
        targets = [node.target]
    return (name for target in targets for name in _names(target))


def _entered(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
        yield from _names(node)
