"""Functions that call each other in a circle, as one sample of a stack shows them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.stacks import Frame, ThreadStack

LONGEST_PERIOD, MOST_LEAVES, FEWEST_REPEATS, COVERED = 12, 4, 8, 0.6


@dataclass(frozen=True, kw_only=True)
class Cycle:
    """Frames of one turn, innermost first, from the second repetition on: the newest frame is where the leaf happens to be."""

    frames: tuple[Frame, ...]
    begins: int
    repeats: int
    covered: float


def find_cycle(stack: ThreadStack) -> Cycle | None:
    """Return the smallest cycle at the top of a stack that covers most of it, None where there is none."""
    keys = [(frame.file, frame.function) for frame in stack.frames]
    for leaves in range(min(MOST_LEAVES, len(keys))):
        for period in range(1, LONGEST_PERIOD + 1):
            repeats = _repeats(keys, leaves, period)
            if repeats < FEWEST_REPEATS:
                continue
            turn = set(keys[leaves : leaves + period])
            inside = sum(key in turn for key in keys)
            if stack.omitted and keys[-1] not in turn:
                inside += stack.omitted
            covered = (inside + (stack.omitted if stack.omitted and keys[-1] in turn else 0)) / stack.depth
            if covered >= COVERED:
                second = leaves + period
                frames = tuple(_typical(stack, second + at, period, repeats - 1) for at in range(period))
                return Cycle(frames=frames, begins=leaves, repeats=repeats, covered=covered)
    return None


def _repeats(keys: Sequence[tuple[str, str]], start: int, period: int) -> int:
    turn, count = keys[start : start + period], 0
    while keys[start + count * period : start + (count + 1) * period] == turn and turn:
        count += 1
    return count


def _typical(stack: ThreadStack, start: int, period: int, repeats: int) -> Frame:
    """Return a frame of the cycle with the line that most of its repetitions call from."""
    same = [stack.frames[start + turn * period] for turn in range(repeats)]
    line = Counter(frame.line for frame in same).most_common(1)[0][0]
    return next(frame for frame in same if frame.line == line)
