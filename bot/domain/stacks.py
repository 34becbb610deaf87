"""Stacks of a process as a sampler saw them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

PACKAGES = re.compile(r"/(?:site|dist)-packages/")
CODE = (
    ".py",
    ".pyw",
    ".pyx",
    ".java",
    ".kt",
    ".scala",
    ".groovy",
    ".js",
    ".mjs",
    ".ts",
    ".rb",
    ".c",
    ".cc",
    ".cpp",
    ".rs",
    ".go",
)
"""How files are named whose lines a frame tells."""
LIBRARY = re.compile(r"/lib(?:64)?/(?:python|pypy)\d(?:\.\d+)?t?/|/lib-python/|/lib_pypy/|python\d+\.zip/")

SYSTEM = re.compile(
    r"\.so(?:\.[\d.]+)?$|/(?:nptl|csu|misc|socket|io|posix|time|string|stdlib|elf|malloc|libio|signal|resolv|inet)/\.\.?/|/glibc-|^/usr/(?:src|include|lib|lib64)/|^/lib(?:64)?/|^/(?:build|rustc)/|/usr/local/go/src/"
)
"""Where the system's own native code is, by its objects or by where they were built."""


class Origin(StrEnum):
    """Whose code a frame is, by its path on the target."""

    APPLICATION = "application"
    LIBRARY = "library"  # site-packages, dist-packages
    INTERPRETER = "interpreter"  # the interpreter's own library, frozen modules
    NATIVE = "native"


def origin(file: str) -> Origin:
    """Return whose code a file is, by its path on the target."""
    if PACKAGES.search(file):
        return Origin.LIBRARY
    if LIBRARY.search(file) or file.startswith("<frozen "):
        return Origin.INTERPRETER
    if SYSTEM.search(file):
        return Origin.NATIVE
    return Origin.APPLICATION


@dataclass(frozen=True, kw_only=True)
class Frame:
    """`file` is the path on the target, `line` the line being executed (0: unknown)."""

    file: str
    line: int
    function: str
    origin: Origin = Origin.APPLICATION
    locals: Mapping[str, str] = field(default_factory=dict)
    """Name of a local → `v:`, `c:`, `o:` or `s:` and the salted hash of its value, made on the target; the salt never leaves it.

    `v:` hashes the value itself; `c:` its beginning, where the sampler cut it; `o:` only which object it is, and so does
    `s:` of bytes, of which the interpreter keeps the empty ones and single ones once for all. So an equal
    hash means that nothing changed with `v:` alone. What a closure shares (a cell) is not among them.
    """


def has_lines(frame: Frame) -> bool:
    """Return whether a frame's line is one of its file: that of a compiled template is one of the code made of it."""
    return (frame.file.startswith("<") and frame.file != "<template>") or frame.file.endswith(CODE)


@dataclass(frozen=True, kw_only=True)
class ThreadStack:
    """One thread in one dump; frames innermost first. `tid` is the kernel's task id, `ident` pthread's."""

    tid: int
    ident: int | None = None
    name: str | None = None
    active: bool = False
    owns_gil: bool = False
    frames: tuple[Frame, ...] = ()
    omitted: int = 0
    """How many frames of a very deep stack were left out between the innermost and the outermost ones kept."""

    @property
    def depth(self) -> int:
        return len(self.frames) + self.omitted


@dataclass(frozen=True, kw_only=True)
class Dump:
    """All threads at one moment; `at_ms` counts from the start of the collection."""

    at_ms: float
    threads: tuple[ThreadStack, ...]
    stopped_target: bool = False
    """Whether the sampler held the target while it looked (then `wall_ms` bounds the pause)."""
    wall_ms: float = 0.0
    has_locals: bool = False
