"""How far a host's clock is from ours."""

from bot.domain.checks import CheckSpec, Reply, Said, ok, unknown, warning
from bot.domain.checkups import SKEW_S, epoch
from bot.ports import Script

SCRIPT = Script(name="check-clock", version=1, text="date +%s.%N")


def args(spec: CheckSpec) -> tuple[str, ...]:
    del spec
    return ()


def parse(reply: Reply, spec: CheckSpec) -> Said:
    """Compare with when the answer came: it was under way for half of what it took."""
    told = epoch(reply.text.decode(errors="replace"))
    if told is None:
        return unknown("it does not tell its time")
    there, coarse = told
    skew = there - (reply.at.timestamp() - reply.took_ms / 2000)
    unsure = coarse + reply.took_ms / 2000
    most = SKEW_S if spec.at_most is None else spec.at_most
    shown = f"{abs(skew):.1f} s {'ahead of' if skew > 0 else 'behind'} ours (± {unsure:.2f} s)"
    return (warning if abs(skew) - unsure > most else ok)(shown, skew_seconds=round(skew, 3))
