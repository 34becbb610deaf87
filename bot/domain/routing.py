"""Whether a transition is told, how, and why: pure, and every decision carries its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.alerts import (
    Alert,
    AlertStatus,
    Change,
    Severity,
    Silence,
    Transition,
    is_acknowledged,
    silence_covers,
)
from bot.domain.messages import Operation
from bot.domain.routes import PageEvent
from bot.domain.rule import NOTIFY, Rule, Telling

LIVE = (AlertStatus.FIRING, AlertStatus.RECOVERING)
OUT_LOUD = (Telling.MENTION, Telling.PAGE, Telling.POST)
REPLIED = (
    Change.REOPENED, Change.FLAPS, Change.SETTLED, Change.WORSENED, Change.ACK_EXPIRED, Change.RESOLVED,
)  # fmt: skip
EDITED = (*REPLIED, Change.RECOVERING, Change.RELAPSED, Change.RENAMED)


# --- why


@dataclass(frozen=True)
class News:
    """This change is worth telling."""

    change: Change


@dataclass(frozen=True)
class HeldBackUntilNow:
    """A silence held it back and is over; what is told is the present state."""


@dataclass(frozen=True)
class NothingNew:
    change: Change


@dataclass(frozen=True)
class Silenced:
    silence: str
    until: datetime


@dataclass(frozen=True)
class ForStatusOnly:
    """Its rule keeps alerts of this severity in `status` and tells nobody."""

    severity: Severity


@dataclass(frozen=True)
class Flapping:
    """It comes and goes: only its settling is told."""

    change: Change


@dataclass(frozen=True)
class NeverTold:
    """It ended, and nobody had heard that it began."""


Reason = News | HeldBackUntilNow | NothingNew | Silenced | ForStatusOnly | Flapping | NeverTold


@dataclass(frozen=True, kw_only=True)
class Decision:
    """`operations` in the order they are said; `mention` are the ids that a message may notify; `page` what those who
    are paged are told. `owed`: whether something worth telling is now held back.
    """

    notify: bool
    reason: Reason
    operations: tuple[Operation, ...] = ()
    mention: tuple[str, ...] = ()
    page: PageEvent | None = None
    owed: bool = False


def decide(
    transition: Transition,
    *,
    silences: Sequence[Silence],
    rule: Rule,
    oncall: Sequence[str],
    now: datetime,
    notify: Mapping[Severity, tuple[Telling, ...]] = NOTIFY,
    labels: Mapping[str, str] | None = None,
) -> Decision:
    """Decide what is said of a transition; `notify` says how a severity is told where its rule does not, `labels` are
    those of its host.

    A silence holds back messages and replies; a card that stands is still kept true, since an edit notifies nobody.
    An end is told only where the beginning was. An acknowledged alert mentions and pages nobody.
    """
    alert, change = transition.after, transition.change
    if alert is None:
        return Decision(notify=False, reason=NothingNew(change))
    telling = rule.telling(alert.severity, notify)
    if not alert.told and not any(way in OUT_LOUD for way in telling):
        return Decision(notify=False, reason=ForStatusOnly(alert.severity))
    silence = next(
        (one for one in silences if silence_covers(one, alert, labels=labels or {}, now=now)), None
    )
    in_hand = is_acknowledged(alert, now=now)
    mention = tuple(oncall) if Telling.MENTION in telling and not in_hand else ()
    decision = (_follow_up if alert.told else _open)(alert, change, silence, mention)
    return replace(
        decision, page=_page(alert, decision, change, pages=Telling.PAGE in telling and not in_hand)
    )


def _page(alert: Alert, decision: Decision, change: Change, *, pages: bool) -> PageEvent | None:
    """Return what those who are paged are told: what is said out loud, and the end of what they were told."""
    if change is Change.RESOLVED and alert.told:
        return PageEvent.RESOLVE if alert.paged and not alert.flapping else None
    news = Operation.POST in decision.operations or Operation.REPLY in decision.operations
    return PageEvent.TRIGGER if news and pages else None


def _open(alert: Alert, change: Change, silence: Silence | None, mention: tuple[str, ...]) -> Decision:
    """Decide for an alert that nobody has heard of."""
    if alert.status is AlertStatus.RESOLVED and change is Change.RESOLVED:
        return Decision(notify=False, reason=NeverTold())
    if alert.status not in LIVE:
        return Decision(notify=False, reason=NothingNew(change))
    if silence is not None:
        return Decision(notify=False, reason=Silenced(silence.id, silence.ends_at))
    if alert.status is AlertStatus.RECOVERING:  # it may be over in a moment: wait for the next round
        return Decision(notify=False, reason=NothingNew(change))
    fresh = change in (Change.FIRED, Change.REOPENED, Change.FLAPS)
    reason: Reason = News(change) if fresh else HeldBackUntilNow()
    return Decision(notify=True, reason=reason, operations=(Operation.POST,), mention=mention)


def _follow_up(alert: Alert, change: Change, silence: Silence | None, mention: tuple[str, ...]) -> Decision:
    """Decide for an alert whose card stands."""
    replied = change in REPLIED
    if alert.flapping and change in (Change.REOPENED, Change.RESOLVED):
        return Decision(notify=True, reason=Flapping(change), operations=(Operation.EDIT,), owed=alert.owed)
    if silence is not None:
        owed = alert.status in LIVE and (alert.owed or replied)
        edit = (Operation.EDIT,) if change in EDITED else ()
        reason = Silenced(silence.id, silence.ends_at)
        return Decision(notify=bool(edit), reason=reason, operations=edit, owed=owed)
    if change is Change.RESOLVED:
        mention = ()
    both = (Operation.EDIT, Operation.REPLY)
    if replied:
        return Decision(notify=True, reason=News(change), operations=both, mention=mention)
    if alert.owed and alert.status is AlertStatus.FIRING:
        return Decision(notify=True, reason=HeldBackUntilNow(), operations=both, mention=mention)
    if change in EDITED:
        return Decision(notify=True, reason=News(change), operations=(Operation.EDIT,), owed=alert.owed)
    return Decision(notify=False, reason=NothingNew(change), owed=alert.owed)
