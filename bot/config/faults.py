"""What is wrong with a config, in words: pydantic's findings → a ConfigFault with line, key and remedy."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.config.document import Document, Path_
from bot.config.model import ConfigFile
from bot.domain.errors import ConfigFault

WANTED = {
    "string": "a text",
    "int": "a whole number, without quotes",
    "bool": "true or false",
    "list": "a list, such as [a, b]",
    "dict": "keys below it, such as {key: value}",
    "model": "keys below it",
}
"""What to write, by the first word of pydantic's error type."""
LONGEST_SHOWN = 60


def fault_of(document: Document, error: ValidationError) -> ConfigFault:
    """Return the first thing that is wrong, by line."""
    found = [(known_path(document, entry["loc"]), entry) for entry in error.errors(include_url=False)]
    path, entry = min(found, key=lambda one: (document.line(one[0]), one[1]["type"] == "literal_error"))
    problem, remedy = _words(document, path, entry)
    return document.fault(path, problem, remedy)


def _words(document: Document, path: Path_, entry: ErrorDetails) -> tuple[str, str]:
    kind, value = entry["type"], entry["input"]
    shown = f"`{short(value)}`"
    if kind == "extra_forbidden":
        return f"there is no key `{short(path[-1])}` here", _about_key(path)
    if kind == "missing":
        return f"`{entry['loc'][-1]}` is missing", f"add `{entry['loc'][-1]}:`"
    if value is None:
        return "nothing stands after it", _instead_of_nothing(document, path, entry)
    if kind in ("enum", "literal_error"):
        return f"{shown} is not known here", f"write {entry['ctx']['expected']}"
    if kind == "value_error":
        problem, _, remedy = str(entry["ctx"]["error"]).partition("|")
        return f"{shown if value != '' else 'it'} {problem}", remedy or "mend it"
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = "at least" if kind.startswith("greater") else "at most"
        return f"{shown} is out of bounds", f"write {bound} {next(iter(entry['ctx'].values()))}"
    if kind == "string_type" and not isinstance(value, dict | list):
        return f"{shown} is read as {_read_as(value)}", f'put it in quotes: "{value}"'
    if kind == "list_type" and isinstance(value, str):
        return f"{shown} is no list", f"write [{value}]"
    return f"{shown} does not fit", f"write {_wanted(kind, path)}"


def _read_as(value: Any) -> str:
    return {"bool": "true or false", "int": "a number", "float": "a number"}.get(
        type(value).__name__, "a date"
    )


def _wanted(kind: str, path: Path_) -> str:
    wanted = WANTED.get(kind.split("_", maxsplit=1)[0], "another value")
    if path == ("probes",):
        return "keys below it, such as {interval: 30s}, or `off`"
    keys = keys_at((*path, ""))
    return f"{wanted}: {', '.join(keys)}" if kind.startswith("model") and keys else wanted


def _instead_of_nothing(document: Document, path: Path_, entry: ErrorDetails) -> str:
    _, _, comment = document.text_at(path).partition(": #")
    if comment and not comment.startswith((" ", "!")):
        return f'a value that begins with # needs quotes: "#{comment.split()[0].rstrip("},")}"'
    if entry["type"].startswith("model"):
        name = path[-1] if path else ""
        return f"write `{name}: {{}}` for the defaults, or take the line out"
    return f"write {_wanted(entry['type'], path)}, or take the line out"


def _about_key(path: Path_) -> str:
    if path[-1] == "<<":
        return "merging is not understood: write the keys out, or put what all hosts share under `ssh:`"
    return nearest(str(path[-1]), keys_at(path), "keys")


def short(value: Any) -> str:
    """Return a value on one line, its end cut off where it is long."""
    text = "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(value)[: LONGEST_SHOWN + 1])
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}…"


def nearest(word: str, known: Iterable[str], kind: str) -> str:
    """Return what was meant, else what there is."""
    names = [str(name) for name in known]
    close = get_close_matches(word.lower(), names, n=1, cutoff=0.5)
    if close:
        return f"did you mean `{close[0]}`?"
    return f"the {kind} here are: {', '.join(names)}" if names else f"there are no {kind} here"


def known_path(document: Document, loc: tuple[int | str, ...]) -> Path_:
    """Keep of pydantic's location what stands in the file: it names branches of unions too."""
    path: Path_ = ()
    for part in loc:
        longer = (*path, str(part).removesuffix("_") if part in ("for_", "from_") else part)
        if longer in document.lines:
            path = longer
    return path


def keys_at(path: Path_) -> list[str]:
    """Return the keys that the place above the end of `path` knows."""
    annotation: Any = ConfigFile
    for part in path[:-1]:
        model = next(_models_in(annotation), None)
        if _holds_many(annotation):
            annotation = model  # `part` is a name or an index that people chose
        elif model is not None:
            annotation = next(
                (f.annotation for name, f in model.model_fields.items() if (f.alias or name) == part), None
            )
    model = next(_models_in(annotation), None) if not _holds_many(annotation) else None
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _holds_many(annotation: Any) -> bool:
    inner = [part for part in get_args(annotation) if part is not type(None)]
    return get_origin(annotation) in (dict, list) or any(get_origin(part) in (dict, list) for part in inner)


def _models_in(annotation: Any) -> Iterator[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation):
        for inner in get_args(annotation):
            yield from _models_in(inner)
