"""How often each rule was worth it: what people said of its alerts once they were over."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.alerts import Alert, Worth


@dataclass(frozen=True, kw_only=True)
class Precision:
    """Of one rule: how many messages told of its alerts, how many alerts were kept (`shadowed`), and of how many of them what was
    said; many alerts in one message are one.
    """

    rule: str
    told: int
    shadowed: int
    real: int
    noise: int

    @property
    def share(self) -> float | None:
        """Return the share of real ones among those of which somebody said anything; None where nobody did."""
        said = self.real + self.noise
        return self.real / said if said else None


def precisions(alerts: Iterable[Alert]) -> tuple[Precision, ...]:
    """Return it for each rule that ever fired, the noisiest first, then those told most often."""
    by_rule: dict[str, list[Alert]] = {}
    for alert in alerts:
        if alert.fired_at is not None:
            by_rule.setdefault(alert.rule, []).append(alert)
    found = [
        Precision(
            rule=rule,
            told=len({one.group or one.id for one in fired if one.told}),
            shadowed=sum(not one.told for one in fired),
            real=len({one.group or one.id for one in fired if one.worth is Worth.REAL}),
            noise=len({one.group or one.id for one in fired if one.worth is Worth.NOISE}),
        )
        for rule, fired in by_rule.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.noise, -one.told, one.rule)))
