"""One regular-expression match burns the CPU. Without native frames the calling line tells it."""

import re

from bot.domain import reading
from bot.domain.clues import clue
from bot.domain.diagnosis import Cause, Finding
from bot.domain.evidence import Evidence
from bot.domain.stacks import Origin
from bot.domain.starving import starving

CALL = re.compile(r"(?:\bre|\bregex|(\w+))\.(?:match|fullmatch|search|sub|subn|findall|finditer|split)\(")
STRING_METHODS = re.compile(r"\.split\(|\.search\(")
FEWEST = 5


def diagnose(evidence: Evidence) -> Finding | None:
    threads, starved = reading.samples(evidence), starving(evidence) is not None
    for group in reading.hot_groups(evidence):
        for tid in group:
            stacks = threads[tid]
            frames = [reading.innermost(stack.frames, Origin.APPLICATION, Origin.LIBRARY) for stack in stacks]
            frame = frames[0]
            if frame is None or len(stacks) < FEWEST:
                continue
            if any(
                one is None or (one.file, one.function, one.line) != (frame.file, frame.function, frame.line)
                for one in frames
            ):
                continue
            text = evidence.source.get(frame.file, {}).get(frame.line, "")
            found = CALL.search(text)
            inside = [
                one.file.endswith(("/re.py", "/re/__init__.py", "/sre_compile.py"))
                for stack in stacks
                for one in stack.frames[:1]
            ]
            direct = all(stack.frames[0].origin is not Origin.INTERPRETER for stack in stacks)
            if not found or not (direct or all(inside)):
                continue
            sure = bool(inside and all(inside)) or re.search(
                r"\bre\.|regex|pattern|_re\b|[A-Z_]{2,}\.|\bP\.", text, re.IGNORECASE
            )
            called_from = reading.application(stacks[-1].frames)
            return Finding(
                cause=Cause.REGEX_BACKTRACKING,
                confidence=0.55 if starved or not sure else 0.7 if STRING_METHODS.search(text) else 0.85,
                culprit=reading.place(evidence, frame),
                called_from=reading.place(evidence, called_from)
                if called_from and called_from.file != frame.file
                else None,
                threads=reading.names(threads, [tid]),
                because=(
                    clue("one_match", samples=len(stacks)),
                    clue(
                        "burns", share=round(reading.cpu_shares(evidence).get(tid, 0), 2), samples=len(stacks)
                    ),
                ),
                suggest=clue("look_at_the_pattern"),
            )
    return None
