"""Checks blocks and views against the tables of limits.py. Pure: JSON in, flaws out."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.sandbox import limits
from bot.sandbox.errors import Flaw, Json
from bot.sandbox.shapes import Bool, Either, Kind, Many, Nullable, Num, Obj, Shape, Str, Text, Typed, Whatever

# An `image` is a block and an element: which one is meant depends on the place, so blocks are looked up apart.
PARTS: dict[str, Shape] = {
    **limits.ELEMENTS, **limits.INLINE, **limits.RICH, **limits.CELLS, "rich_text": limits.BLOCKS["rich_text"],
}  # fmt: skip


def check_message(blocks: object, *, at: str = "/blocks") -> list[Flaw]:
    """List what Slack would refuse in the blocks of a message."""
    kind = Many(of=limits.MESSAGE_TYPES, max=limits.MESSAGE_BLOCKS)
    return [*_check(blocks, kind, at), *_twins(blocks, at)]


def check_view(view: object, *, at: str = "/view") -> list[Flaw]:
    """List what Slack would refuse in a modal or Home view."""
    if not isinstance(view, dict):
        return [Flaw(pointer=at, problem="must be an object")]
    shape = limits.VIEWS.get(str(view.get("type")))
    if shape is None:
        return [Flaw(pointer=f"{at}/type", problem=f"unsupported type: {view.get('type')}")]
    flaws = [*_check_shape(view, shape, at), *_twins(view.get("blocks"), f"{at}/blocks")]
    inputs = [block for block in _objects(view.get("blocks")) if block.get("type") == "input"]
    if view.get("type") == "modal" and inputs and not view.get("submit"):
        flaws.append(Flaw(pointer=at, problem="must provide a `submit` when there is an input block"))
    return flaws


def tables(blocks: object) -> int:
    """Count the tables, of which a message may have one."""
    return sum(block.get("type") == "table" for block in _objects(blocks))


def markdown_length(blocks: object) -> int:
    """Add up the characters of all markdown blocks."""
    return sum(
        len(str(block.get("text", ""))) for block in _objects(blocks) if block.get("type") == "markdown"
    )


def interactive(blocks: object) -> Iterator[tuple[Json, Json]]:
    """Walk the elements that a person can use, each with its block."""
    for block in _objects(blocks):
        candidates = [block.get("accessory"), block.get("element"), *_objects(block.get("elements"))]
        for element in candidates:
            if isinstance(element, dict) and "action_id" in element:
                yield block, element


def _objects(value: object) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _twins(blocks: object, at: str) -> Iterator[Flaw]:
    seen: set[str] = set()
    for index, block in enumerate(blocks if isinstance(blocks, list) else ()):
        if not isinstance(block, dict):
            continue
        block_id = block.get("block_id")
        if isinstance(block_id, str) and block_id in seen:
            yield Flaw(pointer=f"{at}/{index}/block_id", problem=f'`block_id` "{block_id}" already exists')
        if isinstance(block_id, str):
            seen.add(block_id)
        yield from _twin_actions(block, f"{at}/{index}/elements")


def _twin_actions(block: Json, at: str) -> Iterator[Flaw]:
    seen: set[str] = set()
    for index, element in enumerate(_objects(block.get("elements"))):
        action_id = element.get("action_id")
        if isinstance(action_id, str) and action_id in seen:
            yield Flaw(pointer=f"{at}/{index}/action_id", problem=f'`action_id` "{action_id}" already exists')
        if isinstance(action_id, str):
            seen.add(action_id)


def _check(value: object, kind: Kind, at: str) -> Iterator[Flaw]:
    match kind:
        case Str() | Num() | Bool():
            yield from _check_plain(value, kind, at)
        case Text():
            yield from _check_text(value, kind, at)
        case Many():
            yield from _check_list(value, kind, at)
        case Obj():
            yield from _check_shape(value, limits.OBJECTS[kind.shape], at)
        case Typed():
            yield from _check_typed(value, kind, at)
        case Either():
            textual = isinstance(value, dict) and value.get("type") in ("plain_text", "mrkdwn")
            yield from _check(value, kind.text if textual else kind.typed, at)
        case Nullable():
            yield from () if value is None else _check(value, kind.of, at)
        case Whatever():
            return


def _check_plain(value: object, kind: Str | Num | Bool, at: str) -> Iterator[Flaw]:
    if isinstance(kind, Str):
        yield from _check_string(value, kind, at)
    elif isinstance(kind, Num):
        yield from _check_number(value, kind, at)
    elif not isinstance(value, bool):
        yield Flaw(pointer=at, problem="must be a boolean")


def _check_string(value: object, kind: Str, at: str) -> Iterator[Flaw]:
    if not isinstance(value, str):
        yield Flaw(pointer=at, problem="must be a string")
    elif kind.choices is not None and value not in kind.choices:
        yield Flaw(pointer=at, problem=f"must be one of: {', '.join(sorted(kind.choices))}")
    elif len(value) < kind.min:
        yield Flaw(pointer=at, problem=f"must be more than {kind.min - 1} characters")
    elif kind.max is not None and len(value) > kind.max:
        yield Flaw(pointer=at, problem=f"must be less than {kind.max + 1} characters")
    elif kind.pattern is not None and not re.fullmatch(kind.pattern, value):
        yield Flaw(pointer=at, problem="must be a valid value of this field")


def _check_number(value: object, kind: Num, at: str) -> Iterator[Flaw]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield Flaw(pointer=at, problem="must be a number")
    elif (kind.min is not None and value < kind.min) or (kind.max is not None and value > kind.max):
        yield Flaw(pointer=at, problem=f"must be between {kind.min} and {kind.max}")


def _check_text(value: object, kind: Text, at: str) -> Iterator[Flaw]:
    if not isinstance(value, dict):
        yield Flaw(pointer=at, problem="must be an object")
        return
    sort = value.get("type")
    if sort not in (("plain_text",) if kind.plain else ("plain_text", "mrkdwn")):
        yield Flaw(
            pointer=f"{at}/type", problem="must be plain_text" if kind.plain else f"unsupported type: {sort}"
        )
        return
    own: dict[str, Kind] = {"emoji": Bool()} if sort == "plain_text" else {"verbatim": Bool()}
    shape = Shape(fields={"type": Str(), "text": Str(min=kind.min, max=kind.max), **own}, required=("text",))
    yield from _check_shape(value, shape, at)


def _check_list(value: object, kind: Many, at: str) -> Iterator[Flaw]:
    if not isinstance(value, list):
        yield Flaw(pointer=at, problem="must be an array")
        return
    if len(value) < kind.min:
        yield Flaw(pointer=at, problem=f"no less than {kind.min} items allowed")
    if kind.max is not None and len(value) > kind.max:
        yield Flaw(pointer=at, problem=f"no more than {kind.max} items allowed")
    for index, item in enumerate(value):
        yield from _check(item, kind.of, f"{at}/{index}")


def _check_typed(value: object, kind: Typed, at: str) -> Iterator[Flaw]:
    if not isinstance(value, dict):
        yield Flaw(pointer=at, problem="must be an object")
        return
    name = value.get("type")
    if not isinstance(name, str) or name not in kind.names:
        yield Flaw(pointer=f"{at}/type", problem=f"unsupported type: {name}")
        return
    are_blocks = kind in (limits.MESSAGE_TYPES, limits.MODAL_TYPES)
    yield from _check_shape(value, (limits.BLOCKS if are_blocks else PARTS)[name], at)
    yield from _strange_initial(value, at)


def _strange_initial(element: Json, at: str) -> Iterator[Flaw]:
    """What is chosen at the start must be one of the choices."""
    grouped = [
        choice
        for group in _objects(element.get("option_groups"))
        for choice in _objects(group.get("options"))
    ]
    choices = [choice.get("value") for choice in [*_objects(element.get("options")), *grouped]]
    first = element.get("initial_option")
    chosen = [first] if isinstance(first, dict) else _objects(element.get("initial_options"))
    if choices and any(choice.get("value") not in choices for choice in chosen):
        yield Flaw(pointer=at, problem="the initial option must be one of the options")


def _check_shape(value: object, shape: Shape, at: str) -> Iterator[Flaw]:
    if not isinstance(value, dict):
        yield Flaw(pointer=at, problem="must be an object")
        return
    # Slack treats an explicit null like an absent field.
    given: Mapping[str, Any] = {key: item for key, item in value.items() if item is not None}
    for name in _missing(given, shape):
        yield Flaw(pointer=at, problem=f"missing required field: {name}")
    for name, item in given.items():
        if name in shape.fields:
            yield from _check(item, shape.fields[name], f"{at}/{name}")
        elif not shape.open:
            yield Flaw(pointer=at, problem=f"invalid additional property: {name}")


def _missing(given: Mapping[str, Any], shape: Shape) -> Sequence[str]:
    missing = [name for name in shape.required if name not in given]
    if shape.one_of and not any(name in given for name in shape.one_of):
        missing.append(" or ".join(shape.one_of))
    return missing
