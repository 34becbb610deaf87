"""Who may do what: one policy for every way in."""

from bot.domain.errors import NotAllowed
from bot.domain.invocations import Actor, Place
from bot.domain.settings import AccessPolicy, EvidenceAudience

LOOKING = frozenset(
    ("help", "status", "hosts", "inspect", "compare", "dump", "top", "logs", "history", "probe", "alerts", "timeline", "report", "who",
     "doctor", "diff")
)  # fmt: skip
TAKING_PART = frozenset(("ack", "noise", "real", "note", "review", "confirm", "cancel"))
"""A yes and a no are answered by the policy of what was asked, too."""
ACTING = frozenset(("silence", "unsilence", "restart", "run", "incident"))


def is_operator(actor: Actor, policy: AccessPolicy) -> bool:
    """Return whether the actor is an operator: named, of a named group, or a person on the bot's own machine."""
    return actor.local or actor.id in policy.operators or bool(actor.groups.intersection(policy.operators))


def authorize(
    actor: Actor, verb: str, *, policy: AccessPolicy, place: Place = Place.HOME, target: str = ""
) -> None:
    """Raise NotAllowed unless the actor may use the verb there. A verb that nobody listed is for operators.

    In a channel of other people nobody may: what is answered would be read by them all.
    """
    if place is Place.ELSEWHERE:
        raise NotAllowed(verb=verb, target=target, reason="elsewhere")
    if verb in LOOKING or verb in TAKING_PART:
        if actor.member or actor.local:
            return
        raise NotAllowed(verb=verb, target=target, reason="not_a_member")
    if is_operator(actor, policy):
        return
    raise NotAllowed(verb=verb, target=target, reason="not_an_operator", who=policy.operators)


def evidence_for(
    asker: Actor | None, policy: AccessPolicy, *, alone: bool = False
) -> EvidenceAudience | None:
    """Return who is shown what was read on a host: the channel, the asker alone, or None for nobody there.

    `asker` is None where the bot looked by itself: then it is the channel or nobody. `alone`: it was asked in direct
    messages, where the channel is the asker.
    """
    if policy.evidence is EvidenceAudience.CHANNEL:
        return EvidenceAudience.CHANNEL
    if asker is None or (policy.evidence is EvidenceAudience.OPERATORS and not is_operator(asker, policy)):
        return None
    return EvidenceAudience.CHANNEL if alone else EvidenceAudience.ASKER


def shown_to(asker: Actor, policy: AccessPolicy, *, verb: str, target: str) -> EvidenceAudience:
    """Return who is shown what was read for somebody who asked for nothing else. Raises NotAllowed where nobody is."""
    shown = evidence_for(asker, policy)
    if shown is None:
        raise NotAllowed(verb=verb, target=target, reason="evidence", who=policy.operators)
    return shown
