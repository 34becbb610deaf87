"""What makes two hangs the same one: the cause and where it is, told so that a deploy, another host, an edit above the
line or another Python does not change it. No line numbers, no pids, no class names (a stack has them from 3.11 on alone).
"""

import re
from hashlib import sha256
from posixpath import dirname

from bot.domain.diagnosis import Finding, Place
from bot.domain.evidence import Evidence
from bot.domain.stacks import Frame, Origin

LIBRARIES = re.compile(r"^.*/(?:site|dist)-packages/(?:[^/]+\.egg/)?")
INTERPRETER = re.compile(
    r"^.*(?:/(?:lib|lib64|Lib)/(?:python|pypy)[0-9.]*t?|/lib-python/[0-9.]+|/python\d+\.zip)/"
)
RELEASE = re.compile(
    r"v?\d[\w.+-]*|[0-9a-f]{7,40}|(?:releases?|current|previous|deploys?|versions?)", re.IGNORECASE
)
"""Names of folders that a deploy changes."""
PROGRAMS = re.compile(r"/s?bin$")
INLINED = ("<listcomp>", "<dictcomp>", "<setcomp>")
"""Frames of their own up to Python 3.11; from 3.12 on their lines are the function's around them."""
KEPT = 2
"""How many of a path's last parts count."""
LENGTH = 16


def fingerprint(finding: Finding, evidence: Evidence) -> str:
    """Return what a headline has in common with the same hang elsewhere; empty where it names no place.

    Where frames wait or call in a circle, the circle counts, in any order: which of its lines is the culprit is chance.
    Else the culprit does, and its caller where the culprit is a library's.
    """
    start = root(evidence)
    if finding.cycle:
        places = sorted({_place(place, evidence, start) for place in finding.cycle})
    elif finding.culprit:
        places = [_place(finding.culprit, evidence, start)]
        if finding.called_from and _is_library(finding.culprit.file):
            places.append(_place(finding.called_from, evidence, start))
    else:
        return ""
    said = "\n".join((finding.cause.value, *places))
    return sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:LENGTH]


def root(evidence: Evidence) -> str:
    """Return the application's folder: that of the program it was started with, else where it works; empty if neither tells.

    A program in a `bin` folder (gunicorn, celery) is a library's; the application is then where the process works.
    """
    threads = [thread.frames for dump in evidence.dumps for thread in dump.threads]
    own = [
        frame
        for frames in threads
        for frame in reversed(frames)
        if frame.origin is Origin.APPLICATION and frame.file.startswith("/")
    ]
    started = next((dirname(frame.file) for frame in own if _is_program(frame)), "")
    if started:
        return started
    return evidence.folder if any(_below(frame.file, evidence.folder) for frame in own) else ""


def relative(file: str, root: str) -> str:
    """Return a file's path without what differs between hosts and deploys."""
    for start in (LIBRARIES, INTERPRETER):
        if found := start.match(file):
            return file[found.end() :]
    inside = file[len(root.rstrip("/")) + 1 :] if _below(file, root) else file
    parts = [part for part in inside.split("/") if part]
    folders = [part for part in parts[:-1] if not RELEASE.fullmatch(part)]
    return "/".join((*folders[-(KEPT - 1) :], *parts[-1:]))


def _place(place: Place, evidence: Evidence, root: str) -> str:
    return f"{relative(place.file, root)}:{_function(place, evidence)}"


def _function(place: Place, evidence: Evidence) -> str:
    """Return the bare name of a place's function; of a comprehension, that of the function it stands in."""
    bare = _bare(place.function)
    if bare not in INLINED:
        return bare
    for thread in (thread for dump in evidence.dumps for thread in dump.threads):
        inside = False
        for frame in thread.frames:
            name = _bare(frame.function)
            if inside and frame.file == place.file and name not in INLINED:
                return name
            inside = (frame.file, frame.line, name) == (place.file, place.line, bare) or (
                inside and name in INLINED
            )
    return bare


def _bare(function: str) -> str:
    return function.rpartition(".")[2]


def _is_library(file: str) -> bool:
    return bool(LIBRARIES.match(file) or INTERPRETER.match(file))


def _below(file: str, folder: str) -> bool:
    return len(folder) > 1 and file.startswith(f"{folder.rstrip('/')}/")


def _is_program(frame: Frame) -> bool:
    return _bare(frame.function) == "<module>" and not PROGRAMS.search(dirname(frame.file))
