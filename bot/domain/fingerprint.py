"""What makes two hangs the same one: the cause and where it is, told so that a deploy, another host or an edit above the
line does not change it. No line numbers, no pids, no class names (they are in a stack from Python 3.11 on alone).
"""

import re
from hashlib import sha256
from posixpath import dirname

from bot.domain.diagnosis import Finding, Place
from bot.domain.evidence import Evidence
from bot.domain.stacks import Frame, Origin

LIBRARIES = re.compile(r"^.*/(?:site|dist)-packages/")
INTERPRETER = re.compile(r"^.*/(?:lib|lib64|Lib)/(?:python|pypy)[0-9.]*/")
RELEASE = re.compile(r"v?\d[\w.+-]*|[0-9a-f]{7,40}|(?:releases?|current|deploys?|versions?)", re.IGNORECASE)
"""Names of folders that a deploy changes."""
PROGRAMS = re.compile(r"/s?bin$")
KEPT = 2
LENGTH = 16


def fingerprint(finding: Finding, *, root: str = "") -> str:
    """Return what a headline has in common with the same hang elsewhere; empty where it names no place.

    `root` is the application's folder on the target. Where frames wait or call in a circle, the circle counts, in any order:
    which of its lines is the culprit is chance. Else the culprit does, and its caller where the culprit is a library's.
    """
    if finding.cycle:
        places = sorted({_place(place, root) for place in finding.cycle})
    elif finding.culprit:
        places = [_place(finding.culprit, root)]
        if finding.called_from and _is_library(finding.culprit.file):
            places.append(_place(finding.called_from, root))
    else:
        return ""
    said = "\n".join((finding.cause.value, *places))
    return sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:LENGTH]


def root(evidence: Evidence) -> str:
    """Return the application's folder: that of the program it was started with, else where it works; empty if neither tells.

    A program in a `bin` folder (gunicorn, celery) is a library's; the application is then where the process works.
    """
    frames = [frame for dump in evidence.dumps for thread in dump.threads for frame in thread.frames]
    own = [frame for frame in frames if frame.origin is Origin.APPLICATION and frame.file.startswith("/")]
    started = next((_folder(frame) for frame in own if _is_program(frame)), "")
    if started:
        return started
    return evidence.folder if any(_below(frame.file, evidence.folder) for frame in own) else ""


def relative(file: str, root: str) -> str:
    """Return a file's path without what differs between hosts and deploys."""
    for start in (LIBRARIES, INTERPRETER):
        if found := start.match(file):
            return file[found.end() :]
    if _below(file, root):
        return file[len(root.rstrip("/")) + 1 :]
    parts = [part for part in file.split("/") if part]
    folders = [part for part in parts[:-1] if not RELEASE.fullmatch(part)]
    return "/".join((*folders[-(KEPT - 1) :], *parts[-1:]))


def _place(place: Place, root: str) -> str:
    return f"{relative(place.file, root)}:{_bare(place.function)}"


def _bare(function: str) -> str:
    return function.rpartition(".")[2]


def _is_library(file: str) -> bool:
    return bool(LIBRARIES.match(file) or INTERPRETER.match(file))


def _below(file: str, folder: str) -> bool:
    return len(folder) > 1 and file.startswith(f"{folder.rstrip('/')}/")


def _is_program(frame: Frame) -> bool:
    return frame.function == "<module>" and not PROGRAMS.search(_folder(frame))


def _folder(frame: Frame) -> str:
    return dirname(frame.file)
