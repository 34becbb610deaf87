"""How often each rule was worth it, in words."""

from collections.abc import Sequence

from bot.domain.messages import Bullets, Context, Line, Message, bold, code, say
from bot.domain.precision import Precision

SURE = 5
"""So many verdicts say something."""


def message(found: Sequence[Precision]) -> Message:
    """Return a line for each rule that ever fired."""
    if not found:
        return Message(text="No rule has fired yet.", sections=())
    noisy = [one for one in found if one.share is not None and one.share < 0.5]
    head = (
        f"{len(noisy)} rules were noise more often than not"
        if len(noisy) > 1
        else "How often each rule was worth it"
    )
    if len(noisy) == 1:
        head = f"{noisy[0].rule} was noise more often than not"
    note = say(
        "Say it with the buttons under an alert that is over. To try a change first: ",
        code("hangbot backtest"),
        ".",
    )
    return Message(
        text=f"{head}.",
        title=say(head),
        sections=(Bullets(lines=tuple(_line(one) for one in found)), Context(line=note)),
    )


def _line(one: Precision) -> Line:
    told = f"told {one.told} times" if one.told != 1 else "told once"
    parts = [told] if one.told or not one.shadowed else []
    if one.shadowed:
        parts.append(f"{one.shadowed} kept to `status`")
    said = one.real + one.noise
    if one.share is not None:
        unsure = "" if said >= SURE else f", of {said} said"
        parts.append(f"{one.real} real, {one.noise} noise: {one.share:.0%} worth it{unsure}")
    else:
        parts.append("nobody said whether it was worth it")
    return say(bold(one.rule), f": {'; '.join(parts)}")
