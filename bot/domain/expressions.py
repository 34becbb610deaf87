"""The grammar of `when:`, such as `load1 / cores > 8 and not service.cpu_cores < 10%`.

    numbers      60  0.5  10% (= 0.1)  5GiB  500MB  30s  5m  2h  1d (seconds)  250ms (= 0.25 s)
    names        metrics of a host (`load1`) and of a service (`service.answer_ms`); a map means its worst value
    operators    + - * /   < <= > >= == != (chained too)   and or not   parentheses
    unusual(X)   whether a metric is beyond what is usual for this host at this hour of the day

Parsed once by our own parser, never by `eval`. Judged in three values (Kleene's logic): what was not read is UNKNOWN,
except where `and` or `or` decides without it; so is a division by zero.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from math import isfinite
from typing import NoReturn

Lookup = Callable[[str], float | None]
"""The value of a name, None where it was not read; of UNUSUAL and a name, 1 where it is unusual and 0 where it is not."""
UNUSUAL = "unusual:"
Truth = bool | None

HOST_METRICS = (
    "load1", "load5", "load15", "cores", "cpu_busy_ratio", "cpu_iowait_ratio", "mem_total_bytes", "mem_available_bytes",
    "swap_total_bytes", "swap_used_bytes", "uptime_seconds", "disk_used_ratio", "disk_free_bytes", "disk_total_bytes",
    "inodes_used_ratio", "psi_cpu_some_avg10", "psi_memory_some_avg10", "psi_memory_full_avg10", "psi_io_some_avg10",
    "psi_io_full_avg10", "accept_stuck_seconds", "procs_running", "procs_blocked", "procs_total",
)  # fmt: skip
SERVICE_METRICS = (
    "service.answer_ms", "service.backlog", "service.cpu_cores", "service.wanted_cores", "service.rss_bytes",
    "service.threads", "service.fds", "service.fds_ratio", "service.blocked", "service.restarts",
)  # fmt: skip
KNOWN = HOST_METRICS + SERVICE_METRICS

LONGEST, DEEPEST = 500, 40
UNITS = {
    "": 1.0, "%": 0.01,
    "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0,
    "B": 1.0, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
    "KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30, "TiB": 2.0**40,
}  # fmt: skip
TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?P<unit>%|[A-Za-z]+)?"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_.]*)|(?P<op><=|>=|==|!=|[-+*/<>()]))"
)
INSTEAD = {
    "&": "`and`",
    "|": "`or`",
    "!": "`not`",
    "=": "`==`",
    "^": "a product",
    "%": "a number right before it",
}


class ExpressionError(ValueError):
    """What is wrong with an expression, and where: `position` counts characters from 0."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.message, self.position = message, position


# --- the tree: arithmetic gives float | None, conditions give bool | None


@dataclass(frozen=True)
class Number:
    value: float

    def number(self, _: Lookup) -> float | None:
        return self.value


@dataclass(frozen=True)
class Name:
    name: str

    def number(self, lookup: Lookup) -> float | None:
        return lookup(self.name)


@dataclass(frozen=True)
class Arithmetic:
    op: str
    left: "Sum"
    right: "Sum"

    def number(self, lookup: Lookup) -> float | None:
        left, right = self.left.number(lookup), self.right.number(lookup)
        if left is None or right is None or (self.op == "/" and right == 0):
            return None
        found = ARITHMETIC[self.op](left, right)
        return found if isfinite(found) else None


@dataclass(frozen=True)
class Compare:
    """`first op second op third …`: all neighbours must compare."""

    first: "Sum"
    rest: tuple[tuple[str, "Sum"], ...]

    def truth(self, lookup: Lookup) -> Truth:
        values = [self.first.number(lookup), *(operand.number(lookup) for _, operand in self.rest)]
        pairs = zip(values, values[1:], self.rest, strict=False)
        return every(
            None if left is None or right is None else COMPARE[op](left, right)
            for left, right, (op, _) in pairs
        )


@dataclass(frozen=True)
class Unusual:
    """Beyond what is usual; unknown where nothing is usual yet."""

    name: str

    def truth(self, lookup: Lookup) -> Truth:
        found = lookup(f"{UNUSUAL}{self.name}")
        return None if found is None else bool(found)


@dataclass(frozen=True)
class Not:
    inner: "Condition"

    def truth(self, lookup: Lookup) -> Truth:
        found = self.inner.truth(lookup)
        return None if found is None else not found


@dataclass(frozen=True)
class And:
    parts: tuple["Condition", ...]

    def truth(self, lookup: Lookup) -> Truth:
        return every(part.truth(lookup) for part in self.parts)


@dataclass(frozen=True)
class Or:
    parts: tuple["Condition", ...]

    def truth(self, lookup: Lookup) -> Truth:
        found = every(_flip(part.truth(lookup)) for part in self.parts)
        return _flip(found)


Sum = Number | Name | Arithmetic
Condition = Compare | Unusual | Not | And | Or
ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
}
COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


def every(truths: Iterable[Truth]) -> Truth:
    """Return False if any is, else None if any is, else True."""
    found = list(truths)
    if False in found:
        return False
    return None if None in found else True


def _flip(truth: Truth) -> Truth:
    return None if truth is None else not truth


@dataclass(frozen=True, kw_only=True)
class Expression:
    """A compiled condition; `names` are the metrics it looks at, in the order they stand."""

    text: str
    tree: Condition
    names: tuple[str, ...]
    unusual: tuple[str, ...] = ()
    """Those of which it asks whether they are unusual."""

    def truth(self, lookup: Lookup) -> Truth:
        """Return whether it holds, None where too little was read to say."""
        return self.tree.truth(lookup)

    @property
    def about_service(self) -> bool:
        return any(name.startswith("service.") for name in self.names)


def compile_expression(text: str) -> Expression:
    """Compile a condition. Raises ExpressionError."""
    if len(text) > LONGEST:
        raise ExpressionError(f"longer than {LONGEST} characters", LONGEST)
    parser = _Parser(text)
    tree = parser.condition(parser.either())
    if parser.token.kind != "end":
        parser.fail(f"did not expect `{parser.token.text}` here")
    names = tuple(dict.fromkeys(parser.names))
    if not names:
        raise ExpressionError("it looks at no metric, so it would always say the same", 0)
    return Expression(text=text, tree=tree, names=names, unusual=tuple(dict.fromkeys(parser.unusual)))


def unknown_metric(name: str) -> str:
    """Return the sentence for a metric nobody knows."""
    nearest = get_close_matches(name, KNOWN, n=1, cutoff=0.5)
    hint = f"did you mean {nearest[0]}?" if nearest else f"known are {', '.join(KNOWN)}"
    return f"unknown metric `{name}`; {hint}"


# --- the parser: one method for each level of binding


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int
    value: float = 0.0


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.place = 0
        self.depth = 0
        self.names: list[str] = []
        self.unusual: list[str] = []

    @property
    def token(self) -> _Token:
        return self.tokens[self.place]

    def fail(self, message: str, at: int | None = None) -> NoReturn:
        raise ExpressionError(message, self.token.at if at is None else at)

    def take(self, *texts: str) -> _Token | None:
        """Take the next token if it is one of these operators or words."""
        token = self.token
        if token.kind in ("op", "word") and token.text in texts:
            self.place += 1
            return token
        return None

    def condition(self, found: Sum | Condition) -> Condition:
        if isinstance(found, Sum):
            self.fail("a number is neither true nor false; compare it with something, as in `load1 > 4`", 0)
        return found

    def sum_(self, found: Sum | Condition, at: int) -> Sum:
        if not isinstance(found, Sum):
            self.fail("a comparison cannot be reckoned with as a number", at)
        return found

    def either(self) -> Sum | Condition:
        parts = [self.both()]
        while self.take("or"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Or(tuple(map(self.condition, parts)))

    def both(self) -> Sum | Condition:
        parts = [self.negation()]
        while self.take("and"):
            parts.append(self.negation())
        return parts[0] if len(parts) == 1 else And(tuple(map(self.condition, parts)))

    def negation(self) -> Sum | Condition:
        if self.take("not"):
            return Not(self.condition(self.deeper(self.negation)))
        return self.comparison()

    def comparison(self) -> Sum | Condition:
        at = self.token.at
        first = self.addition()
        rest: list[tuple[str, Sum]] = []
        while op := self.take(*COMPARE):
            start = self.token.at
            rest.append((op.text, self.sum_(self.addition(), start)))
        return Compare(self.sum_(first, at), tuple(rest)) if rest else first

    def addition(self) -> Sum | Condition:
        return self.chain(("+", "-"), self.product)

    def product(self) -> Sum | Condition:
        return self.chain(("*", "/"), self.sign)

    def chain(self, ops: tuple[str, ...], operand: Callable[[], Sum | Condition]) -> Sum | Condition:
        at = self.token.at
        found = operand()
        while op := self.take(*ops):
            start = self.token.at
            found = Arithmetic(op.text, self.sum_(found, at), self.sum_(operand(), start))
        return found

    def sign(self) -> Sum | Condition:
        if minus := self.take("-"):
            return Arithmetic("-", Number(0.0), self.sum_(self.deeper(self.sign), minus.at))
        return self.atom()

    def atom(self) -> Sum | Condition:
        token = self.token
        if self.take("("):
            found = self.deeper(self.either)
            if not self.take(")"):
                self.fail("a `)` is missing")
            return found
        if token.kind == "number":
            self.place += 1
            return Number(token.value)
        if token.kind != "name":
            self.fail("it ends too early" if token.kind == "end" else f"did not expect `{token.text}` here")
        if token.text == "unusual":
            return self.usual()
        return Name(self.metric())

    def metric(self) -> str:
        token = self.token
        if token.kind != "name" or token.text not in KNOWN:
            self.fail(unknown_metric(token.text), token.at)
        self.place += 1
        self.names.append(token.text)
        return token.text

    def usual(self) -> Condition:
        self.place += 1
        if not self.take("("):
            self.fail("`unusual` is followed by a metric in parentheses: unusual(load1)")
        name = self.metric()
        if not self.take(")"):
            self.fail("`unusual` takes one metric alone: a `)` is missing")
        self.unusual.append(name)
        return Unusual(name)

    def deeper(self, inner: Callable[[], Sum | Condition]) -> Sum | Condition:
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail("nested too deep")
        found = inner()
        self.depth -= 1
        return found


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    place, end = 0, len(text.rstrip())
    while place < end:
        match = TOKEN.match(text, place)
        if match is None:
            at = place + len(text[place:]) - len(text[place:].lstrip())
            hint = f"; write {INSTEAD[text[at]]}" if text[at] in INSTEAD else ""
            raise ExpressionError(f"did not expect `{text[at]}` here{hint}", at)
        found.append(_token(match))
        place = match.end()
    return [*found, _Token("end", "", end)]


def _token(match: re.Match[str]) -> _Token:
    if (number := match["number"]) is not None:
        at, unit = match.start("number"), match["unit"] or ""
        if unit not in UNITS:
            known = ", ".join(filter(None, UNITS))
            raise ExpressionError(f"unknown unit `{unit}`; known are {known}", match.start("unit"))
        value = float(number) * UNITS[unit]
        if not isfinite(value):
            raise ExpressionError(f"`{number}{unit}` is too large", at)
        return _Token("number", number + unit, at, value)
    if (name := match["name"]) is not None:
        kind = "word" if name in ("and", "or", "not") else "name"
        return _Token(kind, name, match.start("name"))
    return _Token("op", match["op"], match.start("op"))
