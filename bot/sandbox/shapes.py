"""The vocabulary in which the tables of limits.py describe JSON: kinds of values and shapes of objects."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Str:
    """A string of `min` to `max` characters, one of `choices` or matching `pattern` where given."""

    min: int = 1
    max: int | None = None
    choices: frozenset[str] | None = None
    pattern: str | None = None


@dataclass(frozen=True, kw_only=True)
class Num:
    """A number (a string of digits is none)."""

    min: float | None = None
    max: float | None = None


@dataclass(frozen=True, kw_only=True)
class Bool:
    """true or false."""


@dataclass(frozen=True, kw_only=True)
class Text:
    """A text object; `plain` refuses mrkdwn."""

    max: int
    min: int = 1
    plain: bool = True


@dataclass(frozen=True, kw_only=True)
class Many:
    """A list of `min` to `max` values of one kind."""

    of: "Kind"
    min: int = 0
    max: int | None = None


@dataclass(frozen=True, kw_only=True)
class Obj:
    """An object of one shape, by its name in SHAPES."""

    shape: str


@dataclass(frozen=True, kw_only=True)
class Typed:
    """An object whose `type` is one of these names and says its shape."""

    names: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Either:
    """An object with `type` and one of several kinds; used where plain text objects stand among elements."""

    text: Text
    typed: Typed


@dataclass(frozen=True, kw_only=True)
class Nullable:
    """null, or the kind."""

    of: "Kind"


@dataclass(frozen=True, kw_only=True)
class Whatever:
    """Any JSON value: Slack documents no limits for it, or we know none."""


Kind = Str | Num | Bool | Text | Many | Obj | Typed | Either | Nullable | Whatever


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The fields of an object. `one_of`: at least one of these must be there. `open`: unknown fields pass."""

    fields: Mapping[str, Kind] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    open: bool = False
